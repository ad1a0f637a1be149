"""Which addresses an integration may point to."""

from adapters.outgoing import check_base_url
from domain.errors import Invalid
from operations.runtime import Runtime


def vendor_url(text: str, runtime: Runtime) -> str:
    """Return a base URL in its normal form.

    Raises Invalid for anything but https, or http to this very machine where
    the settings allow local vendors (the demo).
    """
    base_url = check_base_url(text)
    if base_url.startswith("http:") and not runtime.allows_local_vendors:
        raise Invalid("the base URL must begin with https://", path=("baseUrl",))
    return base_url
