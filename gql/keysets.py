"""From a page's arguments to the rows to read."""

from gql.paging import Window
from models.reads.keyset import Keyset


def keyset(asked: Window, *, is_descending: bool) -> Keyset:
    """Return the rows of a window in a list of this order."""
    return Keyset(
        limit=asked.fetch,
        position=asked.position,
        is_descending=is_descending != asked.is_backward,
        skip=asked.skip,
    )
