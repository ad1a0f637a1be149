"""Whoever asks waits for the worker, but not for ever."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from models.reads.statement import rows
from operations.reconcile.ask import Reconcile, reconcile
from operations.reconcile.run import reconcile_due
from tests.operations.reconcile.drifting import Drifting
from tests.world import ADMIN


async def _status(plan_id: str) -> str:
    (plan,) = await rows("SELECT status FROM drift_plan WHERE id = $1", plan_id)
    return str(plan["status"])


async def test_an_answer_waits_until_the_plan_is_ready(drifting: Drifting) -> None:
    runtime = drifting.world.runtime
    working: list[asyncio.Task[int]] = []

    async def wake(topic: str) -> None:
        if topic == "reconcile":
            working.append(asyncio.create_task(reconcile_due(runtime)))

    ask = Reconcile(integration_id=drifting.world.integration_id)
    asked = await reconcile(replace(runtime, wake=wake), ADMIN, ask)

    assert await _status(asked.plan_id) == "READY"
    assert await asyncio.gather(*working) == [1]


async def test_an_answer_comes_without_the_worker_when_the_time_has_passed(
    drifting: Drifting,
) -> None:
    ask = Reconcile(integration_id=drifting.world.integration_id, wait=timedelta(milliseconds=250))
    asked = await reconcile(drifting.world.runtime, ADMIN, ask)
    assert await _status(asked.plan_id) == "RUNNING"
