"""Sync runs, and up to where each kind of record is mirrored."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from domain.records import RecordKind, RunPhase, RunStatus
from models.coding import dumps, from_milliseconds, instant
from models.reads.conditions import Conditions
from models.reads.keyset import ID, Column, Keyset
from models.reads.scope import Scope
from models.reads.statement import one_of, rows

KEY: Final = (Column(name="queued_at", type=datetime), ID)
_COLUMNS: Final = """
    r.id, r.integration_id, r.kind, r.phase, r.status, r.queued_at, r.started_at,
    r.finished_at, r.read, r.written, r.unchanged, r.deleted, r.failed, r.error
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A sync run and what it did so far."""

    id: str
    integration_id: str
    kind: RecordKind
    phase: RunPhase
    status: RunStatus
    queued_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    read: int
    written: int
    unchanged: int
    deleted: int
    failed: int
    error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One kind of record of one integration, and how far it is mirrored.

    as_of: our time at the start of the last run that read to the end.
    backfilled_at: our time at which all records had been read once.
    censused_at: our time of the last comparison of which records exist.
    last_run_id: of the run asked for last, whatever became of it.
    """

    kind: RecordKind
    watermark: datetime | None
    as_of: datetime | None
    backfilled_at: datetime | None
    censused_at: datetime | None
    last_error: str | None
    last_run_id: str | None


def _run_of(row: Mapping[str, Any]) -> Run:
    return Run(
        id=row["id"],
        integration_id=row["integration_id"],
        kind=RecordKind(row["kind"]),
        phase=RunPhase(row["phase"]),
        status=RunStatus(row["status"]),
        queued_at=from_milliseconds(row["queued_at"]),
        started_at=instant(row["started_at"]),
        finished_at=instant(row["finished_at"]),
        read=row["read"],
        written=row["written"],
        unchanged=row["unchanged"],
        deleted=row["deleted"],
        failed=row["failed"],
        error=row["error"],
    )


async def runs(scope: Scope, ids: Collection[str]) -> dict[str, Run]:
    """Return runs by id. Cost: one index probe an id."""
    conditions = Conditions()
    conditions.add(one_of("r.id", conditions.put(dumps(sorted(ids)))))
    conditions.see(scope)
    found = await rows(
        f"SELECT {_COLUMNS} FROM sync_run r WHERE {conditions.where}",  # noqa: S608 — names and places
        *conditions.values,
    )
    return {row["id"]: _run_of(row) for row in found}


async def run_pages(
    scope: Scope, integration_ids: Collection[str], phase: RunPhase | None, keyset: Keyset
) -> dict[str, list[Run]]:
    """Return a page of runs for each integration, in the direction of reading.

    Cost: one statement; it reads the runs of these integrations past the position.
    """
    conditions = _of_integrations(scope, integration_ids, phase)
    keyset.restrict(conditions, KEY, "r")
    found = await rows(
        f"""
        SELECT * FROM (
            SELECT {_COLUMNS}, row_number() OVER (
                PARTITION BY r.integration_id ORDER BY {keyset.order_by(KEY, "r")}
            ) AS place
            FROM sync_run r WHERE {conditions.where}
        ) AS ranked WHERE place <= {conditions.put(keyset.limit)} ORDER BY integration_id, place
        """,  # noqa: S608 — names and places
        *conditions.values,
    )
    pages: dict[str, list[Run]] = {one: [] for one in integration_ids}
    for row in found:
        pages[row["integration_id"]].append(_run_of(row))
    return pages


async def run_counts(
    scope: Scope, integration_ids: Collection[str], phase: RunPhase | None
) -> dict[str, int]:
    """Count the runs of each integration. Cost: reads each of them."""
    conditions = _of_integrations(scope, integration_ids, phase)
    found = await rows(
        f"""
        SELECT r.integration_id, count(*) AS n FROM sync_run r WHERE {conditions.where}
        GROUP BY r.integration_id
        """,  # noqa: S608 — names and places
        *conditions.values,
    )
    return {row["integration_id"]: int(row["n"]) for row in found}


async def sources_of(scope: Scope, integration_ids: Collection[str]) -> dict[str, list[Source]]:
    """Return how far each kind of each integration is mirrored.

    Cost: one statement; an index probe a kind for its last run.
    """
    conditions = Conditions()
    conditions.add(one_of("w.integration_id", conditions.put(dumps(sorted(integration_ids)))))
    conditions.see(scope)
    found = await rows(
        f"""
        SELECT w.integration_id, w.kind, w.watermark, w.as_of, w.backfilled_at, w.censused_at,
            w.last_error, (
            SELECT r.id FROM sync_run r
            WHERE r.integration_id = w.integration_id AND r.kind = w.kind
            ORDER BY r.queued_at DESC, r.id DESC LIMIT 1
        ) AS last_run_id
        FROM watermark w WHERE {conditions.where} ORDER BY w.kind
        """,  # noqa: S608 — names and places
        *conditions.values,
    )
    sources: dict[str, list[Source]] = {one: [] for one in integration_ids}
    for row in found:
        sources[row["integration_id"]].append(
            Source(
                kind=RecordKind(row["kind"]),
                watermark=instant(row["watermark"]),
                as_of=instant(row["as_of"]),
                backfilled_at=instant(row["backfilled_at"]),
                censused_at=instant(row["censused_at"]),
                last_error=row["last_error"],
                last_run_id=row["last_run_id"],
            )
        )
    return sources


def _of_integrations(
    scope: Scope, integration_ids: Collection[str], phase: RunPhase | None
) -> Conditions:
    conditions = Conditions()
    conditions.add(one_of("r.integration_id", conditions.put(dumps(sorted(integration_ids)))))
    conditions.see(scope)
    if phase is not None:
        conditions.add(f"r.phase = {conditions.put(phase)}")
    return conditions
