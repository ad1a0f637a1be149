"""Tokens that all connections of an integration share, in all processes."""

import asyncio
from typing import Any

import pytest
from structlog.testing import capture_logs

from adapters.exchange import Checked
from models.database import DatabaseAt
from models.reads.statement import rows
from operations.integrations import test_connection as connection_test
from operations.integrations.renew import LEASE, renew
from tests.mirror import rows_of
from tests.operations.integrations.consent import (
    APP,
    Held,
    agreed,
    pull_at_once,
    registered,
    rotating,
    set_again,
    site,
    stored,
)
from tests.world import ADMIN, PASSWORD, Crash, World

ASKED = "POST /oauth/token"
# All that a sync may put words of the vendor into.
TABLES = ("integration", "credential", "sync_run", "watermark", "event_log")


@pytest.fixture
async def world(database: DatabaseAt) -> World:
    """Vendors whose refresh tokens are good for one use; no integration yet."""
    return rotating(database)


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
