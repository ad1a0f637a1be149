"""Which changes may have to do with an incident, and how surely."""

from datetime import timedelta
from typing import Final

# A change that ended longer before the incident began has nothing to do with it.
WINDOW: Final = timedelta(hours=24)
# A vendor names the change as the incident's cause or cure.
NAMED: Final = 100

_SHARED_SERVICE: Final = 60
_PER_HOP: Final = 20
_JUST_ENDED: Final = 40


def confidence(*, hops: int, since_end: timedelta) -> int:
    """Return how surely a change has to do with an incident, 40 to 100.

    hops: 0 when they share a service, 1 when the incident's service depends on
        one of the change's.
    since_end: from the change's end to the incident's beginning, at most
        ``WINDOW``; zero or less when the change had not ended.
    """
    left = WINDOW - max(since_end, timedelta(0))
    return _SHARED_SERVICE - _PER_HOP * hops + _JUST_ENDED * left // WINDOW
