"""Conflicts between both sides, one by one and in lists."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from domain.exchange import ConflictKind, ConflictStatus, ConflictStrategy, WarningCode
from domain.records import FieldValue
from models.coding import dumps, from_milliseconds, instant, loads
from models.reads.conditions import Conditions
from models.reads.keyset import ID, Column, Keyset
from models.reads.scope import Scope
from models.reads.statement import one_of, rows

KEY: Final = (Column(name="detected_at", type=datetime), ID)
_COLUMNS: Final = """
    c.id, c.number, c.incident_id, c.integration_id, c.field, c.kind, c.status, c.version,
    c.base_value, c.platform_value, c.external_value, c.platform_edited_at,
    c.platform_edited_by, c.external_edited_at, c.external_edited_by, c.strategy, c.warning,
    c.detected_at, c.resolved_at, c.resolved_by
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Two edits of one field that had not seen each other."""

    id: str
    number: int
    incident_id: str
    integration_id: str
    field: str
    kind: ConflictKind
    status: ConflictStatus
    version: int
    base_value: FieldValue
    platform_value: FieldValue
    external_value: FieldValue
    platform_edited_at: datetime
    platform_edited_by: str
    external_edited_at: datetime
    external_edited_by: str | None
    strategy: ConflictStrategy
    warning: WarningCode | None
    detected_at: datetime
    resolved_at: datetime | None
    resolved_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictFilter:
    """What conflicts must all have; None asks nothing, an empty set matches none.

    assignee: who works on the incident.
    """

    statuses: frozenset[ConflictStatus] | None = None
    kinds: frozenset[ConflictKind] | None = None
    integration_id: str | None = None
    incident_id: str | None = None
    field: str | None = None
    assignee: str | None = None

    def of_open_ones(self) -> "ConflictFilter":
        """Return the filter for those of them that are open."""
        statuses = frozenset({ConflictStatus.OPEN})
        return replace(
            self, statuses=statuses if self.statuses is None else statuses & self.statuses
        )

    def restrict(self, conditions: Conditions) -> None:
        """Add all conditions but that of the status."""
        if self.kinds is not None:
            conditions.add(f"c.kind IN ({conditions.put_all(sorted(self.kinds))})")
        for column, wanted in (
            ("c.integration_id", self.integration_id),
            ("c.incident_id", self.incident_id),
            ("c.field", self.field),
            ("i.assignee", self.assignee),
        ):
            if wanted is not None:
                conditions.add(f"{column} = {conditions.put(wanted)}")


EVERY_CONFLICT: Final = ConflictFilter()
OPEN_ONES: Final = ConflictFilter(statuses=frozenset({ConflictStatus.OPEN}))


async def conflicts(scope: Scope, ids: Collection[str]) -> dict[str, Conflict]:
    """Return conflicts by id. Cost: one index probe an id."""
    conditions = _visible(scope)
    conditions.add(one_of("c.id", conditions.put(dumps(sorted(ids)))))
    return {one.id: one for one in await _selected(conditions)}


async def conflict_numbered(scope: Scope, number: int) -> Conflict | None:
    """Return the conflict of a number. Cost: one index probe."""
    conditions = _visible(scope)
    conditions.add(f"c.number = {conditions.put(number)}")
    found = await _selected(conditions)
    return found[0] if found else None


async def conflict_page(scope: Scope, wanted: ConflictFilter, keyset: Keyset) -> list[Conflict]:
    """Return a page of conflicts, in the direction of reading.

    Cost: one statement. The index of each status is walked until the page is
    full, and the walks are merged.
    """
    conditions = _visible(scope)
    wanted.restrict(conditions)
    keyset.restrict(conditions, KEY, "c")
    ordered, limit = f"ORDER BY {keyset.order_by(KEY)}", conditions.put(keyset.limit)
    statuses = sorted(ConflictStatus if wanted.statuses is None else wanted.statuses)
    walks = [
        f"""
        SELECT * FROM (
            SELECT {_COLUMNS} FROM conflict c JOIN incident i ON i.id = c.incident_id
            WHERE {conditions.where} AND c.status = {conditions.put(status)}
            ORDER BY {keyset.order_by(KEY, "c")} LIMIT {limit}
        ) AS walk
        """  # noqa: S608 — names and places
        for status in statuses
    ]
    if not walks:
        return []
    found = await rows(f"{' UNION ALL '.join(walks)} {ordered} LIMIT {limit}", *conditions.values)
    return [_conflict_of(row) for row in found]


async def conflict_count(scope: Scope, wanted: ConflictFilter) -> int:
    """Count conflicts. Cost: reads an index entry of each."""
    conditions = _matching(scope, wanted)
    found = await rows(
        f"""
        SELECT count(*) AS n FROM conflict c JOIN incident i ON i.id = c.incident_id
        WHERE {conditions.where}
        """,  # noqa: S608 — names and places
        *conditions.values,
    )
    return int(found[0]["n"])


async def conflict_matches(scope: Scope, wanted: ConflictFilter, conflict_id: str) -> bool:
    """Say whether a conflict is such and in scope. Cost: one index probe."""
    conditions = _matching(scope, wanted)
    conditions.add(f"c.id = {conditions.put(conflict_id)}")
    return bool(await _selected(conditions))


async def conflict_pages(
    scope: Scope, incident_ids: Collection[str], wanted: ConflictFilter, keyset: Keyset
) -> dict[str, list[Conflict]]:
    """Return a page of conflicts for each incident, in the direction of reading.

    Cost: one statement; it reads the conflicts of these incidents past the position.
    """
    conditions = _of_incidents(scope, incident_ids, wanted)
    keyset.restrict(conditions, KEY, "c")
    found = await rows(
        f"""
        SELECT * FROM (
            SELECT {_COLUMNS}, row_number() OVER (
                PARTITION BY c.incident_id ORDER BY {keyset.order_by(KEY, "c")}
            ) AS place
            FROM conflict c JOIN incident i ON i.id = c.incident_id WHERE {conditions.where}
        ) AS ranked WHERE place <= {conditions.put(keyset.limit)} ORDER BY incident_id, place
        """,  # noqa: S608 — names and places
        *conditions.values,
    )
    pages: dict[str, list[Conflict]] = {one: [] for one in incident_ids}
    for row in found:
        pages[row["incident_id"]].append(_conflict_of(row))
    return pages


async def conflict_counts(
    scope: Scope, incident_ids: Collection[str], wanted: ConflictFilter
) -> dict[str, int]:
    """Count the conflicts of each incident. Cost: reads each of them."""
    conditions = _of_incidents(scope, incident_ids, wanted)
    found = await rows(
        f"""
        SELECT c.incident_id, count(*) AS n FROM conflict c
        JOIN incident i ON i.id = c.incident_id WHERE {conditions.where} GROUP BY c.incident_id
        """,  # noqa: S608 — names and places
        *conditions.values,
    )
    return {row["incident_id"]: int(row["n"]) for row in found}


async def open_by_field(
    scope: Scope, incident_ids: Collection[str]
) -> dict[str, dict[str, Conflict]]:
    """Return the open conflict of each field of each incident, the oldest of several.

    Cost: one statement; it reads the conflicts of these incidents.
    """
    conditions = _of_incidents(scope, incident_ids, EVERY_CONFLICT)
    conditions.add("c.open_slot = 1")
    standing: dict[str, dict[str, Conflict]] = {one: {} for one in incident_ids}
    for one in await _selected(conditions, "ORDER BY c.detected_at, c.id"):
        standing[one.incident_id].setdefault(one.field, one)
    return standing


def _visible(scope: Scope) -> Conditions:
    """Begin with what one may see: the conflict's integration, and its incident too."""
    conditions = Conditions()
    conditions.see(scope, "c.integration_id")
    conditions.see_records(scope, "incident", "c.incident_id")
    return conditions


def _matching(scope: Scope, wanted: ConflictFilter) -> Conditions:
    conditions = _visible(scope)
    if wanted.statuses is not None:
        conditions.add(f"c.status IN ({conditions.put_all(sorted(wanted.statuses))})")
    wanted.restrict(conditions)
    return conditions


def _of_incidents(
    scope: Scope, incident_ids: Collection[str], wanted: ConflictFilter
) -> Conditions:
    conditions = _matching(scope, wanted)
    conditions.add(one_of("c.incident_id", conditions.put(dumps(sorted(incident_ids)))))
    return conditions


async def _selected(conditions: Conditions, tail: str = "") -> list[Conflict]:
    found = await rows(
        f"""
        SELECT {_COLUMNS} FROM conflict c JOIN incident i ON i.id = c.incident_id
        WHERE {conditions.where} {tail}
        """,  # noqa: S608 — names and places
        *conditions.values,
    )
    return [_conflict_of(row) for row in found]


def _conflict_of(row: Mapping[str, Any]) -> Conflict:
    return Conflict(
        id=row["id"],
        number=row["number"],
        incident_id=row["incident_id"],
        integration_id=row["integration_id"],
        field=row["field"],
        kind=ConflictKind(row["kind"]),
        status=ConflictStatus(row["status"]),
        version=row["version"],
        base_value=_value(row["base_value"]),
        platform_value=_value(row["platform_value"]),
        external_value=_value(row["external_value"]),
        platform_edited_at=from_milliseconds(row["platform_edited_at"]),
        platform_edited_by=row["platform_edited_by"],
        external_edited_at=from_milliseconds(row["external_edited_at"]),
        external_edited_by=row["external_edited_by"],
        strategy=ConflictStrategy(row["strategy"]),
        warning=None if row["warning"] is None else WarningCode(row["warning"]),
        detected_at=from_milliseconds(row["detected_at"]),
        resolved_at=instant(row["resolved_at"]),
        resolved_by=row["resolved_by"],
    )


def _value(stored: str | None) -> FieldValue:
    value: FieldValue = None if stored is None else loads(stored)
    return value
