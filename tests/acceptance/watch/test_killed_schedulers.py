"""Schedulers killed at any moment of a look: each alert is raised once, as if none had been.

48 are killed with SIGKILL, of two and of three that run at once, on both databases.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final

import pytest

from domain.records import Priority, TicketStatus
from domain.sla.history import History, placed
from im.processes.waiting import pause, until
from models.coding import to_milliseconds
from models.database import DatabaseAt
from models.reads.statement import rows
from models.transaction import Transaction, commit
from operations.sla.take_policy import take_policy
from operations.tickets.event import Mentioned, TicketEvent, checked
from operations.tickets.ingest import IngestTickets, ingest_tickets
from tests.acceptance.watch.ending import untold
from tests.acceptance.watch.laws import LAWS, first
from tests.acceptance.watch.scheduler import Scheduler, SharedClock, start
from tests.acceptance.watch.standing import Standing, looked, stored
from tests.world import ADMIN, World, simulated

# Other processes' lines are not counted.
pytestmark = pytest.mark.no_cover

_KILLS: Final = 12
_TICKETS: Final = 60
_BEGIN: Final = datetime(2026, 3, 2, 10, tzinfo=UTC)
_NOBODY: Final = Mentioned(services=frozenset(), incidents=frozenset())


async def _sent(world: World, chance: Random) -> dict[str, History]:
    """Send tickets that alert and breach in the hours to come; return their histories."""
    events = [
        TicketEvent(
            id=f"T-{number}",
            priority=chance.choice((Priority.P1, Priority.P2)),
            tier="PREMIUM",
            status=chance.choice((TicketStatus.NEW, TicketStatus.OPEN, TicketStatus.PENDING)),
            created_at=_BEGIN - timedelta(minutes=chance.randrange(1, 400)),
            updated_at=_BEGIN,
        )
        for number in range(_TICKETS)
    ]
    done = await ingest_tickets(world.runtime, ADMIN, IngestTickets(events=events))
    histories = {}
    for event, one in zip(events, done, strict=True):
        update = checked(event, _NOBODY)
        assert one.ticket_id is not None
        history = placed(None, update.step, created_ms=update.created_ms).history
        histories[one.ticket_id] = history
    return histories


async def _all_change(tx: Transaction) -> None:
    """Let there be something to look at of each ticket."""
    await tx.rows("UPDATE sla_subject SET look_at = 0 RETURNING id")


@asynccontextmanager
async def _running(
    at: DatabaseAt, clock: SharedClock, count: int
) -> AsyncIterator[list[Scheduler]]:
    schedulers = [start(at, clock, f"scheduler-{number}") for number in range(count)]
    try:
        yield schedulers
    finally:
        for scheduler in schedulers:
            await scheduler.kill()


async def _killed(schedulers: list[Scheduler], chance: Random) -> tuple[int, bool]:
    """Kill whoever is at work, a little later; return its place, and whether it still was."""

    async def one_works() -> bool:
        return any(one.at_work.value for one in schedulers)

    await until(one_works, seconds=30, every_seconds=0.001)
    (place, *_) = [place for place, one in enumerate(schedulers) if one.at_work.value] or [0]
    await pause(chance.random() * 0.02)
    return place, await schedulers[place].kill()


async def _all_is_seen(clock: SharedClock) -> None:
    """Wait until the round of this minute has ended, and nothing has changed since."""

    async def seen() -> bool:
        (found,) = await rows(
            "SELECT next_at, (SELECT min(look_at) FROM sla_subject) AS look_at FROM schedule"
        )
        return bool(found["next_at"] > to_milliseconds(clock.now()) and found["look_at"] != 0)

    await until(seen, seconds=30, every_seconds=0.005)


@pytest.mark.parametrize("count", [2, 3])
async def test_schedulers_that_are_killed_raise_what_undisturbed_ones_raise(
    database: DatabaseAt, count: int
) -> None:
    chance = Random(count)  # noqa: S311 — a seed, not a secret
    clock = SharedClock(_BEGIN)
    world = World(at=database, clock=clock, servicenow=simulated(clock))
    force = first(LAWS[0], to_milliseconds(clock.now()))
    await take_policy(world.runtime, LAWS[0].seen, LAWS[0].judged, by="test")
    histories = await _sent(world, chance)
    expected = dict.fromkeys(histories, Standing())
    within = 0

    async with _running(database, clock, count) as schedulers:
        for kill in range(_KILLS):
            # when one is killed while it looks, the others look in its place
            place, was_within = await _killed(schedulers, chance)
            within += was_within
            schedulers[place] = start(database, clock, f"successor-{kill}")
            await _all_is_seen(clock)

            # then all is as if it had not been
            now_ms = to_milliseconds(clock.now())
            expected = {
                key: looked(before, key, histories[key], force, now_ms)
                for key, before in expected.items()
            }
            assert await stored() == expected
            clock.move(minutes=chance.randrange(20, 50))
            await commit(_all_change)

    assert await untold() == []
    assert within >= _KILLS // 2
    assert sum(len(one.alerts) for one in expected.values()) >= _TICKETS
