"""Plans go on after faults, kills and time."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from adapters.contract import Vendor
from adapters.exchange import Failed, Found, Page, PageAsk
from domain.errors import Forbidden, Invalid, Parked
from domain.records import IntegrationState, RecordKind
from domain.sync.retry import Fault
from models.reads.statement import rows
from models.tables.integration import IntegrationRow
from models.tables.sync_run import WatermarkRow
from operations.reconcile.ask import Reconcile, reconcile
from operations.reconcile.run import reconcile_due
from operations.reconcile.schedule import SetReconcileSchedule, set_reconcile_schedule
from operations.upkeep.prune import prune
from tests.operations.reconcile.drifting import Drifting, told
from tests.world import ADMIN, VIEWER, Crash, Pages, count


class Broken(Pages):
    """A vendor with small pages that ends the worker, or fails, before one of its answers."""

    def __init__(self, vendor: Vendor, at: int, end: Callable[[], Failed]) -> None:
        super().__init__(vendor, 4)
        self._left = at
        self._end = end
        self._read = vendor.read
        self.read = self._reading

    async def page(self, ask: PageAsk) -> Page | Failed:
        self._left -= 1
        return self._end() if self._left == 0 else await super().page(ask)

    async def _reading(self, kind: RecordKind, external_ids: object) -> Found | Failed:
        self._left -= 1
        return self._end() if self._left == 0 else await self._read(kind, external_ids)  # type: ignore[arg-type]  # — handed on as it came


def _dies() -> Failed:
    raise Crash


@pytest.mark.parametrize("at", [1, 2, 3, 4])
async def test_a_killed_worker_is_followed_by_one_that_ends_its_plan(
    drifting: Drifting, at: int
) -> None:
    # given two fields that differ, and a worker that dies before a page or a read
    world = drifting.world
    drifting.there(0, short_description="x")
    drifting.there(11, short_description="x")
    world.stand_between(lambda vendor: Broken(vendor, at, _dies))
    asked = await drifting.ask(heals=True)
    with pytest.raises(Crash):
        await reconcile_due(world.runtime)

    # when its lease has run out and another worker comes
    world.stand_between(lambda vendor: Pages(vendor, 4))
    world.start("worker-2")
    assert await reconcile_due(world.runtime) == 0
    world.clock.move(seconds=61)
    assert await reconcile_due(world.runtime) == 1

    # then the plan is whole, and healed once
    (plan,) = await rows("SELECT * FROM drift_plan WHERE id = $1", asked.plan_id)
    assert (plan["status"], plan["healed"], plan["compared"]) == ("DONE", 2, 12)
    assert await told(plan) == [("title", "PUSH", "HEALED")] * 2
    assert await count("outbox") == 2


async def test_a_vendor_that_fails_is_asked_again_after_a_while(drifting: Drifting) -> None:
    world = drifting.world
    fault = Failed(fault=Fault.VENDOR_ERROR, detail="503")
    world.stand_between(lambda vendor: Broken(vendor, 2, lambda: fault))
    plan = await drifting.plan()
    assert (plan["status"], plan["compared"]) == ("RUNNING", 4)

    world.stand_between(lambda vendor: Pages(vendor, 4))
    world.clock.move(seconds=29)
    assert await reconcile_due(world.runtime) == 0
    world.clock.move(seconds=1)
    assert await reconcile_due(world.runtime) == 1
    (plan,) = await rows("SELECT * FROM drift_plan")
    assert (plan["status"], plan["compared"]) == ("READY", 12)


async def test_a_vendor_that_refuses_us_makes_no_plan(drifting: Drifting) -> None:
    fault = Failed(fault=Fault.UNAUTHORISED, detail="no")
    drifting.world.stand_between(lambda vendor: Broken(vendor, 1, lambda: fault))
    plan = await drifting.plan()
    assert (plan["status"], plan["error"]) == ("FAILED", "UNAUTHORISED: no")


async def _schedule(drifting: Drifting, *, auto_heal: bool = True) -> None:
    ask = SetReconcileSchedule(
        integration_id=drifting.world.integration_id,
        interval=timedelta(hours=1),
        auto_heal=auto_heal,
        is_enabled=True,
    )
    await set_reconcile_schedule(drifting.world.runtime, ADMIN, ask)


async def test_a_schedule_runs_each_interval_and_makes_up_for_missed_runs_once(
    drifting: Drifting,
) -> None:
    world = drifting.world
    await _schedule(drifting)
    drifting.there(1, short_description="x")

    world.clock.move(minutes=59, seconds=59)
    assert await reconcile_due(world.runtime) == 0
    world.clock.move(seconds=1)
    assert await reconcile_due(world.runtime) == 1
    (plan,) = await rows("SELECT * FROM drift_plan")
    assert (plan["is_scheduled"], plan["status"], plan["healed"]) in [
        (1, "DONE", 1),
        (True, "DONE", 1),
    ]

    world.clock.move(hours=5, minutes=20)
    assert await reconcile_due(world.runtime) == 1
    world.clock.move(minutes=59)
    assert await reconcile_due(world.runtime) == 0
    world.clock.move(minutes=1)
    assert await reconcile_due(world.runtime) == 1


async def test_a_schedule_heals_nothing_large(drifting: Drifting) -> None:
    await _schedule(drifting)
    for place in range(12):
        drifting.there(place, short_description="x", description="y")
    drifting.world.clock.move(hours=1)
    await reconcile_due(drifting.world.runtime)
    (plan,) = await rows("SELECT * FROM drift_plan")
    assert (plan["status"], plan["item_count"], plan["healed"]) == ("READY", 24, 0)


async def test_a_parked_integration_is_neither_reconciled_nor_asked(drifting: Drifting) -> None:
    world = drifting.world
    await _schedule(drifting)
    await IntegrationRow.all().update(state=IntegrationState.PARKED)
    world.clock.move(hours=3)
    assert await reconcile_due(world.runtime) == 0
    with pytest.raises(Parked):
        await drifting.ask()

    await IntegrationRow.all().update(state=IntegrationState.HEALTHY)
    assert await reconcile_due(world.runtime) == 1


@pytest.mark.parametrize("interval", [timedelta(minutes=5), timedelta(days=7)])
async def test_a_schedule_takes_an_interval_within_its_bounds(
    drifting: Drifting, interval: timedelta
) -> None:
    runtime, key = drifting.world.runtime, drifting.world.integration_id
    ask = SetReconcileSchedule(
        integration_id=key, interval=interval, auto_heal=False, is_enabled=True
    )
    assert await set_reconcile_schedule(runtime, ADMIN, ask) == key
    second = timedelta(seconds=1)
    beyond = interval - second if interval < timedelta(days=1) else interval + second
    ask = SetReconcileSchedule(
        integration_id=key, interval=beyond, auto_heal=False, is_enabled=True
    )
    with pytest.raises(Invalid):
        await set_reconcile_schedule(runtime, ADMIN, ask)


async def test_a_viewer_neither_plans_nor_heals_nor_schedules(drifting: Drifting) -> None:
    runtime, key = drifting.world.runtime, drifting.world.integration_id
    for heals in (False, True):
        with pytest.raises(Forbidden):
            await reconcile(runtime, VIEWER, Reconcile(integration_id=key, heals=heals))
    ask = SetReconcileSchedule(
        integration_id=key, interval=timedelta(hours=1), auto_heal=True, is_enabled=True
    )
    with pytest.raises(Forbidden):
        await set_reconcile_schedule(runtime, VIEWER, ask)


async def test_only_incidents_are_compared_and_only_a_hash_is_confirmed(
    drifting: Drifting,
) -> None:
    runtime, key = drifting.world.runtime, drifting.world.integration_id
    with pytest.raises(Invalid, match="only incidents"):
        await reconcile(runtime, ADMIN, Reconcile(integration_id=key, kinds=[RecordKind.CHANGE]))
    with pytest.raises(Invalid, match="name its hash"):
        await drifting.ask(heals=True, confirms_large=True)


async def test_plans_are_kept_for_90_days(drifting: Drifting) -> None:
    drifting.there(1, short_description="x")
    await drifting.plan()
    drifting.world.clock.move(days=90)
    await prune(drifting.world.runtime)
    assert await count("drift_plan") == 1
    drifting.world.clock.move(seconds=1)
    await prune(drifting.world.runtime)
    assert await count("drift_plan") == await count("drift_item") == 0


async def test_a_new_integration_is_compared_each_hour_and_not_healed(
    drifting: Drifting,
) -> None:
    drifting.there(1, short_description="x")
    drifting.world.clock.move(hours=1)
    assert await reconcile_due(drifting.world.runtime) == 1
    (plan,) = await rows("SELECT * FROM drift_plan")
    assert (plan["requested_by"], plan["status"], plan["item_count"]) == ("scheduler", "READY", 1)
    assert await count("outbox") == 0


async def test_an_account_that_was_not_read_to_the_end_is_not_compared_by_itself(
    drifting: Drifting,
) -> None:
    await WatermarkRow.all().update(backfilled_at=None)
    drifting.world.clock.move(hours=2)
    assert await reconcile_due(drifting.world.runtime) == 0
    await WatermarkRow.all().update(backfilled_at=drifting.world.clock.now())
    assert await reconcile_due(drifting.world.runtime) == 1
