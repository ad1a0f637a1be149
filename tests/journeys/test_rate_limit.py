"""However many workers ask, a vendor is asked no more often than agreed, and all arrives."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, Final

import pytest
import pytest_asyncio

from tests.journeys.graph import Graph
from tests.journeys.house import House, free_port, holds
from tests.journeys.vendor import Vendor

# Ten a second. Requests go out evenly; a busy machine may bring two of them closer
# together, by more than the tenth of a second that one second has to spare.
_MOST: Final = 20
_SECONDS: Final = 2
_KEY: Final = "prod-snow"
# Of each kind the table at the vendor, and that of its links here.
_TABLES: Final = {
    "incident": "incident_link",
    "change_request": "change_link",
    "em_alert": "event_link",
    "sn_customerservice_case": "ticket_link",
}
# Refusals that say when to come back, as they come from nodes and from what stands before them.
_REFUSALS: Final = 6


@pytest_asyncio.fixture
async def vendor() -> AsyncIterator[Vendor]:
    """A simulated ServiceNow on a port, whose people do nothing."""
    words = ("servicenow", "--rows", "1000", "--history", "1", "--die-with-stdin")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "simulators", *words, stdin=PIPE, stdout=PIPE
    )
    assert process.stdout is not None
    told = json.loads(await process.stdout.readline())
    yield Vendor(url=told["url"], user=told["user"], password=told["password"])
    process.kill()
    await process.communicate()


async def _started(house: House, redis_url: str = "") -> Graph:
    """Start an API and two workers; return the graph when it answers."""
    await house.run(
        WORKERS="2", ALLOW_LOCAL_VENDORS="yes", POLL_FALLBACK_SECONDS="1", REDIS_URL=redis_url
    )
    path = house.folder / "ready.json"

    async def told() -> bool:
        return path.exists()

    await holds(told)
    facts = json.loads(path.read_bytes())
    return Graph(url=facts["url"], token=facts["token"])


async def _register(graph: Graph, vendor: Vendor, **settings: Any) -> None:  # noqa: ANN401 — JSON
    """Register the vendor; all its kinds are due each second from then on."""
    made = await graph.change(
        "createIntegration",
        "CreateIntegrationInput",
        {"key": _KEY, "providerKey": "servicenow", "baseUrl": vendor.url, "direction": "INBOUND"},
        "integration { id }",
    )
    known = {"id": made["integration"]["id"]}
    await graph.change(
        "configureIntegration",
        "ConfigureIntegrationInput",
        {**known, "pollInterval": "PT1S", **settings},
        "integration { id }",
    )
    values = {"user": vendor.user, "password": vendor.password}
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

    await holds(same)


async def _asked(vendor: Vendor, requests: int) -> None:
    """Wait until the vendor has been asked so often."""

    async def often() -> bool:
        return bool(sum((await vendor.tell("served")).values()) >= requests)

    await holds(often)


async def _workers(house: House) -> int:
    """Return how many workers have read the vendor."""
    return len(await house.tables.rows("SELECT DISTINCT lease_owner FROM sync_run WHERE fence > 0"))


@pytest.mark.parametrize("has_redis", [True, False], ids=["with Redis", "without Redis"])
async def test_two_workers_together_never_ask_more_often_than_agreed(
    house: House, vendor: Vendor, has_redis: bool
) -> None:
    # given a vendor that refuses more than fifty requests in five seconds
    theirs = await _contents(vendor)
    await vendor.tell("limit", requests=_MOST, seconds=_SECONDS)
    nowhere = f"redis://127.0.0.1:{free_port()}"
    graph = await _started(house, redis_url="" if has_redis else nowhere)

    # when two workers have more to ask, of five kinds
    before = sum((await vendor.tell("served")).values())
    await _register(graph, vendor, requestsPerMinute=_MOST * 60 // _SECONDS)
    await _complete(house, theirs)
    await _asked(vendor, before + _MOST + 10)

    # then neither has it refused one, nor has it been left idle
    busiest = (await vendor.tell("busiest"))["requests"]
    assert _MOST / 2 < busiest <= _MOST
    assert not await _refused(house)
    assert await _workers(house) == 2


async def test_a_storm_of_refusals_ends_in_a_complete_mirror(house: House, vendor: Vendor) -> None:
    # given a vendor that refuses each third request for a while
    theirs = await _contents(vendor)
    graph = await _started(house)
    await vendor.tell("misfortunes", faults=_storm(datetime.now(UTC)))  # noqa: TID251 — the machine's, as the vendor's

    # when it is read
    await _register(graph, vendor, requestsPerMinute=6_000, rateLimitBackoff=False)
    await _complete(house, theirs)

    # then it was left alone after refusals, and is read to the end all the same
    assert len(await _refused(house)) >= _REFUSALS / 2


def _storm(now: datetime) -> list[dict[str, object]]:
    """Return refusals that name a wait of a second, or the time at which it ends."""
    dated = [format_datetime(now + timedelta(seconds=n), usegmt=True) for n in range(_REFUSALS)]
    return [
        {"kind": "throttled", "path": "/api/", "detail": dated[n] if n % 2 else "1", "skip": 2 * n}
        for n in range(_REFUSALS)
    ]


async def _refused(house: House) -> Sequence[Mapping[str, Any]]:
    return await house.tables.rows("SELECT id FROM sync_run WHERE error_code = 'RATE_LIMITED'")
