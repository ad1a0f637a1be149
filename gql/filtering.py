"""What the filters of all lists share."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

import strawberry

from domain.errors import Invalid
from gql.nodes import filter_key

# More than anybody picks by hand.
MOST_SERVICES: Final = 100
# More than anybody types; what a search costs grows with its words.
LONGEST_SEARCH: Final = 200

SEARCH: Final = (
    "With all of these words in its title or number, in any case; "
    "the last word may be a beginning. At most 200 characters."
)


@strawberry.input(description="A span of time; an end that is left out is open.")
class TimeRange:
    """A span, half open."""

    from_: datetime | None = strawberry.field(
        name="from", description="The first instant of it.", default=None
    )
    to: datetime | None = strawberry.field(description="The first instant after it.", default=None)


def service_keys(ids: Iterable[str] | None) -> list[str] | None:
    """Return the keys of a filter's services. Raises Invalid for another type's id, or too many."""
    if ids is None:
        return None
    keys = [
        filter_key(one, "Service", path=("filter", "serviceIds", str(place)))
        for place, one in enumerate(ids)
    ]
    if len(keys) > MOST_SERVICES:
        raise Invalid(f"at most {MOST_SERVICES} services", path=("filter", "serviceIds"))
    return keys


def search_text(text: str | None, *path: str) -> str | None:
    """Return what is searched. Raises Invalid at ``path`` for a text that is too long."""
    if text is not None and len(text) > LONGEST_SEARCH:
        raise Invalid(f"at most {LONGEST_SEARCH} characters", path=path)
    return text
