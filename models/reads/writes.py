"""What waits to be sent to vendors, and what differs there."""

from collections.abc import Collection
from dataclasses import dataclass

from domain.exchange import WriteState
from domain.sync.rule_preview import differs
from models.coding import dumps, loads
from models.reads.conditions import Conditions
from models.reads.incident_values import SELECTED, values_of
from models.reads.scope import Scope
from models.reads.statement import one_of, rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How an incident and its record at one vendor stand to each other.

    diverged: the fields whose values differ from what the vendor last told.
    """

    pending_writes: int
    diverged: tuple[str, ...]


async def pending_fields(scope: Scope, incident_ids: Collection[str]) -> dict[str, frozenset[str]]:
    """Return the fields of incidents that wait to be sent, to any vendor in scope.

    Cost: one index range a lane.
    """
    conditions = Conditions()
    conditions.add(one_of("l.incident_id", conditions.put(dumps(sorted(incident_ids)))))
    conditions.add(f"o.state = {conditions.put(WriteState.READY)}")
    conditions.see(scope, "l.integration_id")
    found: dict[str, frozenset[str]] = {one: frozenset() for one in incident_ids}
    for row in await rows(
        f"""
        SELECT l.incident_id, o.fields FROM lane l JOIN outbox o ON o.lane_id = l.id
        WHERE {conditions.where}
        """,  # noqa: S608 — names and places
        *conditions.values,
    ):
        found[row["incident_id"]] |= frozenset(loads(row["fields"]))
    return found


async def standings(scope: Scope, incident_ids: Collection[str]) -> dict[str, dict[str, Standing]]:
    """Return how incidents stand to their records, by integration.

    Cost: one statement; an index range of its lane for each link.
    """
    conditions = Conditions()
    conditions.add(one_of("k.incident_id", conditions.put(dumps(sorted(incident_ids)))))
    conditions.see(scope, "k.integration_id")
    found = await rows(
        f"""
        SELECT k.incident_id, k.integration_id, k.base, {SELECTED}, (
            SELECT count(*) FROM lane l JOIN outbox o ON o.lane_id = l.id
            WHERE l.incident_id = k.incident_id AND l.integration_id = k.integration_id
                AND o.state = {conditions.put(WriteState.READY)}
        ) AS pending
        FROM incident_link k JOIN incident i ON i.id = k.incident_id WHERE {conditions.where}
        """,  # noqa: S608 — names and places
        *conditions.values,
    )
    standing: dict[str, dict[str, Standing]] = {one: {} for one in incident_ids}
    for row in found:
        base, ours = loads(row["base"]), values_of(row)
        standing[row["incident_id"]][row["integration_id"]] = Standing(
            pending_writes=row["pending"],
            diverged=tuple(
                name for name in ours if name in base and differs(ours[name], base[name])
            ),
        )
    return standing
