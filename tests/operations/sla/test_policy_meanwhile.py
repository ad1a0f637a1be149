"""Clocks are measured by the policy that is in force, also when another comes meanwhile."""

import asyncio

import pytest

from models.reads.statement import rows
from models.transaction import Transaction, commit
from operations.runtime import Runtime
from operations.sla import tick
from operations.sla.policy_in_force import InForce, policy_in_force
from operations.sla.tick import evaluate_due
from tests.operations.sla.watched import POLICY, Watched, raised

LONGER = POLICY.replace("target: 240m", "target: 300m")


async def test_a_policy_that_is_replaced_before_the_lock_is_not_gone_by(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a ticket that has reached its alert by the former policy, not by the next
    await watched.send("10:00", "NEW")
    await watched.look("10:01")
    watched.clock.move(hours=3, minutes=23)
    is_replaced = False

    async def read_and_overtaken(runtime: Runtime) -> InForce:
        nonlocal is_replaced
        found = await policy_in_force(runtime)
        if not is_replaced:
            is_replaced = True
            await watched.go_by(LONGER)
        return found

    # when that is put in force after this process has read the former
    monkeypatch.setattr(tick, "policy_in_force", read_and_overtaken)
    await evaluate_due(watched.runtime)

    # then it is the next that is gone by
    assert await raised() == []
    assert [row["target_ms"] for row in await rows("SELECT target_ms FROM sla_clock")] == [
        300 * 60_000
    ]


async def test_a_policy_that_comes_back_finds_what_was_looked_at_without_it(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given one ticket that has changed, so that it is looked at before the walk
    monkeypatch.setattr(tick, "BATCH", 1)
    for key in ("T-1", "T-2"):
        await watched.send("10:00", "NEW", key=key)
    await watched.look("10:01")
    await watched.go_by(LONGER)
    await watched.send("10:01", "OPEN")
    is_first = True

    async def read_and_back_again(runtime: Runtime) -> InForce:
        nonlocal is_first
        if not is_first:
            await watched.go_by(POLICY)
        is_first = False
        return await policy_in_force(runtime)

    # when the former policy comes back before the walk has begun
    monkeypatch.setattr(tick, "policy_in_force", read_and_back_again)
    await evaluate_due(watched.runtime)

    # then all are measured by it
    targets = await rows("SELECT target_ms FROM sla_clock")
    assert [row["target_ms"] for row in targets] == [240 * 60_000] * 2


async def test_a_policy_waits_for_those_who_go_by_the_former(watched: Watched) -> None:
    await watched.send("10:00", "NEW")
    entered, leave = asyncio.Event(), asyncio.Event()

    async def hold(tx: Transaction) -> None:
        in_force = await policy_in_force(watched.runtime)
        assert await tick._is_in_force(tx, in_force)
        entered.set()
        await leave.wait()

    holding = asyncio.create_task(commit(hold))
    await entered.wait()
    taking = asyncio.create_task(watched.go_by(LONGER))
    done, _ = await asyncio.wait({taking}, timeout=0.05)
    assert not done
    leave.set()
    await asyncio.gather(holding, taking)
    (rule, *_) = (await policy_in_force(watched.runtime)).policy.rules
    assert rule.resolution is not None
    assert rule.resolution.span_ms == 300 * 60_000
