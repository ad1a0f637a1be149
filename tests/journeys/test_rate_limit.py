"""However many workers ask, a vendor is asked no more often than agreed, and all arrives."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, Final

import httpx
import pytest
import pytest_asyncio

from tests.journeys.graph import Graph
from tests.journeys.house import START_SECONDS, House, free_port, holds
from tests.journeys.vendor import Vendor

# In any second, wherever it begins; requests go out evenly, and arrive as they can.
_MOST: Final = 10
_KEY: Final = "prod"
# Of each kind the table at the vendor, and that of its links here.
_TABLES: Final = {
    "incident": "incident_link",
    "change_request": "change_link",
    "em_alert": "event_link",
    "sn_customerservice_case": "ticket_link",
}
# How long a vendor is left alone that says "too often", but not until when.
_UNTOLD_SECONDS: Final = 20


@asynccontextmanager
async def _simulated(*words: str) -> AsyncIterator[Mapping[str, str]]:
    """Start a simulator, and yield what it says of itself."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "simulators", *words, "--die-with-stdin", stdin=PIPE, stdout=PIPE
    )
    assert process.stdout is not None
    yield json.loads(await process.stdout.readline())
    process.kill()
    await process.communicate()


@pytest_asyncio.fixture
async def vendor() -> AsyncIterator[Vendor]:
    """A simulated ServiceNow on a port, whose people do nothing."""
    async with _simulated("servicenow", "--rows", "1000", "--history", "1") as told:
        yield Vendor(url=told["url"], user=told["user"], password=told["password"])


@pytest_asyncio.fixture
async def pagerduty() -> AsyncIterator[httpx.AsyncClient]:
    """A client of a simulated PagerDuty with a past, which signs in by its key."""
    async with (
        _simulated("pagerduty", "--incidents", "60") as told,
        httpx.AsyncClient(
            base_url=told["url"],
            headers={"Authorization": f"Token token={told['token']}", "From": told["from"]},
            trust_env=False,
        ) as client,
    ):
        yield client


async def _started(house: House, redis_url: str = "") -> Graph:
    """Start an API and two workers; return the graph when it answers."""
    await house.run(
        WORKERS="2", ALLOW_LOCAL_VENDORS="yes", POLL_FALLBACK_SECONDS="1", REDIS_URL=redis_url
    )
    path = house.folder / "ready.json"

    async def told() -> bool:
        return path.exists()

    await holds(told, seconds=START_SECONDS)
    facts = json.loads(path.read_bytes())
    return Graph(url=facts["url"], token=facts["token"])


async def _register(
    graph: Graph,
    provider: str,
    url: str,
    values: Mapping[str, str],
    **settings: Any,  # noqa: ANN401 — JSON
) -> None:
    """Register a vendor; all its kinds are due each second from then on."""
    made = await graph.change(
        "createIntegration",
        "CreateIntegrationInput",
        {"key": _KEY, "providerKey": provider, "baseUrl": url, "direction": "INBOUND"},
        "integration { id }",
    )
    known = {"id": made["integration"]["id"]}
    await graph.change(
        "configureIntegration",
        "ConfigureIntegrationInput",
        {**known, "pollInterval": "PT1S", **settings},
        "integration { id }",
    )
    credentials = [{"name": name, "value": value} for name, value in values.items()]
    await graph.change(
        "setCredentials",
        "SetCredentialsInput",
        {**known, "credentials": credentials},
        "integration { id }",
    )


async def _contents(vendor: Vendor) -> dict[str, set[str]]:
    """Return the ids of the vendor's records, by the table of their links."""
    return {
        links: {row["sys_id"] for row in await vendor.rows(table, ("sys_id",))}
        for table, links in _TABLES.items()
    }


async def _complete(house: House, theirs: Mapping[str, set[str]]) -> None:
    """Wait until all the records are mirrored, each once; raises TimeoutError."""

    async def same() -> bool:
        for table, ids in theirs.items():
            found = await house.tables.rows(f"SELECT external_id FROM {table}")  # noqa: S608 — a name of ours
            if sorted(row["external_id"] for row in found) != sorted(ids):
                return False
        return True

    await holds(same, seconds=90)


async def _asked(vendor: Vendor, requests: int) -> None:
    """Wait until the vendor has been asked so often."""

    async def often() -> bool:
        return bool(sum((await vendor.tell("served")).values()) >= requests)

    await holds(often, seconds=90)


async def _workers(house: House) -> int:
    """Return how many workers have read the vendor."""
    return len(await house.tables.rows("SELECT DISTINCT lease_owner FROM sync_run WHERE fence > 0"))


@pytest.mark.parametrize("has_redis", [True, False], ids=["with Redis", "without Redis"])
async def test_two_workers_together_never_ask_more_often_than_agreed(
    house: House, vendor: Vendor, has_redis: bool
) -> None:
    # given a vendor that refuses more than ten requests in a second
    theirs = await _contents(vendor)
    await vendor.tell("limit", requests=_MOST, seconds=1)
    nowhere = f"redis://127.0.0.1:{free_port()}"
    graph = await _started(house, redis_url="" if has_redis else nowhere)

    # when two workers have more to ask, of five kinds
    before = sum((await vendor.tell("served")).values())
    values = {"user": vendor.user, "password": vendor.password}
    await _register(graph, "servicenow", vendor.url, values, requestsPerMinute=_MOST * 60)
    await _complete(house, theirs)
    await _asked(vendor, before + 3 * _MOST)

    # then neither has it refused one, nor has it been left idle
    busiest = (await vendor.tell("busiest"))["requests"]
    assert _MOST / 2 < busiest <= _MOST
    assert not await _refused(house)
    assert await _workers(house) == 2


async def test_a_storm_of_refusals_ends_in_a_complete_mirror(
    house: House, pagerduty: httpx.AsyncClient
) -> None:
    # given a vendor that refuses each third request for a while
    found = await pagerduty.get("/incidents", params={"date_range": "all", "limit": "100"})
    theirs = {"incident_link": {incident["id"] for incident in found.json()["incidents"]}}
    graph = await _started(house)
    storm = _storm(datetime.now(UTC))  # noqa: TID251 — the machine's, as the vendor's
    assert (await pagerduty.post("/_control/misfortunes", json={"faults": storm})).is_success

    # when it is read
    began = asyncio.get_running_loop().time()
    token = pagerduty.headers["Authorization"].removeprefix("Token token=")
    values = {"token": token, "from": pagerduty.headers["From"]}
    settings = {"requestsPerMinute": 6_000, "rateLimitBackoff": False}
    await _register(graph, "pagerduty", str(pagerduty.base_url), values, **settings)
    await _complete(house, theirs)

    # then it was left alone after refusals, and is read to the end all the same
    assert len(await _refused(house)) >= len(storm) / 2
    assert asyncio.get_running_loop().time() - began > _UNTOLD_SECONDS


def _storm(now: datetime) -> list[dict[str, object]]:
    """Return refusals that say in each way when to come back, and one that does not."""
    date = format_datetime(now + timedelta(seconds=9), usegmt=True)
    ways: list[dict[str, object]] = [
        {"detail": "1"},
        {"headers": {"ratelimit-limit": "960", "ratelimit-reset": "1"}},
        {"detail": date},
        {},
    ]
    return [
        {"kind": "throttled", "path": "/", "skip": 2 * place, **way}
        for place, way in enumerate(ways)
    ]


async def _refused(house: House) -> Sequence[Mapping[str, Any]]:
    return await house.tables.rows("SELECT id FROM sync_run WHERE error_code = 'RATE_LIMITED'")
