"""Tell how well promises were kept, over time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from itertools import pairwise
from operator import add
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from domain.errors import Invalid
from domain.sla.attainment import Kept, SlaAttainmentGroup, SlaAttainmentPeriod, cuts
from domain.sla.terms import SlaClockKind
from models.reads.scope import Scope
from models.reads.sla_attainment import Ended, ended
from models.reads.ticket import TicketFilter

# By period, the longest span: a hundred points are as much as a chart shows.
LONGEST: Final = {
    SlaAttainmentPeriod.DAY: timedelta(days=93),
    SlaAttainmentPeriod.WEEK: timedelta(weeks=106),
}
MOST_SERIES: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class AskAttainment:
    """A span, half open, how it is cut, by whose midnights, and what is told apart."""

    start: datetime
    end: datetime
    period: SlaAttainmentPeriod
    timezone: str = "UTC"
    group: SlaAttainmentGroup | None = None
    clock: SlaClockKind | None = None
    wanted: TicketFilter | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One period of a series."""

    since: datetime
    until: datetime
    kept: Kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One kind of clock of one group; ``kept`` is that of all points."""

    kind: SlaClockKind
    group: str | None
    kept: Kept
    points: tuple[Point, ...]


async def attainment(scope: Scope, ask: AskAttainment) -> list[Series]:
    """Return the series with the most ended clocks first, as many as can be shown.

    Raises Invalid. Cost: that of ``ended``.
    """
    if not ask.start < ask.end:
        raise Invalid("range ends before it begins", path=("range", "to"))
    if ask.end - ask.start > LONGEST[ask.period]:
        days = LONGEST[ask.period].days
        raise Invalid(f"by {ask.period} the range has at most {days} days", path=("range",))
    points = cuts(ask.start, ask.end, ask.period, _zone(ask.timezone))
    found = await ended(scope, points, group=ask.group, wanted=ask.wanted)
    apart: dict[tuple[SlaClockKind, str | None], list[Ended]] = {}
    for one in found:
        if ask.clock in {None, one.kind}:
            apart.setdefault((one.kind, one.group), []).append(one)
    series = [_series(kind, group, of, points) for (kind, group), of in apart.items()]
    series.sort(key=lambda one: (-one.kept.met - one.kept.breached, one.kind, one.group or ""))
    return series[:MOST_SERIES]


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        message = f'no time zone is called "{name[:80]}"; write one of IANA\'s, as in Europe/Berlin'
        raise Invalid(message, path=("timezone",)) from None


def _series(
    kind: SlaClockKind, group: str | None, found: list[Ended], points: list[datetime]
) -> Series:
    by_start = {one.since: one.kept for one in found}
    return Series(
        kind=kind,
        group=group,
        kept=reduce(add, by_start.values(), Kept()),
        points=tuple(
            Point(since=since, until=until, kept=by_start.get(since, Kept()))
            for since, until in pairwise(points)
        ),
    )
