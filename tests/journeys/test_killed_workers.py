"""Workers killed at any moment of the first sync leave no trace in what is mirrored."""

import os
import signal
from random import Random

from tests.im.processes.parents import gone
from tests.journeys.graph import key_of
from tests.journeys.house import House, Ready, holds
from tests.journeys.mirror import (
    DEMO,
    apart,
    contents,
    fresh,
    held_run,
    mirrored,
    only_servicenow,
    pass_on,
)
from tests.journeys.vendor import Vendor

_KILLS = 4
_SEED = 20
# The share of the log that holds some 2,000 incidents.
_ROWS = "13500"


async def _kill_readers(house: House, chance: Random) -> None:
    """Kill whoever reads the vendor, each after another number of requests."""
    vendor = await house.vendor()
    owner = ""
    for _ in range(_KILLS):
        held = await held_run(house.tables, other_than=owner)
        await _served(vendor, chance.randint(1, 12))
        os.kill(held.worker, signal.SIGKILL)
        await gone(held.worker)
        (run,) = await house.tables.rows(
            f"SELECT status, lease_owner FROM sync_run WHERE id = '{held.run_id}'"  # noqa: S608 — an id of ours
        )
        assert (run["status"], run["lease_owner"]) == ("RUNNING", held.owner)
        await pass_on(house.tables, held)
        owner = held.owner


async def _served(vendor: Vendor, requests: int) -> None:
    """Wait until the vendor has answered some more requests."""
    before = sum((await vendor.tell("served")).values())

    async def more() -> bool:
        return bool(sum((await vendor.tell("served")).values()) >= before + requests)

    await holds(more)


async def _twin(ready: Ready) -> str:
    """Mirror the same vendor once more, undisturbed; return the integration's id."""
    made = await ready.graph.change(
        "createIntegration",
        "CreateIntegrationInput",
        {
            "key": "twin",
            "providerKey": "servicenow",
            "baseUrl": ready.vendor.url,
            "direction": "INBOUND",
        },
        "integration { id }",
    )
    await ready.graph.change(
        "configureIntegration",
        "ConfigureIntegrationInput",
        {"id": made["integration"]["id"], "requestsPerMinute": 60_000},
        "integration { id }",
    )
    await ready.graph.change(
        "setCredentials",
        "SetCredentialsInput",
        {
            "id": made["integration"]["id"],
            "credentials": [
                {"name": "user", "value": ready.vendor.user},
                {"name": "password", "value": ready.vendor.password},
            ],
        },
        "integration { id }",
    )
    await fresh(ready.graph, of=frozenset({"twin"}))
    return await _id(ready, "twin")


async def _id(ready: Ready, key: str) -> str:
    return key_of((await ready.graph.integration(key))["id"])


async def test_a_sync_whose_workers_are_killed_ends_as_an_undisturbed_one(
    either_house: House,
) -> None:
    house = either_house
    run = await house.run("--demo", DEMO_ROWS=_ROWS, WORKERS="2")
    await _kill_readers(house, Random(_SEED))  # noqa: S311 — a seed, not a secret
    ready = await house.ready(run)
    await only_servicenow(ready.graph)
    await mirrored(ready.vendor, house.tables)
    assert await apart(house.tables) == []
    disturbed = await contents(house.tables, await _id(ready, DEMO))
    assert len(disturbed["links"]) > 1_900
    assert len(disturbed["incidents"]) > 1_400
    assert disturbed == await contents(house.tables, await _twin(ready))
