"""One asks for new tokens, and the others take them."""

import asyncio
from datetime import timedelta

import pytest

from adapters.contract import AskTokens
from adapters.exchange import Failed
from domain.sync.retry import Fault
from models.database import DatabaseAt
from models.sealed import Key
from operations.integrations.renew import LEASE, renew
from tests.operations.integrations.consent import Held, registered, rotating, set_again, stored
from tests.world import EMAIL, PASSWORD, World


@pytest.fixture
async def world(database: DatabaseAt) -> World:
    """Vendors whose refresh tokens are good for one use; no integration yet."""
    return rotating(database)


class Giver:
    """Gives new tokens when it is let; counts how often it was asked."""

    def __init__(self, *, is_open: bool = True) -> None:
        self.asked: list[Held] = []
        self.asking = asyncio.Event()
        self.let = asyncio.Event()
        if is_open:
            self.let.set()

    async def __call__(self, held: Held) -> Held | Failed:
        self.asked.append(held)
        self.asking.set()
        await self.let.wait()
        return {"access_token": f"access-{len(self.asked)}", "refresh_token": "second"}


async def renewed(world: World, seen: Held, ask: AskTokens) -> Held:
    held = await renew(world.runtime, world.integration_id, seen, ask)
    assert not isinstance(held, Failed), held
    return held


async def test_one_asks_while_the_others_wait_for_its_answer(world: World) -> None:
    seen, giver = await registered(world), Giver(is_open=False)
    others = [asyncio.create_task(renewed(world, seen, giver)) for _ in range(3)]
    await giver.asking.wait()
    giver.let.set()

    held = await asyncio.gather(*others)

    assert giver.asked == [seen]
    assert held[0] == held[1] == held[2] == await stored(world)
    assert held[0] == seen | {"access_token": "access-1", "refresh_token": "second"}


async def test_a_denial_stores_nothing_and_gives_the_turn_back(world: World) -> None:
    seen = await registered(world)

    async def deny(_: Held) -> Failed:
        return Failed(fault=Fault.UNAUTHORISED, detail="no")

    denied = await renew(world.runtime, world.integration_id, seen, deny)

    assert isinstance(denied, Failed)
    assert await stored(world) == seen
    assert (await renewed(world, seen, Giver()))["refresh_token"] == "second"  # noqa: S105 — of a test


async def test_a_turn_that_was_never_ended_lapses_after_30_seconds(world: World) -> None:
    seen, silent, giver = await registered(world), Giver(is_open=False), Giver()
    lost = asyncio.create_task(renewed(world, seen, silent))
    await silent.asking.wait()
    world.clock.move(seconds=LEASE.total_seconds() - 1)
    later = asyncio.create_task(renewed(world, seen, giver))
    done, _ = await asyncio.wait({later}, timeout=0.3)
    assert not done

    world.clock.move(seconds=1)
    assert (await later)["refresh_token"] == "second"  # noqa: S105 — of a test

    # what the silent one brings at last does not undo that
    silent.let.set()
    assert await lost == await later == await stored(world)


async def test_a_turn_that_does_not_end_is_not_waited_for_for_ever(world: World) -> None:
    seen, silent, giver = await registered(world), Giver(is_open=False), Giver()
    first = asyncio.create_task(renewed(world, seen, silent))
    await silent.asking.wait()

    late = await renew(
        world.runtime, world.integration_id, seen, giver, patience=timedelta(seconds=0.4)
    )

    assert isinstance(late, Failed)
    assert late.fault is Fault.TIMED_OUT
    assert giver.asked == []
    silent.let.set()
    await first


async def test_credentials_of_a_key_that_is_gone_are_unauthorised(world: World) -> None:
    seen, giver = await registered(world), Giver()
    world.keys = (Key(id="k2", secret=bytes(32)),)
    world.start("without-its-key")

    refused = await renew(world.runtime, world.integration_id, seen, giver)

    assert isinstance(refused, Failed)
    assert refused.fault is Fault.UNAUTHORISED
    assert giver.asked == []


async def test_what_was_given_for_credentials_that_a_person_replaced_is_let_go(
    world: World,
) -> None:
    seen, giver = await registered(world), Giver(is_open=False)
    renewal = asyncio.create_task(renewed(world, seen, giver))
    await giver.asking.wait()
    await set_again(world, {"email": EMAIL, "api_token": PASSWORD})
    giver.let.set()

    assert await renewal == {"email": EMAIL, "api_token": PASSWORD} == await stored(world)


async def test_a_caller_that_is_cancelled_leaves_the_new_tokens_stored(world: World) -> None:
    seen, giver = await registered(world), Giver(is_open=False)
    renewal = asyncio.create_task(renewed(world, seen, giver))
    await giver.asking.wait()
    renewal.cancel()
    giver.let.set()

    await asyncio.wait({renewal})

    assert renewal.cancelled()
    assert (await stored(world))["refresh_token"] == "second"  # noqa: S105 — of a test
