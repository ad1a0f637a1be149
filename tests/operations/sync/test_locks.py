"""In which order runs of one integration lock what they share."""

import asyncio

from domain.records import RecordKind
from models.database import DatabaseAt, PostgresAt
from models.reads.statement import rows
from models.transaction import Transaction, commit
from operations.sync.pull import pull_due
from simulators.pagerduty.instance import PagerDuty
from simulators.pagerduty.login import Account
from tests.clock import Clock
from tests.world import EMAIL, PASSWORD, World, simulated

_WAITING = "SELECT 1 AS waits FROM pg_stat_activity WHERE wait_event_type = 'Lock'"


async def test_a_page_locks_its_integration_before_any_record(
    database: DatabaseAt, clock: Clock
) -> None:
    # On SQLite one transaction locks all.
    if not isinstance(database, PostgresAt):
        return
    # given a service that is mirrored, and has another name by now
    account = PagerDuty(now=clock.now, account=Account(token=PASSWORD, email=EMAIL))
    world = World(
        at=database,
        clock=clock,
        servicenow=simulated(clock),
        pagerduty=account,
        kinds=frozenset({RecordKind.SERVICE}),
    )
    await world.register(provider="pagerduty")
    service = account.add_service("Shop")
    await world.sync()
    clock.move(minutes=5)
    account.directory.edit("service", service["id"], {"name": "Web shop"})
    await world.make_due()
    is_held = asyncio.Event()

    async def look(tx: Transaction) -> None:
        # when another kind's page holds the integration, and this one waits for it
        await tx.rows("UPDATE integration SET skew_samples = skew_samples RETURNING id")
        is_held.set()
        async with asyncio.timeout(5):
            while not await rows(_WAITING):
                continue
        # then the other can lock the services that its records name
        await tx.rows("SELECT id FROM asset FOR UPDATE NOWAIT")

    looking = asyncio.create_task(commit(look))
    await is_held.wait()
    assert await pull_due(world.runtime) == 1
    await looking
    assert await rows("SELECT version FROM asset WHERE name = 'Web shop'") == [{"version": 2}]
