"""What clocks come to if nothing changes, from the instants that are stored with them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from domain.errors import BadCursor
from domain.sla.calendar import HOUR_MS
from domain.sla.forecast import HourLoad
from domain.sla.terms import SlaClockKind, SlaPhase, SlaSubjectKind
from models.reads.keyset import Key, Keyset
from models.reads.scope import Scope
from models.reads.sla_subject import ClockSource, clock_source
from models.reads.statement import rows
from models.reads.ticket import TicketFilter

# Those that run come first, by what they reach next; then those that pause, by what is left.
_RUNNING: Final = 0
_PAUSED: Final = 1
_COLUMNS: Final = """
    c.id, c.subject_id, c.kind, c.phase, c.target_ms - c.elapsed_ms AS left_ms, c.alert_at,
    c.breach_at, c.calendar
"""
_ALERTS_NEXT: Final = "c.alert_at > {now} AND c.alert_at <= {until}"
_BREACHES_NEXT: Final = "c.breach_at > {now} AND c.breach_at <= {until}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """How far is looked ahead, and for which subjects.

    wanted: only such tickets; None for all tickets and incidents.
    open_ms: how much of each calendar is open until then; a paused clock that has no
        more left would breach by then if it ran on.
    """

    now_ms: int
    until_ms: int
    open_ms: Mapping[str, int]
    wanted: TicketFilter | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """A clock, and when it reaches what it has not reached yet.

    left_ms: of its target, at the last look; a paused one has as much still.
    """

    id: int
    subject_id: str
    subject_kind: SlaSubjectKind
    kind: SlaClockKind
    phase: SlaPhase
    alert_ms: int | None
    breach_ms: int | None
    left_ms: int
    calendar: str

    @property
    def key(self) -> Key:
        """Return its place in the list; what moves with the present has no part in it."""
        if self.phase is SlaPhase.PAUSED:
            return _PAUSED, self.left_ms, self.id
        return _RUNNING, self.alert_ms or self.breach_ms, self.id


async def coming(scope: Scope, ahead: Ahead, keyset: Keyset) -> list[Coming]:
    """Return a page of the clocks that will reach something, in the direction of the list.

    Raises BadCursor. Cost: one statement (two with a search). It walks the indexes of
    both instants from now on, no further than until the page is full; a page that is not
    reads the paused clocks too. A rare filter walks further.
    """
    source = await clock_source(scope, ahead.wanted)
    walk = _Walk(source=source, position=_position(keyset))
    put = source.conditions.put
    now, until, limit = put(ahead.now_ms), put(ahead.until_ms), put(keyset.limit)
    soon = _ALERTS_NEXT.format(now=now, until=until)
    # What breaches before the last of these alerts and is no alert yet is among them.
    latest = f"""
        (SELECT CASE WHEN count(*) = {limit} THEN max(at) ELSE {until} END FROM soon)
    """  # noqa: S608 — places only
    late = f"{_BREACHES_NEXT.format(now=now, until=latest)} AND c.alert_at <= {now}"
    alerts = walk.by("c.alert_at", soon, place=_RUNNING)
    breaches = walk.by("c.breach_at", late, place=_RUNNING)
    # Nobody sees those that pause on a page that is full of others.
    last = f"{_resumable(source, ahead)} AND (SELECT count(*) FROM soon) < {limit}"  # noqa: S608 — names and places
    paused = walk.by("c.target_ms - c.elapsed_ms", last, place=_PAUSED)
    found = await rows(
        f"""
        WITH soon AS ({alerts} LIMIT {limit})
        SELECT * FROM soon
        UNION ALL SELECT * FROM ({breaches} LIMIT {limit}) AS late
        UNION ALL SELECT * FROM ({paused} LIMIT {limit}) AS paused
        ORDER BY place, at, id LIMIT {limit}
        """,  # noqa: S608 — names and places
        *source.conditions.values,
    )
    return [_coming_of(row, ahead) for row in found]


async def coming_count(scope: Scope, ahead: Ahead) -> int:
    """Count the clocks of the whole list. Cost: an index entry and a probe of each."""
    source = await clock_source(scope, ahead.wanted)
    now, until = source.conditions.put(ahead.now_ms), source.conditions.put(ahead.until_ms)
    alerts, breaches = (
        part.format(now=now, until=until) for part in (_ALERTS_NEXT, _BREACHES_NEXT)
    )
    parts = (alerts, f"{breaches} AND c.alert_at <= {now}", _resumable(source, ahead))
    counts = [f"(SELECT count(*) FROM {source.rows} AND {part})" for part in parts]  # noqa: S608 — names and places
    found = await rows(f"SELECT {' + '.join(counts)} AS n", *source.conditions.values)
    return int(found[0]["n"])


async def coming_load(scope: Scope, ahead: Ahead) -> list[HourLoad]:
    """Count by hours of UTC how many alert and breach, where any do. Cost: as the count."""
    source = await clock_source(scope, ahead.wanted)
    now, until = source.conditions.put(ahead.now_ms), source.conditions.put(ahead.until_ms)
    found = await rows(
        f"""
        SELECT hour, sum(alerts) AS alerts, sum(breaches) AS breaches FROM (
            SELECT c.alert_at / {HOUR_MS} AS hour, 1 AS alerts, 0 AS breaches
            FROM {source.rows} AND {_ALERTS_NEXT.format(now=now, until=until)}
            UNION ALL SELECT c.breach_at / {HOUR_MS}, 0, 1
            FROM {source.rows} AND {_BREACHES_NEXT.format(now=now, until=until)}
        ) AS due GROUP BY hour ORDER BY hour
        """,  # noqa: S608 — names and places
        *source.conditions.values,
    )
    return [
        HourLoad(
            start_ms=row["hour"] * HOUR_MS, alerts=int(row["alerts"]), breaches=int(row["breaches"])
        )
        for row in found
    ]


def _resumable(source: ClockSource, ahead: Ahead) -> str:
    """Return a condition: it pauses, and would breach by then if it ran on from now."""
    put = source.conditions.put
    fits = [
        f"(c.calendar = {put(name)} AND c.target_ms - c.elapsed_ms <= {put(open_ms)})"
        for name, open_ms in ahead.open_ms.items()
    ]
    little_left = " OR ".join(fits) or "FALSE"
    return f"c.phase = 'PAUSED' AND c.target_ms > c.elapsed_ms AND ({little_left})"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Walk:
    """Reads clocks past a position, by one column."""

    source: ClockSource
    position: Key | None

    def by(self, column: str, condition: str, *, place: int) -> str:
        """Return a SELECT of those that meet a condition, of one part of the list."""
        source, position = self.source, self.position
        past = ""
        if position is not None and position[0] == place:
            at, clock_id = (source.conditions.put(part) for part in position[1:])
            past = f"AND ({column}, c.id) > ({at}, {clock_id})"
        elif position is not None and position[0] > place:
            past = "AND FALSE"
        return f"""
            SELECT {place} AS place, {column} AS at, {source.subject_kind} AS subject_kind,
                {_COLUMNS}
            FROM {source.rows} AND {condition} {past} ORDER BY {column}, c.id
        """  # noqa: S608 — names and places


def _position(keyset: Keyset) -> Key | None:
    position = keyset.position
    if position is not None and [type(one) for one in position] != [int, int, int]:
        raise BadCursor("this cursor belongs to another list: begin again without it")
    return position


def _coming_of(row: Mapping[str, Any], ahead: Ahead) -> Coming:
    """Leave out of a row what has been reached already."""
    alert_ms, breach_ms = (
        at_ms if at_ms is not None and at_ms > ahead.now_ms else None
        for at_ms in (row["alert_at"], row["breach_at"])
    )
    return Coming(
        id=row["id"],
        subject_id=row["subject_id"],
        subject_kind=SlaSubjectKind(row["subject_kind"]),
        kind=SlaClockKind(row["kind"]),
        phase=SlaPhase(row["phase"]),
        alert_ms=alert_ms,
        breach_ms=breach_ms,
        left_ms=row["left_ms"],
        calendar=row["calendar"],
    )
