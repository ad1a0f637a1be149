"""Alerts that subjects have raised, one by one and in lists."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from domain.records import Priority
from domain.sla import alerts as rules
from domain.sla.terms import AlertLevel, SlaClockKind, SlaSubjectKind
from models.coding import MILLISECOND, dumps, from_milliseconds, instant, milliseconds
from models.reads.conditions import Conditions
from models.reads.keyset import ID, Column, Keyset
from models.reads.scope import Scope
from models.reads.statement import one_of, rows
from models.transaction import Transaction

KEY: Final = (Column(name="raised_at", type=datetime), ID)
_COLUMNS: Final = """
    a.id, a.key, a.subject_id, a.clock, a.cycle, a.target_ms, a.level, a.percent, a.crossed_at,
    a.raised_at, a.escalation_level, a.is_suppressed, a.acknowledged_at, a.acknowledged_by,
    a.snoozed_until, a.snoozed_by,
    CASE WHEN t.id IS NULL THEN 'INCIDENT' ELSE 'TICKET' END AS subject_kind,
    CASE WHEN a.is_suppressed THEN (
        SELECT max(b.raised_at) FROM alert b
        WHERE b.subject_id = a.subject_id AND b.raised_at <= a.raised_at
            AND b.clock = a.clock AND b.level = a.level AND NOT b.is_suppressed
    ) END AS told_at
"""
# An alert is shown with its subject only, and to whom that may be shown.
ALERTS: Final = """
    alert a LEFT JOIN ticket t ON t.id = a.subject_id LEFT JOIN incident i ON i.id = a.subject_id
"""
# A ticket's tier is its own, an incident's that of its most critical service (rule S13).
_TIER: Final = """
    coalesce(t.tier, (
        SELECT min(v.criticality) FROM incident_asset o JOIN asset v ON v.id = o.asset_id
        WHERE o.incident_id = i.id AND v.deleted_at IS NULL
    ), '')
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """A threshold that a clock has reached, and what people have said to it since.

    told_at: of a suppressed one, when the like of it was told.
    """

    id: str
    key: str
    subject_id: str
    subject_kind: SlaSubjectKind
    clock: SlaClockKind
    cycle: int
    target: timedelta
    level: AlertLevel
    percent: float
    crossed_at: datetime
    raised_at: datetime
    escalation_level: int
    is_suppressed: bool
    told_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    snoozed_until: datetime | None
    snoozed_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFilter:
    """What alerts must all have; None asks nothing, an empty set matches none.

    raised_from is inclusive, raised_to is not. priorities, tiers: the subject's now.
    """

    levels: frozenset[AlertLevel] | None = None
    clock: SlaClockKind | None = None
    subject_id: str | None = None
    priorities: frozenset[Priority] | None = None
    tiers: frozenset[str] | None = None
    with_suppressed: bool = False
    raised_from: datetime | None = None
    raised_to: datetime | None = None

    def restrict(self, conditions: Conditions) -> None:
        """Add all conditions."""
        for column, wanted in (
            ("a.level", self.levels),
            ("coalesce(t.priority, i.priority)", self.priorities),
            (_TIER, self.tiers),
        ):
            if wanted is not None:
                conditions.add(f"{column} IN ({conditions.put_all(sorted(wanted))})")
        for column, comparison, value in (
            ("a.clock", "=", self.clock),
            ("a.subject_id", "=", self.subject_id),
            ("a.raised_at", ">=", milliseconds(self.raised_from)),
            ("a.raised_at", "<", milliseconds(self.raised_to)),
        ):
            if value is not None:
                conditions.add(f"{column} {comparison} {conditions.put(value)}")
        if not self.with_suppressed:
            conditions.add("NOT a.is_suppressed")


TOLD_ONES: Final = AlertFilter()


async def alerts(scope: Scope, ids: Collection[str]) -> dict[str, Alert]:
    """Return alerts by id. Cost: an index probe an id."""
    conditions = visible_alerts(scope)
    conditions.add(one_of("a.id", conditions.put(dumps(sorted(ids)))))
    return {one.id: one for one in await _selected(conditions)}


async def alert_page(scope: Scope, wanted: AlertFilter, keyset: Keyset) -> list[Alert]:
    """Return a page of alerts, in the direction of reading.

    Cost: one statement that walks the index of when they were raised, or of a
    subject's, until the page is full.
    """
    conditions = visible_alerts(scope)
    wanted.restrict(conditions)
    keyset.restrict(conditions, KEY, "a")
    limit = conditions.put(keyset.limit)
    return await _selected(conditions, f"ORDER BY {keyset.order_by(KEY, 'a')} LIMIT {limit}")


async def alert_count(scope: Scope, wanted: AlertFilter) -> int:
    """Count alerts. Cost: reads each of them."""
    conditions = visible_alerts(scope)
    wanted.restrict(conditions)
    found = await rows(
        f"SELECT count(*) AS n FROM {ALERTS} WHERE {conditions.where}",  # noqa: S608 — names and places
        *conditions.values,
    )
    return int(found[0]["n"])


async def alert_matches(scope: Scope, wanted: AlertFilter, alert_id: str) -> bool:
    """Say whether an alert is such and in scope. Cost: one index probe."""
    conditions = visible_alerts(scope)
    wanted.restrict(conditions)
    conditions.add(f"a.id = {conditions.put(alert_id)}")
    return bool(await _selected(conditions))


async def alert_pages(
    scope: Scope, subject_ids: Collection[str], keyset: Keyset
) -> dict[str, list[Alert]]:
    """Return a page of alerts for each subject, suppressed ones too, in the direction of reading.

    Cost: one statement; it reads the alerts of these subjects past the position.
    """
    conditions = _of_subjects(scope, subject_ids)
    keyset.restrict(conditions, KEY, "a")
    found = await rows(
        f"""
        SELECT * FROM (
            SELECT {_COLUMNS}, row_number() OVER (
                PARTITION BY a.subject_id ORDER BY {keyset.order_by(KEY, "a")}
            ) AS place
            FROM {ALERTS} WHERE {conditions.where}
        ) AS ranked WHERE place <= {conditions.put(keyset.limit)} ORDER BY subject_id, place
        """,  # noqa: S608 — names and places
        *conditions.values,
    )
    pages: dict[str, list[Alert]] = {one: [] for one in subject_ids}
    for row in found:
        pages[row["subject_id"]].append(_alert_of(row))
    return pages


async def alert_counts(scope: Scope, subject_ids: Collection[str]) -> dict[str, int]:
    """Count the alerts of each subject, suppressed ones too. Cost: reads each of them."""
    conditions = _of_subjects(scope, subject_ids)
    found = await rows(
        f"""
        SELECT a.subject_id, count(*) AS n FROM {ALERTS} WHERE {conditions.where}
        GROUP BY a.subject_id
        """,  # noqa: S608 — names and places
        *conditions.values,
    )
    return {row["subject_id"]: int(row["n"]) for row in found}


def visible_alerts(scope: Scope) -> Conditions:
    """Begin with what one may see: alerts of tickets and incidents that are there, in scope."""
    conditions = Conditions()
    ticket = conditions.records_seen(scope, "ticket", "t.id")
    incident = conditions.records_seen(scope, "incident", "i.id")
    conditions.add(f"((t.id IS NOT NULL AND {ticket}) OR (i.id IS NOT NULL AND {incident}))")
    return conditions


def _of_subjects(scope: Scope, subject_ids: Collection[str]) -> Conditions:
    conditions = visible_alerts(scope)
    conditions.add(one_of("a.subject_id", conditions.put(dumps(sorted(subject_ids)))))
    return conditions


async def _selected(conditions: Conditions, tail: str = "") -> list[Alert]:
    found = await rows(
        f"SELECT {_COLUMNS} FROM {ALERTS} WHERE {conditions.where} {tail}",  # noqa: S608 — names and places
        *conditions.values,
    )
    return [_alert_of(row) for row in found]


def _alert_of(row: Mapping[str, Any]) -> Alert:
    return Alert(
        id=row["id"],
        key=row["key"],
        subject_id=row["subject_id"],
        subject_kind=SlaSubjectKind(row["subject_kind"]),
        clock=SlaClockKind(row["clock"]),
        cycle=row["cycle"],
        target=row["target_ms"] * MILLISECOND,
        level=AlertLevel(row["level"]),
        percent=row["percent"],
        crossed_at=from_milliseconds(row["crossed_at"]),
        raised_at=from_milliseconds(row["raised_at"]),
        escalation_level=row["escalation_level"],
        is_suppressed=bool(row["is_suppressed"]),
        told_at=instant(row["told_at"]),
        acknowledged_at=instant(row["acknowledged_at"]),
        acknowledged_by=row["acknowledged_by"],
        snoozed_until=instant(row["snoozed_until"]),
        snoozed_by=row["snoozed_by"],
    )


async def alerts_of(tx: Transaction, subject_ids: Sequence[str]) -> dict[str, list[rules.Alert]]:
    """Return what subjects have raised, the oldest first, by the subject's id.

    Cost: one statement.
    """
    found = await tx.rows(
        f"""
        SELECT * FROM alert WHERE {tx.one_of("subject_id", "$1")} ORDER BY raised_at, id
        """,  # noqa: S608 — names are ours
        dumps(subject_ids),
    )
    raised: dict[str, list[rules.Alert]] = {}
    for row in found:
        raised.setdefault(row["subject_id"], []).append(_rule_of(row))
    return raised


def _rule_of(row: Mapping[str, Any]) -> rules.Alert:
    return rules.Alert(
        key=row["key"],
        kind=SlaClockKind(row["clock"]),
        cycle=row["cycle"],
        target_ms=row["target_ms"],
        level=AlertLevel(row["level"]),
        percent=row["percent"],
        crossed_ms=row["crossed_at"],
        raised_ms=row["raised_at"],
        escalation_level=row["escalation_level"],
        is_suppressed=bool(row["is_suppressed"]),
        acknowledged_ms=row["acknowledged_at"],
        snoozed_until_ms=row["snoozed_until"],
    )
