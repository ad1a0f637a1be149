"""Work that is lent to one worker for a while: due sources and sync runs."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any

from domain.records import RecordKind, RunPhase
from models.coding import from_milliseconds, to_milliseconds
from models.reads.statement import rows as read_rows
from models.transaction import Transaction

# Sources that wait for something other than time are passed over.
_OPEN_INTEGRATION = """
    i.is_enabled AND i.state <> 'PARKED' AND (i.waiting_until IS NULL OR i.waiting_until <= $1)
"""


class Slot(IntEnum):
    """What may run at the same time for one kind of an integration: one run a slot.

    CURRENT reads what changed (at first all) and moves the watermark, BACKFILL
    reads old records beside it, CENSUS looks for what is gone.
    """

    CURRENT = 1
    BACKFILL = 2
    CENSUS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class DueSource:
    """A kind of an integration that is to be read, and what for."""

    integration_id: str
    kind: RecordKind
    slot: Slot


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedRun:
    """A run that this worker holds until ``lease_until``, as long as ``fence`` is newest."""

    id: str
    integration_id: str
    kind: RecordKind
    phase: RunPhase
    slot: Slot
    fence: int
    since: datetime | None
    position: str | None
    pages: int
    started_at: datetime
    is_full: bool


# A paused run keeps its slot and its place.
_FREE_RUN = """
    r.active_slot IS NOT NULL AND r.status <> 'PAUSED'
    AND (r.lease_until IS NULL OR r.lease_until <= $1)
"""


async def has_work(*, now: datetime) -> bool:
    """Say whether a source is due or a run is free, without taking the write lock.

    Cost: three index probes.
    """
    found = await read_rows(
        f"""
        SELECT 1 AS found FROM watermark w JOIN integration i ON i.id = w.integration_id
        WHERE w.next_pull_at <= $1 AND {_OPEN_INTEGRATION}
        UNION ALL
        SELECT 1 FROM watermark w JOIN integration i ON i.id = w.integration_id
        WHERE w.next_census_at <= $1 AND {_OPEN_INTEGRATION}
        UNION ALL
        SELECT 1 FROM sync_run r JOIN integration i ON i.id = r.integration_id
        WHERE {_FREE_RUN} AND {_OPEN_INTEGRATION}
        LIMIT 1
        """,  # noqa: S608 — the inserted text is ours
        to_milliseconds(now),
    )
    return bool(found)


async def due_sources(tx: Transaction, *, now: datetime) -> list[DueSource]:
    """Return the sources that are due and have no run. Cost: two index ranges."""
    found = await tx.rows(
        f"""
        SELECT w.integration_id, w.kind, s.slot FROM (
            SELECT {Slot.CURRENT:d} AS slot UNION ALL SELECT {Slot.CENSUS:d}
        ) s
        JOIN watermark w ON (
            CASE s.slot WHEN {Slot.CURRENT:d} THEN w.next_pull_at ELSE w.next_census_at END
        ) <= $1
        JOIN integration i ON i.id = w.integration_id
        WHERE {_OPEN_INTEGRATION} AND NOT EXISTS (
            SELECT 1 FROM sync_run r
            WHERE r.integration_id = w.integration_id AND r.kind = w.kind
                AND r.active_slot = s.slot
        )
        ORDER BY s.slot, w.next_pull_at, w.kind LIMIT 100
        """,  # noqa: S608 — the inserted text is ours
        to_milliseconds(now),
    )
    return [
        DueSource(
            integration_id=row["integration_id"],
            kind=RecordKind(row["kind"]),
            slot=Slot(row["slot"]),
        )
        for row in found
    ]


async def claim_run(
    tx: Transaction, *, now: datetime, owner: str, lease: timedelta
) -> ClaimedRun | None:
    """Take the oldest run that nobody holds, with a fence above all before it.

    A run whose holder has said nothing for the length of its lease is taken over
    at the last committed page (rule W11).
    """
    found = await tx.rows(
        f"""
        UPDATE sync_run SET status = 'RUNNING', fence = fence + 1, lease_owner = $2,
            lease_until = $3, started_at = COALESCE(started_at, $1)
        WHERE id = (
            SELECT r.id FROM sync_run r JOIN integration i ON i.id = r.integration_id
            WHERE {_FREE_RUN} AND {_OPEN_INTEGRATION}
            ORDER BY r.active_slot, r.queued_at, r.id LIMIT 1 {tx.skip_locked_of("r")}
        )
        RETURNING id, integration_id, kind, phase, active_slot, fence, is_full, since, position,
            pages, started_at
        """,  # noqa: S608 — the inserted text is ours
        to_milliseconds(now),
        owner,
        to_milliseconds(now + lease),
    )
    return _claimed(found[0]) if found else None


async def hold_run(tx: Transaction, run: ClaimedRun, *, until: datetime) -> bool:
    """Lengthen the lease; False when the run was cancelled or taken by another."""
    found = await tx.rows(
        """
        UPDATE sync_run SET lease_until = $3
        WHERE id = $1 AND fence = $2 AND status = 'RUNNING' RETURNING id
        """,
        run.id,
        run.fence,
        to_milliseconds(until),
    )
    return bool(found)


async def give_back(tx: Transaction, *, run: ClaimedRun) -> None:
    """Let another worker take the run at once; it goes on at the last committed page."""
    await tx.rows(
        "UPDATE sync_run SET lease_until = NULL WHERE id = $1 AND fence = $2 RETURNING id",
        run.id,
        run.fence,
    )


def _claimed(row: dict[str, Any]) -> ClaimedRun:
    return ClaimedRun(
        id=row["id"],
        integration_id=row["integration_id"],
        kind=RecordKind(row["kind"]),
        phase=RunPhase(row["phase"]),
        slot=Slot(row["active_slot"]),
        fence=row["fence"],
        since=None if row["since"] is None else from_milliseconds(row["since"]),
        position=row["position"],
        pages=row["pages"],
        started_at=from_milliseconds(row["started_at"]),
        is_full=bool(row["is_full"]),
    )
