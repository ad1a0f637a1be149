"""Both sides are edited at once: when do subscribers know of it, and when has the vendor it?

A simulated ServiceNow that tells of its edits, an API and a worker, each a process of its own.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from gql.protocol import SUBPROTOCOL
from im.boot import now
from im.processes.demo import DEMO_KEYS, prepare
from im.processes.waiting import pause, until
from tests.bench import sync, vendors
from tests.bench.load import percentile
from tests.bench.site import Server, Site, running, serving
from tests.journeys.graph import Data, Graph, key_of
from tests.journeys.tables import Tables
from tests.journeys.vendor import Row, Vendor

PER_MINUTE: Final = 1_000
_VENDOR: Final = "servicenow"
_SECRET: Final = "of a benchmark"  # noqa: S105 — as it says
_LONGEST_SECONDS: Final = 60.0
_WATCH: Final = """
subscription { incidentChanges { ... on IncidentEvent { incident { number } edits { field } } } }
"""
# By what an edit is known; when it was made, or had arrived.
Times = dict[str, datetime]


async def measure(site: Site, *, records: int, seconds: float) -> dict[str, Any]:
    """Let people edit on both sides in turns, each another incident, 1,000 times a minute.

    records: about how many the vendor has; no more edits are made.
    """
    with vendors.running(_VENDOR, records) as source:
        facts = {_VENDOR: source.facts}
        token = await prepare(site.settings, facts, token=None, webhook_secret=_SECRET)
        with serving(site, "im", "serve") as server, running(site, "im", "work"):
            await sync.ended(site, "BACKFILL")
            vendor = Vendor(**source.facts)
            place = f"webhooks/{_VENDOR}/{DEMO_KEYS[_VENDOR]}"
            address = f"http://127.0.0.1:{server.port}"
            await vendor.tell("webhook", url=f"{address}/{place}", secret=_SECRET)
            people = _People(vendor, Graph(url=address, token=token))
            async with _heard(server, token) as heard:
                await people.edit(round(seconds / 60 * PER_MINUTE))
                sent = await _sent(site.tables, people.here)
                await until(lambda: _all_in(people.there, heard), seconds=_LONGEST_SECONDS)
    return {
        "edits": len(people.there) + len(people.here),
        "from_vendor": _figures(people.there, heard),
        "to_vendor": _figures(people.here, sent),
    }


class _People:
    """Edit there and here, and note when each edit was begun."""

    def __init__(self, vendor: Vendor, graph: Graph) -> None:
        self._vendor = vendor
        self._graph = graph
        self.there: Times = {}
        """By the incident's number."""
        self.here: Times = {}
        """By the incident's key."""

    async def edit(self, most: int) -> None:
        """Make so many edits at most, evenly, whether the one before has ended or not."""
        rows = await self._vendor.rows("incident", ("number", "urgency"))
        ids = {one["number"]: one["id"] for one in await self._graph.incidents("id number")}
        async with asyncio.TaskGroup() as edits:
            for place, row in enumerate(rows[:most]):
                work = self._here(ids[row["number"]]) if place % 2 else self._there(row)
                edits.create_task(work)
                await pause(60 / PER_MINUTE)

    async def _there(self, row: Row) -> None:
        self.there[row["number"]] = now()
        urgency = "2" if row["urgency"] == "1" else "1"
        await self._vendor.tell("edit", record=row["number"], fields={"urgency": urgency})

    async def _here(self, global_id: str) -> None:
        began = self.here[key_of(global_id)] = now()
        asked: Data = {"id": global_id, "title": f"Edited at {began.isoformat()}"}
        await self._graph.change("editIncident", "EditIncidentInput", asked, "incident { id }")


@asynccontextmanager
async def _heard(server: Server, token: str) -> AsyncIterator[Times]:
    """Subscribe, and give when each incident's urgency was first heard to have changed."""
    heard: Times = {}
    async with connect(
        f"ws://127.0.0.1:{server.port}/graphql",
        subprotocols=[Subprotocol(SUBPROTOCOL)],
        compression=None,
        proxy=None,
    ) as client:
        await _subscribe(client, token)
        listening = asyncio.create_task(_listen(client, heard))
        try:
            yield heard
        finally:
            listening.cancel()


async def _subscribe(client: ClientConnection, token: str) -> None:
    """Subscribe; the answer to a ping says that it was taken."""
    bearer = {"Authorization": f"Bearer {token}"}
    for message in (
        {"type": "connection_init", "payload": bearer},
        {"id": "1", "type": "subscribe", "payload": {"query": _WATCH}},
        {"type": "ping"},
    ):
        await client.send(orjson.dumps(message).decode())
    while orjson.loads(await client.recv())["type"] != "pong":
        pass


async def _listen(client: ClientConnection, heard: Times) -> None:
    async for frame in client:
        message = orjson.loads(frame)
        if message["type"] != "next":
            continue
        event = message["payload"]["data"]["incidentChanges"]
        if any(edit["field"] == "urgency" for edit in event.get("edits", ())):
            heard.setdefault(event["incident"]["number"], now())


async def _all_in(begun: Times, ended: Times) -> bool:
    return begun.keys() <= ended.keys()


async def _sent(tables: Tables, begun: Times) -> Times:
    """Wait until all of our edits have been answered by the vendor, and return when."""
    sent: Times = {}

    async def all_sent() -> bool:
        found = await tables.rows(
            """
            SELECT l.incident_id, o.ended_at FROM outbox o JOIN lane l ON l.id = o.lane_id
            WHERE o.state = 'DONE'
            """
        )
        for row in found:
            sent[row["incident_id"]] = datetime.fromtimestamp(row["ended_at"] / 1000, UTC)
        return await _all_in(begun, sent)

    await until(all_sent, seconds=_LONGEST_SECONDS, every_seconds=0.5)
    return sent


def _figures(begun: Times, ended: Times) -> dict[str, float]:
    """Return after how many milliseconds edits had arrived."""
    took = [(ended[name] - at) / timedelta(milliseconds=1) for name, at in begun.items()]
    return {"p50": percentile(took, 50), "p95": percentile(took, 95), "max": max(took)}
