"""Work lent to one worker at a time."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.records import IntegrationState, RunPhase, RunStatus
from models.claims import ClaimedRun, claim_run, due_sources, give_back, has_work, hold_run
from models.tables.sync_run import WatermarkRow
from models.transaction import Transaction, commit
from tests import given

pytestmark = pytest.mark.usefixtures("database")

NOW = given.NOW
LEASE = timedelta(seconds=60)


async def queued(key: str = "prod-snow", **columns: Any) -> str:  # noqa: ANN401 — columns
    """Queue a run of an integration of its own; return the run's id."""
    of = await given.integration(key, **columns)
    await WatermarkRow.filter(integration_id=of.id).update(next_pull_at=NOW + timedelta(days=1))
    plain = {"status": RunStatus.QUEUED, "phase": RunPhase.BACKFILL, "active_slot": 1}
    run = await given.run(of, **plain, started_at=None, finished_at=None)
    return run.id


async def claim(owner: str = "w1", *, now: datetime = NOW) -> ClaimedRun | None:
    async def take(tx: Transaction) -> ClaimedRun | None:
        return await claim_run(tx, now=now, owner=owner, lease=LEASE)

    return await commit(take)


async def hold(run: ClaimedRun, *, until: datetime) -> bool:
    async def write(tx: Transaction) -> bool:
        return await hold_run(tx, run, until=until)

    return await commit(write)


async def test_a_run_is_lent_to_one_of_many_who_ask_at_once() -> None:
    run_id = await queued()
    claimed = await asyncio.gather(*(claim(f"w{number}") for number in range(8)))
    assert [run.id for run in claimed if run is not None] == [run_id]


async def test_eight_runs_are_lent_to_eight_who_ask_at_once() -> None:
    queue = {await queued(f"snow-{number}") for number in range(8)}
    claimed = await asyncio.gather(*(claim(f"w{number}") for number in range(8)))
    again = [await claim() for _ in range(8)]
    assert {run.id for run in (*claimed, *again) if run is not None} == queue


async def test_a_lease_lasts_to_its_last_millisecond_and_a_held_one_longer() -> None:
    await queued()
    first = await claim()
    assert first is not None
    edge = NOW + LEASE
    assert await claim("w2", now=edge - timedelta(milliseconds=1)) is None
    assert await hold(first, until=edge + LEASE)
    assert await claim("w2", now=edge) is None

    second = await claim("w2", now=edge + LEASE)
    assert second is not None
    assert (second.fence, second.started_at) == (first.fence + 1, NOW)
    assert not await hold(first, until=edge + 3 * LEASE)


async def test_a_run_that_is_given_back_is_free_at_once_but_not_by_one_who_lost_it() -> None:
    await queued()
    first = await claim()
    assert first is not None
    lost, now = first, NOW + LEASE
    second = await claim("w2", now=now)
    assert second is not None

    await commit(lambda tx: give_back(tx, run=lost))
    assert await claim("w3", now=now) is None
    await commit(lambda tx: give_back(tx, run=second))
    assert await claim("w3", now=now) is not None


@pytest.mark.parametrize(
    "closed",
    [
        {"is_enabled": False},
        {"state": IntegrationState.PARKED},
        {"state": IntegrationState.RATE_LIMITED, "waiting_until": NOW + timedelta(seconds=1)},
    ],
    ids=["disabled", "parked", "waiting"],
)
async def test_what_waits_for_something_else_is_neither_due_nor_lent(
    closed: dict[str, Any],
) -> None:
    await queued(**closed)
    await WatermarkRow.all().update(next_pull_at=NOW)
    assert not await has_work(now=NOW)
    assert await claim() is None
    assert await commit(lambda tx: due_sources(tx, now=NOW)) == []


async def test_a_source_is_due_at_its_time_and_not_while_it_runs() -> None:
    of = await given.integration()
    early = NOW - timedelta(milliseconds=1)
    assert not await has_work(now=early)
    assert await has_work(now=NOW)
    (due,) = await commit(lambda tx: due_sources(tx, now=NOW))
    assert due.integration_id == of.id

    await given.run(of, status=RunStatus.QUEUED, active_slot=1, finished_at=None)
    assert await commit(lambda tx: due_sources(tx, now=NOW)) == []


async def test_the_oldest_run_is_lent_first() -> None:
    of, other = await given.integration("a"), await given.integration("b")
    plain = {"status": RunStatus.QUEUED, "active_slot": 1, "started_at": None}
    await given.run(of, queued_at=NOW, **plain)
    older = await given.run(other, queued_at=NOW - timedelta(seconds=1), **plain)
    claimed = await claim()
    assert claimed is not None
    assert claimed.id == older.id
