"""Incidents of ours that were to be created at a vendor, and are not there."""

from collections.abc import Collection

from domain.exchange import DriftAction, WriteKind, WriteState
from domain.sync.drift import Step
from domain.sync.ownership import carries_out
from models.coding import dumps, to_milliseconds
from operations.reconcile.items import item
from operations.sync.shapes import Line
from operations.sync.terms import Terms
from operations.sync.writing import Writing

# A create that a person discarded stays undone.
_FAILED = (WriteState.DEAD, WriteState.DROPPED)
_ON_ITS_WAY = Step(action=DriftAction.SKIP_PENDING, because="its creation is on its way")
_NOT_THERE = Step(action=DriftAction.CREATE_EXTERNAL, because="it was never created there")
_NOT_SENT = Step(
    action=DriftAction.SKIP_DIRECTION,
    because="it was never created there, but nothing carries it that way",
)


async def never_created(to: Writing, terms: Terms) -> list[Line]:
    """Return the items of incidents whose creation has not reached the vendor.

    Cost: one statement over the creates that are not done.
    """
    found = await to.tx.rows(
        f"""
        SELECT n.id, n.version, max(CASE WHEN o.state = $3 THEN 1 ELSE 0 END) AS is_waiting
        FROM outbox o JOIN lane l ON l.id = o.lane_id JOIN incident n ON n.id = l.incident_id
        WHERE l.integration_id = $1 AND o.kind = $2 AND n.deleted_at IS NULL
            AND {to.tx.one_of("o.state", "$4")} AND NOT EXISTS (
                SELECT 1 FROM incident_link k
                WHERE k.incident_id = n.id AND k.integration_id = $1
            )
        GROUP BY n.id, n.version ORDER BY n.id
        """,  # noqa: S608 — the inserted text is ours
        to.integration_id,
        WriteKind.CREATE,
        WriteState.READY,
        dumps([WriteState.READY, *_FAILED]),
    )
    step = _NOT_THERE if carries_out(terms.direction) else _NOT_SENT
    return [
        item(to, _ON_ITS_WAY if row["is_waiting"] else step, incident_id=row["id"])
        | {"platform_version": row["version"]}
        for row in found
    ]


async def create_again(to: Writing, incident_ids: Collection[str]) -> frozenset[str]:
    """Put failed creates back where they were in their lanes; return whose were.

    They come before what else waits there. Cost: two statements.
    """
    # Lanes are locked before their writes, in the order in which workers do.
    lanes = await to.tx.rows(
        f"""
        UPDATE lane SET is_blocked = FALSE, due_at = $1
        WHERE integration_id = $2 AND {to.tx.one_of("incident_id", "$3")} AND NOT EXISTS (
            SELECT 1 FROM incident_link k
            WHERE k.incident_id = lane.incident_id AND k.integration_id = $2
        ) RETURNING id, incident_id
        """,  # noqa: S608 — the inserted text is ours
        to_milliseconds(to.runtime.now()),
        to.integration_id,
        dumps(sorted(incident_ids)),
    )
    again = await to.tx.rows(
        f"""
        UPDATE outbox SET state = $1, attempt = 0, starts = 1, ended_at = NULL
        WHERE kind = $2 AND {to.tx.one_of("state", "$3")} AND {to.tx.one_of("lane_id", "$4")}
        RETURNING lane_id
        """,  # noqa: S608 — the inserted text is ours
        WriteState.READY,
        WriteKind.CREATE,
        dumps(_FAILED),
        dumps(sorted(lane["id"] for lane in lanes)),
    )
    sent = {row["lane_id"] for row in again}
    return frozenset(lane["incident_id"] for lane in lanes if lane["id"] in sent)
