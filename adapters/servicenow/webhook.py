"""What the business rule on an instance tells. Pure."""

from collections.abc import Mapping

from adapters.delivery import RawDelivery, Told
from adapters.servicenow.mapping import Translation
from domain.records import RecordKind


def read(delivery: RawDelivery, words: Mapping[RecordKind, Translation]) -> Told:
    """Read a delivery."""
    del delivery, words
    return ()
