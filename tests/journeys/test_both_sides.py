"""Both sides edit while their servers and workers are killed; in the end they say the same."""

import os
import signal
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import Final

import httpx

from tests.im.processes.parents import gone
from tests.journeys.graph import Data, Graph
from tests.journeys.house import House, Ready, holds
from tests.journeys.listener import Listener, heard_all, listening, newest, written
from tests.journeys.mirror import DEMO, follow_closely, only_servicenow
from tests.journeys.tables import Tables
from tests.journeys.vendor import Row, Vendor

_SEED: Final = 7
_EDITS: Final = 48
_KILLED_AFTER: Final = 12
_INCIDENTS: Final = 8
_STATES: Final = {"NEW": "1", "IN_PROGRESS": "2"}
_FIELDS: Final = "id number title status links { integration { key } }"
_COLUMNS: Final = ("sys_id", "number", "short_description", "state")
# The arguments of a command line are parted by zeros.
_PROCESSES: Final = (r"im\x00serve", r"im\x00work")
# What a dead worker would still hold for a minute.
_LEASED: Final = ("lane", "inbound", "sync_run")


@dataclass(slots=True, kw_only=True)
class _People:
    """Edit the same incidents on both sides, by a seed; numbers make each word their own."""

    ready: Ready
    incidents: list[Data]
    chance: Random
    words: Counter[str] = field(default_factory=Counter)

    async def edit(self, number: int) -> None:
        """Make one edit, somewhere."""
        incident = self.chance.choice(self.incidents)
        match self.chance.choice(("title", "note", "status", "theirs", "theirs")):
            case "title":
                await self._here(number, incident, title=f"Title {number}")
            case "status":
                await self._here(number, incident, status=self.chance.choice(list(_STATES)))
            case "note":
                self.words[f"Note {number}"] = 1
                noted = {"incidentId": incident["id"], "body": f"Note {number}"}
                await self._ask(number, "addNote", "AddNoteInput", noted)
            case _:
                state = self.chance.choice(list(_STATES.values()))
                name = incident["number"]
                await self.ready.vendor.tell("edit", record=name, fields={"state": state})

    async def _here(self, number: int, incident: Data, **fields: str) -> None:
        await self._ask(
            number, "editIncident", "EditIncidentInput", {"id": incident["id"], **fields}
        )

    async def _ask(self, number: int, mutation: str, kind: str, asked: Data) -> None:
        """Ask until there is an answer: the server may be killed before it gives one."""
        asked = asked | {"idempotencyKey": f"edit {number}"}

        async def answered() -> bool:
            try:
                await self.ready.graph.change(mutation, kind, asked, "__typename")
            except httpx.TransportError:
                return False
            return True

        await holds(answered)


async def _kill(house: House, word: str) -> None:
    """Kill a process, and let the minute pass for which it would still hold its work."""
    (process,) = house.processes(word)
    os.kill(process, signal.SIGKILL)
    await gone(process)
    for table in _LEASED:
        await house.tables.run(f"UPDATE {table} SET lease_until = 0 WHERE lease_until IS NOT NULL")  # noqa: S608 — a table of ours

    async def is_back() -> bool:
        return bool(house.processes(word))

    await holds(is_back)


async def _quiet(tables: Tables) -> None:
    """Wait until nothing is on its way to either side."""

    async def none() -> bool:
        waiting = await tables.rows(
            """
            SELECT id FROM outbox WHERE state = 'READY'
            UNION ALL SELECT id FROM inbound WHERE state = 'READY'
            """
        )
        return not waiting

    await holds(none, seconds=60)


async def _chosen(graph: Graph) -> list[Data]:
    """Return incidents that are the one vendor's alone, and still open."""
    return [
        incident
        for incident in await graph.incidents(_FIELDS)
        if [link["integration"]["key"] for link in incident["links"]] == [DEMO]
        and incident["status"] in _STATES
    ][:_INCIDENTS]


async def _same(ready: Ready, chosen: list[Data]) -> bool:
    """Say whether both sides show the same of the incidents."""
    numbers = {incident["number"] for incident in chosen}
    ours = {
        (one["number"], one["title"], _STATES.get(one["status"]))
        for one in await ready.graph.incidents(_FIELDS)
    }
    theirs = await _theirs(ready.vendor, numbers)
    return {(row["number"], row["short_description"], row["state"]) for row in theirs} <= ours


async def _theirs(vendor: Vendor, numbers: set[str]) -> list[Row]:
    rows = await vendor.rows("incident", _COLUMNS, query=f"numberIN{','.join(sorted(numbers))}")
    assert len(rows) == len(numbers)
    return rows


async def _titles(ready: Ready, row: Row) -> list[str]:
    """Return the titles that a record has had at the vendor since, in order."""
    query = f"documentkey={row['sys_id']}^fieldname=short_description^ORDERBYrecord_checkpoint"
    audit = await ready.vendor.rows("sys_audit", ("newvalue",), query=query)
    return [line["newvalue"] for line in audit]


async def _holds_what_was_said(people: _People) -> None:
    """Let each note be at the vendor once, and no title have come back."""
    vendor = people.ready.vendor
    journal = await vendor.rows("sys_journal_field", ("value",), query="valueSTARTSWITHNote ")
    assert Counter(row["value"] for row in journal) == people.words
    numbers = {incident["number"] for incident in people.incidents}
    for row in await _theirs(vendor, numbers):
        titles = await _titles(people.ready, row)
        assert len(titles) == len(set(titles))


async def test_kills_between_edits_of_both_sides_lose_nothing_and_write_nothing_twice(
    house: House,
) -> None:
    # given a mirror of a vendor that tells of its edits, and a subscriber
    ready = await house.demo(DEMO_ROWS="1000", POLL_FALLBACK_SECONDS="0.5")
    await follow_closely(ready.graph)
    await only_servicenow(ready.graph)
    rule = {"integrationId": (await ready.graph.integration(DEMO))["id"], "field": "notes"}
    asked = rule | {"owner": "PLATFORM"}
    await ready.graph.change(
        "setFieldOwnership", "SetFieldOwnershipInput", asked, "integration { id }"
    )
    chance = Random(_SEED)  # noqa: S311 — a seed, not a secret
    people = _People(ready=ready, incidents=await _chosen(ready.graph), chance=chance)
    assert len(people.incidents) == _INCIDENTS
    start = await newest(house.tables)
    listener = Listener(ready)
    async with listening(listener):
        # when people edit on both sides, and now the server is killed and now the worker
        for number in range(1, _EDITS + 1):
            await people.edit(number)
            if number % _KILLED_AFTER == 0:
                await _kill(house, chance.choice(_PROCESSES))

        # then both sides say the same, and all of it was told
        await holds(lambda: _same(ready, people.incidents), seconds=60)
        await _quiet(house.tables)
        assert await _same(ready, people.incidents)
        await heard_all(listener, house.tables, after=start)
    assert listener.facts == await written(house.tables, after=start)
    await _holds_what_was_said(people)
