"""What an account's webhook subscriptions tell. Pure."""

from adapters.delivery import RawDelivery, Told
from adapters.pagerduty.terms import Terms


def read(delivery: RawDelivery, terms: Terms) -> Told:
    """Read a delivery."""
    del delivery, terms
    return ()
