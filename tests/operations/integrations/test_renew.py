"""Tokens that all connections of an integration share, in all processes."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest
from structlog.testing import capture_logs

from adapters.contract import AskTokens
from adapters.exchange import Checked, Failed
from domain.records import RecordKind
from domain.sync.retry import Fault
from models.database import DatabaseAt
from models.reads.statement import rows
from operations.integrations import test_connection as connection_test
from operations.integrations.credentials import SetCredentials, set_credentials
from operations.integrations.renew import LEASE, renew
from operations.integrations.vault import opened
from operations.sync.pull import pull_due
from simulators.jira.instance import Jira
from simulators.jira.login import Account as JiraAccount
from simulators.pagerduty.instance import PagerDuty
from simulators.pagerduty.login import Account
from tests.clock import Clock
from tests.mirror import rows_of
from tests.world import ADMIN, EMAIL, PASSWORD, Crash, World, simulated

APP = {"client_id": "client", "client_secret": "client-secret"}
ASKED = "POST /oauth/token"
KINDS = frozenset({RecordKind.INCIDENT, RecordKind.CHANGE, RecordKind.TICKET, RecordKind.EVENT})
# All that a sync may put words of the vendor into.
TABLES = ("integration", "credential", "sync_run", "watermark", "event_log")
Held = Mapping[str, str]


@pytest.fixture
async def world(database: DatabaseAt) -> World:
    """Vendors whose refresh tokens are good for one use; no integration yet."""
    clock = Clock()
    return World(
        at=database,
        clock=clock,
        servicenow=simulated(clock),
        jira=Jira(now=clock.now, account=JiraAccount(email=EMAIL, token=PASSWORD)),
        pagerduty=PagerDuty(now=clock.now, account=Account(token=PASSWORD, email=EMAIL)),
        kinds=KINDS,
    )


def site(world: World, provider: str) -> Jira | PagerDuty:
    found = world.jira if provider == "jira" else world.pagerduty
    assert found is not None
    return found


def agreed(world: World, provider: str) -> dict[str, str]:
    """Return what an app has when a person has just agreed to it."""
    login = site(world, provider).login
    code = login.authorise() if isinstance(site(world, provider), Jira) else login.code(EMAIL)
    given = login.grant(APP | {"grant_type": "authorization_code", "code": code})
    assert given is not None
    more = {"from": EMAIL} if provider == "pagerduty" else {}
    return APP | {"refresh_token": str(given["refresh_token"])} | more


async def registered(world: World, provider: str = "jira") -> dict[str, str]:
    """Register a vendor with OAuth, and return the credentials that a person has set."""
    await world.register(key=provider, provider=provider)
    values = agreed(world, provider)
    await set_again(world, values)
    return values


async def set_again(world: World, values: Held) -> None:
    ask = SetCredentials(integration_id=world.integration_id, values=values)
    await set_credentials(world.runtime, ADMIN, ask)


async def stored(world: World) -> dict[str, str]:
    return await opened(world.runtime, world.integration_id)


async def pull_at_once(world: World, workers: int = 3) -> Counter[str]:
    """Pull all kinds by workers that remember nothing; return how the runs ended."""
    before = {run["id"] for run in await rows_of("sync_run")}
    await world.make_due()
    runtimes = [world.start(f"worker-{len(before)}-{place}") for place in range(workers)]
    await asyncio.gather(*(pull_due(runtime) for runtime in runtimes))
    return Counter(run["status"] for run in await rows_of("sync_run") if run["id"] not in before)


async def checked(world: World) -> Checked:
    ask = connection_test.TestConnection(integration_id=world.integration_id)
    return await connection_test.test_connection(world.runtime, ADMIN, ask)


@pytest.mark.parametrize("provider", ["jira", "pagerduty"])
async def test_workers_that_pull_at_once_spend_one_refresh_token_a_life(
    world: World, provider: str
) -> None:
    # given an integration of three kinds, and a person's consent
    await registered(world, provider)
    vendor = site(world, provider)

    # when three workers begin at once, one of them asks for a token
    assert await pull_at_once(world) == {"SUCCEEDED": 3}
    assert vendor.served[ASKED] == 1

    # those that come within its life ask for none
    world.clock.move(minutes=30)
    assert await pull_at_once(world) == {"SUCCEEDED": 3}
    assert vendor.served[ASKED] == 1

    # when it ends while they run, it is renewed once
    requests = 0

    def end_tokens(_: object) -> None:
        nonlocal requests
        requests += 1
        if requests == 4:
            vendor.login.expire()

    vendor.hooks.before_request = end_tokens
    assert await pull_at_once(world) == {"SUCCEEDED": 3}
    assert requests > 4
    assert vendor.served[ASKED] == 2

    # and so it is by a connection test beside them, after weeks
    vendor.hooks.before_request = None
    world.clock.move(days=20)
    test, ended = await asyncio.gather(
        checked(world),
        pull_at_once(world, workers=2),
    )
    assert [check for check in test.checks if not check.is_ok] == []
    assert ended["FAILED"] == 0
    assert vendor.served[ASKED] == 3


async def test_servicenow_shares_one_session(world: World) -> None:
    await world.register()
    await set_again(world, {**APP, "user": "admin", "password": PASSWORD})

    assert await pull_at_once(world) == {"SUCCEEDED": 4}

    assert world.servicenow.served["POST /oauth_token.do"] == 1


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


async def test_a_refresh_token_lost_in_a_crash_parks_with_what_to_do(world: World) -> None:
    # given a worker that is killed between the vendor's answer and the commit
    seen = await registered(world)
    login = site(world, "jira").login

    async def answered_then_killed(held: Held) -> Held:
        login.grant({"grant_type": "refresh_token", **held})
        raise Crash

    with pytest.raises(Crash):
        await renew(world.runtime, world.integration_id, seen, answered_then_killed)

    # when the next one pulls
    world.clock.move(seconds=LEASE.total_seconds())
    assert (await pull_at_once(world, workers=1))["FAILED"] == 1

    # then the integration waits for a person, who is told what to do
    row = await world.integration()
    assert row["state"] == "PARKED"
    assert "authorise the app at the vendor again and set the refresh token" in row["state_reason"]

    # who does it
    await set_again(world, agreed(world, "jira"))
    await pull_at_once(world)
    assert (await world.integration())["state"] == "HEALTHY"


async def test_no_token_is_told_in_a_log_or_readable_in_the_database(world: World) -> None:
    seen = await registered(world)
    with capture_logs() as log:
        await pull_at_once(world)
        held = await stored(world)
        site(world, "jira").login.revoke()
        await pull_at_once(world, workers=1)

    assert [line["event"] for line in log].count("tokens_renewed") == 1
    assert [line for line in log if line["event"] == "run_failed"]
    told = [log, *[await rows_of(table) for table in TABLES]]
    secrets = {seen["refresh_token"], held["refresh_token"], held["access_token"]}
    assert len(secrets) == 3
    assert not [secret for secret in secrets if secret in str(told)]


async def test_new_credentials_drop_the_tokens_of_the_old(world: World) -> None:
    await registered(world)
    await pull_at_once(world)
    assert await names(world) == {
        "access_token": "the vendor",
        "client_id": "ada",
        "client_secret": "ada",
        "refresh_token": "the vendor",
        "renew_at": "the vendor",
    }

    await set_again(world, agreed(world, "jira"))

    assert await names(world) == {
        "client_id": "ada",
        "client_secret": "ada",
        "refresh_token": "ada",
    }


async def names(world: World) -> dict[str, Any]:
    """Return who has set each credential."""
    found = await rows(
        "SELECT name, set_by FROM credential WHERE integration_id = $1", world.integration_id
    )
    return {row["name"]: row["set_by"] for row in found}
