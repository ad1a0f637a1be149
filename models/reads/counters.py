"""The brief's figures of syncs, and how much waits, by integration."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from domain.exchange import DeliveryState, WriteState
from models.coding import dumps, instant
from models.reads.conditions import Conditions
from models.reads.scope import Scope
from models.reads.statement import one_of, rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """How much of an integration waits: for its vendor, to be merged, and for a person.

    oldest_write_at: when the oldest write that waits was queued; None when none does.
    oldest_death_at: when the oldest dead letter failed for good; None without any.
    """

    writes: int = 0
    oldest_write_at: datetime | None = None
    deliveries: int = 0
    dead_letters: int = 0
    oldest_death_at: datetime | None = None


NOTHING: Final = Waiting()


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """An integration's figures since it was created, by name; what is not there is 0."""

    key: str
    provider: str
    figures: Mapping[str, int]
    waiting: Waiting


async def figures_of(scope: Scope, integration_ids: Collection[str]) -> dict[str, dict[str, int]]:
    """Return the figures of integrations, by name; what is not there is 0. Cost: one statement."""
    conditions = Conditions()
    conditions.add(one_of("integration_id", conditions.put(dumps(sorted(integration_ids)))))
    conditions.see(scope)
    figures: dict[str, dict[str, int]] = {one: {} for one in integration_ids}
    for row in await rows(
        f"SELECT integration_id, name, value FROM sync_counter WHERE {conditions.where}",  # noqa: S608 — names and places
        *conditions.values,
    ):
        figures[row["integration_id"]][row["name"]] = row["value"]
    return figures


async def waiting_of(scope: Scope, integration_ids: Collection[str]) -> dict[str, Waiting]:
    """Return how much waits. Cost: two statements; they read what waits, and what is dead."""
    writes = await _writes(scope, integration_ids)
    deliveries = await _deliveries(scope, integration_ids)
    return {
        one: Waiting(
            writes=writes.get(one, {}).get("ready", 0),
            oldest_write_at=instant(writes.get(one, {}).get("oldest")),
            deliveries=deliveries.get(one, {}).get("ready", 0),
            dead_letters=sum(found.get(one, {}).get("dead", 0) for found in (writes, deliveries)),
            oldest_death_at=_first(
                instant(found.get(one, {}).get("died")) for found in (writes, deliveries)
            ),
        )
        for one in integration_ids
    }


async def traffic(scope: Scope) -> list[Traffic]:
    """Return the figures of all integrations in scope, by key. Cost: four statements."""
    conditions = Conditions()
    conditions.see(scope, "n.id")
    found = await rows(
        f"""
        SELECT n.id, n.key, n.provider FROM integration n WHERE {conditions.where} ORDER BY n.key
        """,  # noqa: S608 — names and places
        *conditions.values,
    )
    ids = [row["id"] for row in found]
    figures, waiting = await figures_of(scope, ids), await waiting_of(scope, ids)
    return [
        Traffic(
            key=row["key"],
            provider=row["provider"],
            figures=figures[row["id"]],
            waiting=waiting[row["id"]],
        )
        for row in found
    ]


async def waiting_in(scope: Scope) -> Waiting:
    """Return how much waits in all. Cost: as ``waiting_of``."""
    conditions = Conditions()
    conditions.see(scope, "n.id")
    found = await rows(
        f"SELECT n.id FROM integration n WHERE {conditions.where}",  # noqa: S608 — names and places
        *conditions.values,
    )
    all_of = (await waiting_of(scope, [row["id"] for row in found])).values()
    return Waiting(
        writes=sum(one.writes for one in all_of),
        oldest_write_at=_first(one.oldest_write_at for one in all_of),
        deliveries=sum(one.deliveries for one in all_of),
        dead_letters=sum(one.dead_letters for one in all_of),
        oldest_death_at=_first(one.oldest_death_at for one in all_of),
    )


def _first(instants: Iterable[datetime | None]) -> datetime | None:
    return min((at for at in instants if at is not None), default=None)


async def _writes(scope: Scope, integration_ids: Collection[str]) -> dict[str, dict[str, Any]]:
    conditions = Conditions()
    ready, dead = conditions.put(WriteState.READY), conditions.put(WriteState.DEAD)
    conditions.add(f"o.state IN ({ready}, {dead})")
    conditions.add(one_of("l.integration_id", conditions.put(dumps(sorted(integration_ids)))))
    conditions.see(scope, "l.integration_id")
    found = await rows(
        f"""
        SELECT l.integration_id, count(CASE WHEN o.state = {ready} THEN 1 END) AS ready,
            count(CASE WHEN o.state = {dead} THEN 1 END) AS dead,
            min(CASE WHEN o.state = {ready} THEN o.queued_at END) AS oldest,
            min(CASE WHEN o.state = {dead} THEN o.ended_at END) AS died
        FROM outbox o JOIN lane l ON l.id = o.lane_id WHERE {conditions.where}
        GROUP BY l.integration_id
        """,  # noqa: S608 — names and places
        *conditions.values,
    )
    return {row["integration_id"]: row for row in found}


async def _deliveries(scope: Scope, integration_ids: Collection[str]) -> dict[str, dict[str, Any]]:
    conditions = Conditions()
    dead = conditions.put(DeliveryState.DEAD)
    conditions.add(one_of("d.integration_id", conditions.put(dumps(sorted(integration_ids)))))
    conditions.see(scope, "d.integration_id")
    # What is due and what has a number has an index; the rest is long done.
    found = await rows(
        f"""
        SELECT d.integration_id, count(d.due_at) AS ready,
            count(CASE WHEN d.state = {dead} THEN 1 END) AS dead,
            min(CASE WHEN d.state = {dead} THEN d.ended_at END) AS died
        FROM inbound d
        WHERE (d.due_at IS NOT NULL OR d.number IS NOT NULL) AND {conditions.where}
        GROUP BY d.integration_id
        """,  # noqa: S608 — names and places
        *conditions.values,
    )
    return {row["integration_id"]: row for row in found}
