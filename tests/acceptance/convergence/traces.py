"""What was kept of edits and writes, held against who made them."""

from collections import Counter
from typing import Any

from domain.records import EditSource, MergeReason
from models.coding import loads
from models.reads.statement import rows
from tests.acceptance.convergence.both import TEXTS
from tests.acceptance.convergence.schedule import Schedule


async def untrue(schedule: Schedule) -> list[str]:
    """Return what was lost, what passed for somebody else's, and writes that nobody asked for."""
    return [
        *await _lost(schedule),
        *await _echoed(schedule),
        *await _overlooked(),
        *await _overwritten(schedule),
    ]


async def _lost(schedule: Schedule) -> list[str]:
    """Return edits of vendors' people, the last of each field where told, that came to nothing.

    One that a write of ours took the place of unseen is taken, disputed or refused (P8).
    """
    both = schedule.both
    last = {(one.key, one.name): one for one in schedule.made}
    told = {side.key: side.told for side in both.sides}
    kept = {
        (row["integration_id"], row["field"], loads(row["value"] or "null"))
        for row in await rows(
            """
            SELECT integration_id, field, "after" AS value FROM edit WHERE reason <> $1
            UNION ALL SELECT integration_id, field, external_value FROM conflict
            """,
            MergeReason.STALE,
        )
        if row["field"] in TEXTS
    }
    return [
        f"the edit of {one.name} to {one.value} at {one.key} was lost"
        for one in last.values()
        if one.name in told[one.key] and one.name in TEXTS
        if (both.ids[one.key], one.name, one.value) not in kept
    ]


async def _echoed(schedule: Schedule) -> list[str]:
    """Return values taken for a vendor's, though nobody there has given them (P4)."""
    both = schedule.both
    theirs = {(both.ids[one.key], one.name, one.value) for one in schedule.made}
    told = await rows(
        """
        SELECT integration_id, field, "after" FROM edit
        WHERE accepted AND source IN ('PULL', 'WEBHOOK') AND reason = 'NEWER'
        UNION ALL SELECT integration_id, field, external_value FROM conflict
        """
    )
    return [
        f"our {name} {value} passed for the vendor's"
        for row in told
        if (name := row["field"]) in TEXTS
        if (row["integration_id"], name, value := loads(row["after"] or "null")) not in theirs
    ]


async def _overlooked() -> list[str]:
    """Return edits of the stamp of our write that they replaced as if they had seen it (M9)."""
    # A count tells which of one stamp came first.
    links = await rows(
        "SELECT integration_id, dealings FROM incident_link WHERE known_sequence = 0"
    )
    ours = {
        (row["integration_id"], name, sent["value"], sent["key"][0])
        for row in links
        for name, dealing in loads(row["dealings"]).items()
        if name in TEXTS
        for sent in dealing["sent"]
        if sent["key"] is not None
    }
    # Of several edits of one stamp the first is judged so. A comparison reads what is there
    # now, and need not know what came first: what it took replaced ours, and what came
    # before any later edit of ours replaced what it took.
    taken = await rows(
        """
        SELECT * FROM edit e WHERE accepted AND reason = $1 AND source <> $2 AND NOT EXISTS (
            SELECT 1 FROM edit judged WHERE judged.integration_id = e.integration_id
                AND judged.field = e.field AND judged.at = e.at
                AND judged.reason IN ('SIMULTANEOUS', 'DIVERGED', 'OWNER_EXTERNAL')
        ) AND NOT EXISTS (
            SELECT 1 FROM edit healed WHERE healed.integration_id = e.integration_id
                AND healed.field = e.field AND healed.source = $2 AND healed.version < e.version
                AND NOT EXISTS (
                    SELECT 1 FROM edit ours WHERE ours.field = e.field AND ours.accepted
                        AND ours.version > healed.version AND ours.version < e.version
                        AND (ours.source = 'CONFLICT_RESOLUTION' OR
                            coalesce(ours.integration_id, '') <> e.integration_id)
                )
        )
        """,
        MergeReason.NEWER,
        EditSource.RECONCILE,
    )
    return [
        f"{row['field']} {row['after']} has the stamp of what it replaced, and is no conflict"
        for row in taken
        if row["field"] in TEXTS
        and (row["integration_id"], row["field"], loads(row["before"] or "null"), row["at"]) in ours
    ]


async def _overwritten(schedule: Schedule) -> list[str]:
    """Return fields that were written more often than there was reason to (P9)."""
    due = await _due()
    written = Counter[tuple[str, str]]()
    lost = Counter[tuple[str, str]]()
    for row in await _writes():
        for name in loads(row["payload"] or "{}"):
            written[row["integration_id"], name] += row["state"] == "DONE"
        for name in loads(row["fields"]):
            lost[row["integration_id"], name] += len(loads(row["tries"])) - (row["state"] == "DONE")
    return [
        f"{name} was written {written[one, name]} times to {key}, {due[one, name]} were due"
        for key, one in schedule.both.ids.items()
        for name in TEXTS
        if written[one, name] > due[one, name] + lost[one, name] + schedule.deaths
    ]


async def _writes() -> list[dict[str, Any]]:
    return await rows(
        """
        SELECT l.integration_id, o.state, o.fields, o.tries, o.payload
        FROM outbox o JOIN lane l ON l.id = o.lane_id WHERE o.kind = 'UPDATE'
        """
    )


async def _due() -> Counter[tuple[str, str]]:
    """Count why each vendor was written a field: others' edits, conflicts and healing."""
    found = await rows(
        """
        SELECT i.id, e.field FROM integration i JOIN edit e
            ON e.accepted AND (e.integration_id IS NULL OR e.integration_id <> i.id)
        UNION ALL SELECT integration_id, field FROM conflict WHERE status <> 'OPEN'
        UNION ALL SELECT p.integration_id, d.field FROM drift_item d
            JOIN drift_plan p ON p.id = d.plan_id WHERE d.outcome = 'HEALED' AND d.action = 'PUSH'
        """
    )
    return Counter((row["id"], row["field"]) for row in found)
