"""What is known of incidents besides their rows, for judging what a vendor says of them."""

from collections.abc import Sequence

from domain.exchange import WriteState
from domain.inbound import VendorKey
from models.coding import dumps, from_milliseconds, loads
from operations.sync.ledger import Linked, Standing
from operations.sync.writing import Writing


async def linked(to: Writing, incident_ids: Sequence[str]) -> dict[str, Linked]:
    """Return it for each incident, as this integration's link is to know it.

    Cost: three statements; nothing of kinds that keep no edits.
    """
    if not to.shape.has_edits or not incident_ids:
        return {}
    ids = dumps(sorted(incident_ids))
    integrations = await _integrations(to, ids)
    queued = await _queued(to, ids)
    conflicts = await _conflicts(to, ids)
    return {
        one: Linked(
            integrations=integrations.get(one, ()),
            queued=frozenset(queued.get(one, ())),
            conflicts=conflicts.get(one, {}),
        )
        for one in incident_ids
    }


async def _integrations(to: Writing, ids: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in await to.tx.rows(
        f"""
        SELECT incident_id, integration_id FROM incident_link
        WHERE {to.tx.one_of("incident_id", "$1")} ORDER BY integration_id
        """,  # noqa: S608 — the inserted text is ours
        ids,
    ):
        found.setdefault(row["incident_id"], []).append(row["integration_id"])
    return found


async def _queued(to: Writing, ids: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for row in await to.tx.rows(
        f"""
        SELECT l.incident_id, o.fields FROM lane l JOIN outbox o ON o.lane_id = l.id
        WHERE l.integration_id = $1 AND o.state = $2 AND {to.tx.one_of("l.incident_id", "$3")}
        """,  # noqa: S608 — the inserted text is ours
        to.integration_id,
        WriteState.READY,
        ids,
    ):
        found.setdefault(row["incident_id"], set()).update(loads(row["fields"]))
    return found


async def _conflicts(to: Writing, ids: str) -> dict[str, dict[str, Standing]]:
    found: dict[str, dict[str, Standing]] = {}
    for row in await to.tx.rows(
        f"""
        SELECT id, incident_id, field, external_value, external_at, external_sequence, version
        FROM conflict
        WHERE integration_id = $1 AND open_slot = 1 AND {to.tx.one_of("incident_id", "$2")}
        """,  # noqa: S608 — the inserted text is ours
        to.integration_id,
        ids,
    ):
        value = row["external_value"]
        found.setdefault(row["incident_id"], {})[row["field"]] = Standing(
            id=row["id"],
            value=None if value is None else loads(value),
            key=VendorKey(
                at=from_milliseconds(row["external_at"]), sequence=row["external_sequence"]
            ),
            version=row["version"],
        )
    return found
