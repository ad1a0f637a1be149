"""What a schedule asks of a vendor: its people's deeds, its oddities, and what it then holds."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from email.utils import format_datetime
from random import Random
from typing import Any, Final, Protocol

from domain.records import RecordKind
from simulators.misfortune import Fault, Kind, Misfortunes


class Switches(Protocol):
    """Those settings of a vendor that all of them have."""

    skew: timedelta


class Site(Protocol):
    """What the simulators have in common."""

    misfortunes: Misfortunes

    def now(self) -> datetime:
        """Return the vendor's time."""
        ...


class Life(Protocol):
    """One vendor, ready to be mirrored; all that happens to it is chosen by the seed.

    provider: the key of its manifest.
    kinds: what is mirrored of it in this life, incidents always.
    sites: the simulator, as ``World`` takes it.
    untold: fields whose changes its history may leave out.
    waits: seconds that may pass between two runs.
    may_step_back: the vendor's clock may be set back, and not only ahead.
    """

    provider: str
    kinds: frozenset[RecordKind]
    sites: Mapping[str, Any]
    untold: frozenset[str]
    waits: Sequence[float]
    may_step_back: bool

    @property
    def site(self) -> Site:
        """The simulator."""
        ...

    @property
    def switches(self) -> Switches:
        """Its settings."""
        ...

    def watch(self, asked: Callable[[], None], read: Callable[[], None]) -> None:
        """Tell of each request before it is served, and of each page before it is answered."""
        ...

    def act(self) -> str:
        """Change something, as one of the vendor's people; say what."""
        ...

    def faults(self) -> Sequence[Fault]:
        """Return what may go wrong with an answer, beside ``FAULTS``."""
        ...

    def calm(self) -> None:
        """End the oddities; what is late arrives."""
        ...

    def records(self, kind: RecordKind) -> Mapping[str, str]:
        """Return the titles of all records that can be read, by external id."""
        ...

    async def differences(self) -> Sequence[str]:
        """Return in what the mirror is not the vendor's store, by rules of this vendor alone."""
        ...


# Seconds that a vendor's clock may be ahead.
SKEWS: Final = (-90.0, -3.0, 0.0, 90.0)
FAULTS: Final = (
    Fault(kind=Kind.ERROR),
    Fault(kind=Kind.ERROR, status=503),
    Fault(kind=Kind.LOST),
    Fault(kind=Kind.TRUNCATED),
    Fault(kind=Kind.THROTTLED),
    Fault(kind=Kind.THROTTLED, detail="7"),
)


class Stamps:
    """Lets a field of a record change once within a stamp.

    Where a vendor counts no versions, a change that is taken back within one
    stamp leaves nothing to be seen.
    """

    def __init__(self) -> None:
        """Remember nothing yet."""
        self._seen: set[tuple[str, str, datetime]] = set()

    def is_first(self, record: str, field: str, stamp: datetime) -> bool:
        """Say whether a field of a record has not changed within this stamp, and note it."""
        mark = (record, field, stamp)
        is_first = mark not in self._seen
        self._seen.add(mark)
        return is_first


def until(at: datetime) -> Fault:
    """Return a refusal that names the time at which it ends."""
    return Fault(kind=Kind.THROTTLED, detail=format_datetime(at, usegmt=True))


def chosen(chance: Random, others: Sequence[RecordKind]) -> frozenset[RecordKind]:
    """Return incidents, and in half of the lives one more kind."""
    more = [chance.choice(others)] if chance.random() < 0.5 else []
    return frozenset({RecordKind.INCIDENT, *more})
