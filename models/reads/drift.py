"""Plans of reconciliation, their items, and when they are made."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from domain.exchange import DriftAction, DriftOutcome, DriftStatus
from domain.records import FieldValue
from models.coding import dumps, from_milliseconds, instant, loads
from models.reads.conditions import Conditions
from models.reads.keyset import ID, Column, Keyset
from models.reads.scope import Scope
from models.reads.statement import one_of, rows

KEY: Final = (Column(name="created_at", type=datetime), ID)
ITEM_KEY: Final = (Column(name="place", type=int), ID)
_COLUMNS: Final = """
    p.id, p.integration_id, p.status, p.hash, p.is_scheduled, p.heals, p.compared,
    p.item_count, p.healed, p.requested_by, p.created_at, p.ready_at, p.healed_at, p.error
"""
_ITEM_COLUMNS: Final = """
    d.id, d.plan_id, d.place, d.incident_id, d.external_id, d.field, d.platform_value,
    d.external_value, d.action, d.outcome, d.because
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What differs between both sides, and what becomes of it.

    hash: None until it is ready. heals: its healing was asked for.
    """

    id: str
    integration_id: str
    status: DriftStatus
    hash: str | None
    is_scheduled: bool
    heals: bool
    compared: int
    item_count: int
    healed: int
    requested_by: str
    created_at: datetime
    ready_at: datetime | None
    healed_at: datetime | None
    error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A field, or a whole record, that differs.

    incident_id: None for a record that is not here; external_id: for one that is not there.
    """

    id: str
    place: int
    incident_id: str | None
    external_id: str | None
    field: str
    platform_value: FieldValue
    external_value: FieldValue
    action: DriftAction
    outcome: DriftOutcome
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """How often an integration is reconciled by itself."""

    interval: timedelta
    auto_heal: bool
    is_enabled: bool
    next_run_at: datetime | None


def _plan_of(row: Mapping[str, Any]) -> Plan:
    return Plan(
        id=row["id"],
        integration_id=row["integration_id"],
        status=DriftStatus(row["status"]),
        hash=row["hash"],
        is_scheduled=bool(row["is_scheduled"]),
        heals=bool(row["heals"]),
        compared=row["compared"],
        item_count=row["item_count"],
        healed=row["healed"],
        requested_by=row["requested_by"],
        created_at=from_milliseconds(row["created_at"]),
        ready_at=instant(row["ready_at"]),
        healed_at=instant(row["healed_at"]),
        error=row["error"],
    )


def _item_of(row: Mapping[str, Any]) -> Item:
    ours, theirs = row["platform_value"], row["external_value"]
    return Item(
        id=row["id"],
        place=row["place"],
        incident_id=row["incident_id"],
        external_id=row["external_id"],
        field=row["field"],
        platform_value=None if ours is None else loads(ours),
        external_value=None if theirs is None else loads(theirs),
        action=DriftAction(row["action"]),
        outcome=DriftOutcome(row["outcome"]),
        because=row["because"],
    )


async def plans(scope: Scope, ids: Collection[str]) -> dict[str, Plan]:
    """Return plans by id. Cost: one index probe an id."""
    conditions = Conditions()
    conditions.add(one_of("p.id", conditions.put(dumps(sorted(ids)))))
    conditions.see(scope, "p.integration_id")
    found = await rows(
        f"SELECT {_COLUMNS} FROM drift_plan p WHERE {conditions.where}",  # noqa: S608 — names and places
        *conditions.values,
    )
    return {row["id"]: _plan_of(row) for row in found}


async def plan_pages(
    scope: Scope, integration_ids: Collection[str], keyset: Keyset
) -> dict[str, list[Plan]]:
    """Return a page of plans for each integration, in the direction of reading.

    Cost: one statement; it reads the plans of these integrations past the position.
    """
    conditions = _of_integrations(scope, integration_ids)
    keyset.restrict(conditions, KEY, "p")
    found = await rows(
        f"""
        SELECT * FROM (
            SELECT {_COLUMNS}, row_number() OVER (
                PARTITION BY p.integration_id ORDER BY {keyset.order_by(KEY, "p")}
            ) AS rank
            FROM drift_plan p WHERE {conditions.where}
        ) AS ranked WHERE rank <= {conditions.put(keyset.limit)} ORDER BY integration_id, rank
        """,  # noqa: S608 — names and places
        *conditions.values,
    )
    pages: dict[str, list[Plan]] = {one: [] for one in integration_ids}
    for row in found:
        pages[row["integration_id"]].append(_plan_of(row))
    return pages


async def plan_counts(scope: Scope, integration_ids: Collection[str]) -> dict[str, int]:
    """Count the plans of each integration. Cost: reads an index entry of each."""
    conditions = _of_integrations(scope, integration_ids)
    found = await rows(
        f"""
        SELECT p.integration_id, count(*) AS n FROM drift_plan p WHERE {conditions.where}
        GROUP BY p.integration_id
        """,  # noqa: S608 — names and places
        *conditions.values,
    )
    return {row["integration_id"]: int(row["n"]) for row in found}


async def item_pages(
    scope: Scope, plan_ids: Collection[str], keyset: Keyset
) -> dict[str, list[Item]]:
    """Return a page of items for each plan, in the direction of reading.

    Cost: one statement; it reads the items of these plans past the position.
    """
    conditions = Conditions()
    conditions.add(one_of("d.plan_id", conditions.put(dumps(sorted(plan_ids)))))
    conditions.see(scope, "p.integration_id")
    keyset.restrict(conditions, ITEM_KEY, "d")
    found = await rows(
        f"""
        SELECT * FROM (
            SELECT {_ITEM_COLUMNS}, row_number() OVER (
                PARTITION BY d.plan_id ORDER BY {keyset.order_by(ITEM_KEY, "d")}
            ) AS rank
            FROM drift_item d JOIN drift_plan p ON p.id = d.plan_id WHERE {conditions.where}
        ) AS ranked WHERE rank <= {conditions.put(keyset.limit)} ORDER BY plan_id, rank
        """,  # noqa: S608 — names and places
        *conditions.values,
    )
    pages: dict[str, list[Item]] = {one: [] for one in plan_ids}
    for row in found:
        pages[row["plan_id"]].append(_item_of(row))
    return pages


async def schedules_of(scope: Scope, integration_ids: Collection[str]) -> dict[str, Schedule]:
    """Return the schedule of each integration that has one. Cost: one small read."""
    conditions = Conditions()
    conditions.add(one_of("s.integration_id", conditions.put(dumps(sorted(integration_ids)))))
    conditions.see(scope, "s.integration_id")
    found = await rows(
        f"SELECT s.* FROM reconcile_schedule s WHERE {conditions.where}",  # noqa: S608 — names and places
        *conditions.values,
    )
    return {
        row["integration_id"]: Schedule(
            interval=timedelta(milliseconds=row["interval_ms"]),
            auto_heal=bool(row["auto_heal"]),
            is_enabled=bool(row["is_enabled"]),
            next_run_at=instant(row["next_run_at"]),
        )
        for row in found
    }


def _of_integrations(scope: Scope, integration_ids: Collection[str]) -> Conditions:
    conditions = Conditions()
    conditions.add(one_of("p.integration_id", conditions.put(dumps(sorted(integration_ids)))))
    conditions.see(scope, "p.integration_id")
    return conditions
