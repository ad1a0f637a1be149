"""Writes that wait to be sent to vendors."""

from collections.abc import Collection

from domain.records import WriteState
from models.coding import dumps, loads
from models.reads.conditions import Conditions
from models.reads.scope import Scope
from models.reads.statement import one_of, rows


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
