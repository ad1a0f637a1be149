"""What is recorded of one field of incidents besides its edits."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from domain.exchange import ConflictKind, ConflictStatus, ConflictStrategy, WarningCode, WriteState
from domain.records import Direction, FieldValue, IntegrationState
from domain.sync.explain import Dispute, Waiting
from models.coding import MILLISECOND, dumps, from_milliseconds, instant, loads
from models.reads.conditions import Conditions
from models.reads.scope import Scope
from models.reads.statement import one_of, rows

_CONFLICT: Final = """
    c.id, c.incident_id, c.number, c.field, c.kind, c.status, c.strategy, c.warning,
    c.platform_value, c.platform_edited_at, c.platform_edited_by, c.external_value,
    c.external_edited_at, c.resolved_by, n.key, n.conflict_window_ms
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What a vendor is known to hold of a field.

    value: as of ``known_at``, the vendor's time of its record's version.
    seen: the field's greatest version that the vendor is known to have had.
    accepted: the version and the vendor's value that a person let stand side by side.
    """

    integration_id: str
    provider: str
    direction: Direction
    value: FieldValue
    known_at: datetime
    seen: int
    accepted: tuple[int, FieldValue] | None


async def held(incident_ids: Collection[str], *, field: str) -> dict[str, list[Held]]:
    """Return it for all links of each incident, the oldest first.

    Of all, whoever reads: owners are found among all. What is shown is to be chosen
    by the reader's scope. Cost: one statement.
    """
    conditions = Conditions()
    conditions.add(one_of("l.incident_id", conditions.put(dumps(sorted(incident_ids)))))
    found = await rows(
        f"""
        SELECT l.incident_id, l.integration_id, l.base, l.dealings, l.known_at, n.provider,
            n.direction
        FROM incident_link l JOIN integration n ON n.id = l.integration_id
        WHERE {conditions.where} ORDER BY l.id
        """,  # noqa: S608 — names and places
        *conditions.values,
    )
    by_incident: dict[str, list[Held]] = {one: [] for one in incident_ids}
    for row in found:
        dealing = loads(row["dealings"]).get(field, {})
        accepted = dealing.get("accepted")
        by_incident[row["incident_id"]].append(
            Held(
                integration_id=row["integration_id"],
                provider=row["provider"],
                direction=Direction(row["direction"]),
                value=loads(row["base"]).get(field),
                known_at=from_milliseconds(row["known_at"]),
                seen=(dealing.get("ack") or (0,))[0],
                accepted=None
                if accepted is None
                else (int(accepted["version"]), accepted["value"]),
            )
        )
    return by_incident


async def made_here(incident_ids: Collection[str]) -> frozenset[str]:
    """Return those of the incidents that somebody created here.

    Their first version has edits of its own. Cost: one statement over their edits.
    """
    conditions = Conditions()
    conditions.add(one_of("incident_id", conditions.put(dumps(sorted(incident_ids)))))
    conditions.add("version = 1")
    conditions.empty("integration_id")
    found = await rows(
        f"SELECT DISTINCT incident_id FROM edit WHERE {conditions.where}",  # noqa: S608 — names and places
        *conditions.values,
    )
    return frozenset(row["incident_id"] for row in found)


async def disputes(
    scope: Scope, incident_ids: Collection[str], *, field: str | None = None
) -> dict[str, list[Dispute]]:
    """Return the conflicts of each incident, over one field or any. Cost: one statement."""
    conditions = Conditions()
    conditions.add(one_of("c.incident_id", conditions.put(dumps(sorted(incident_ids)))))
    if field is not None:
        conditions.add(f"c.field = {conditions.put(field)}")
    conditions.see(scope, "c.integration_id")
    found = await rows(
        f"""
        SELECT {_CONFLICT} FROM conflict c JOIN integration n ON n.id = c.integration_id
        WHERE {conditions.where} ORDER BY c.id
        """,  # noqa: S608 — names and places
        *conditions.values,
    )
    by_incident: dict[str, list[Dispute]] = {one: [] for one in incident_ids}
    for row in found:
        by_incident[row["incident_id"]].append(_dispute_of(row))
    return by_incident


async def waiting(
    scope: Scope, incident_ids: Collection[str], *, field: str
) -> dict[str, list[Waiting]]:
    """Return the writes of a field that have not arrived, dead ones too.

    Cost: one statement; it reads all such writes of these incidents.
    """
    conditions = Conditions()
    conditions.add(one_of("l.incident_id", conditions.put(dumps(sorted(incident_ids)))))
    states = conditions.put_all((WriteState.READY, WriteState.DEAD))
    # The comparison keeps SQLite from reading the whole backlog by the index of states.
    conditions.add(f"(o.state IN ({states})) = TRUE")
    conditions.see(scope, "l.integration_id")
    found = await rows(
        f"""
        SELECT l.incident_id, o.state, o.fields, o.attempt, o.number, l.due_at, l.is_blocked,
            n.key, n.is_enabled, n.state AS health
        FROM lane l JOIN outbox o ON o.lane_id = l.id
            JOIN integration n ON n.id = l.integration_id
        WHERE {conditions.where} ORDER BY o.seq
        """,  # noqa: S608 — names and places
        *conditions.values,
    )
    by_incident: dict[str, list[Waiting]] = {one: [] for one in incident_ids}
    for row in found:
        if field in loads(row["fields"]):
            by_incident[row["incident_id"]].append(_waiting_of(row))
    return by_incident


def _dispute_of(row: Mapping[str, Any]) -> Dispute:
    return Dispute(
        id=row["id"],
        number=row["number"],
        field=row["field"],
        side=row["key"],
        kind=ConflictKind(row["kind"]),
        status=ConflictStatus(row["status"]),
        strategy=ConflictStrategy(row["strategy"]),
        warning=None if row["warning"] is None else WarningCode(row["warning"]),
        window=row["conflict_window_ms"] * MILLISECOND,
        ours=_value(row["platform_value"]),
        ours_at=from_milliseconds(row["platform_edited_at"]),
        ours_by=row["platform_edited_by"],
        theirs=_value(row["external_value"]),
        theirs_at=from_milliseconds(row["external_edited_at"]),
        resolved_by=row["resolved_by"],
    )


def _waiting_of(row: Mapping[str, Any]) -> Waiting:
    is_dead = row["state"] == WriteState.DEAD
    return Waiting(
        side=row["key"],
        attempt=row["attempt"] + 1,
        due_at=None if row["is_blocked"] else instant(row["due_at"]),
        entry=row["number"] if is_dead else None,
        is_held=not row["is_enabled"] or row["health"] == IntegrationState.PARKED,
    )


def _value(stored: str | None) -> FieldValue:
    value: FieldValue = None if stored is None else loads(stored)
    return value
