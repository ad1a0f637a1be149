"""Refuses requests that another site's page makes a browser send."""

from collections.abc import Set as AbstractSet
from typing import Final

from starlette.datastructures import Headers

from gql.declined import Code, Declined, declined

_FOREIGN: Final = frozenset({"cross-site", "same-site"})
# A page cannot set one of these for another site without asking that site first.
_PREFLIGHT: Final = ("graphql-require-preflight", "x-requested-with", "apollo-require-preflight")


def check_origin(headers: Headers, allowed: AbstractSet[str]) -> None:
    """Refuse a foreign page. Raises Declined with status 403.

    Tokens travel in a header that no page sends by itself; this is the second
    lock, and the only one should a proxy in front turn cookies into tokens.
    """
    origin = headers.get("origin")
    site = headers.get("sec-fetch-site")
    if origin is not None:
        if not is_own(origin, headers.get("host", "")) and origin not in allowed:
            raise _foreign()
        return
    if site in _FOREIGN:
        raise _foreign()
    is_bare = "cookie" in headers and "authorization" not in headers and site is None
    if is_bare and not any(name in headers for name in _PREFLIGHT):
        raise _foreign()


def is_own(origin: str, host: str) -> bool:
    """Return whether a page's origin is the host that it asks, in either scheme."""
    return origin in (f"https://{host}", f"http://{host}")


def _foreign() -> Declined:
    return declined("Pages of other sites may not ask here.", Code.FORBIDDEN, status=403)
