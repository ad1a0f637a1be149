"""Writes of one record go in order, one at a time, and wait for no other record (rule X1)."""

import asyncio

import pytest

from domain.records import Owner
from models.tables.ownership import OwnershipRuleRow
from operations.incidents.comment import AddNote, add_note
from operations.sync.push import push_due
from simulators.misfortune import Fault, Kind
from tests.operations.push.pair import Pair
from tests.operations.push.slow import Slow
from tests.operations.sync.mailed import table
from tests.world import ADMIN


@pytest.fixture
async def noted(pair: Pair) -> Pair:
    """The same, whose vendor takes our notes."""
    await OwnershipRuleRow.create(
        id=pair.world.runtime.new_id(),
        integration_id=pair.world.integration_id,
        field="notes",
        owner=Owner.PLATFORM,
        priority=0,
        set_at=pair.world.clock.now(),
        set_by="ada",
    )
    return pair


async def note(pair: Pair, body: str) -> None:
    ask = AddNote(incident_id=(await pair.ours())["id"], body=body, key=body)
    await add_note(pair.world.runtime, ADMIN, ask)


async def test_notes_keep_their_order_and_are_never_made_one(noted: Pair) -> None:
    # given notes among edits
    await note(noted, "one")
    await noted.edit(title="p")
    await note(noted, "two")
    await noted.edit(title="q")
    assert [write["kind"] for write in await noted.writes()] == ["NOTE", "UPDATE"] * 2

    # when they are sent
    assert await noted.push() == 3

    # then the vendor has both notes in order, and the last title once
    assert noted.theirs["short_description"] == "q"
    states = [write["state"] for write in await noted.writes()]
    assert states == ["DONE", "DONE", "DONE", "DROPPED"]
    assert noted.patches() == 3
    journal = table(noted.world, "sys_journal_field")
    assert [row["value"] for row in journal] == ["one", "two"]


async def test_one_write_of_a_record_is_under_way_at_a_time(pair: Pair) -> None:
    # given a worker that waits for the vendor
    asked, release = asyncio.Event(), asyncio.Event()
    pair.world.stand_between(lambda vendor: Slow(vendor, asked, release))
    await pair.edit(title="p")
    first = asyncio.create_task(push_due(pair.world.start("worker-2")))
    await asked.wait()

    # when another edit is made, no other worker sends it meanwhile
    await pair.edit(title="q")
    other = pair.world.start("worker-3")
    assert await push_due(other) == 0
    assert len(await pair.writes()) == 2

    # then the first one does, behind its own
    release.set()
    assert await first == 2
    assert pair.theirs["short_description"] == "q"
    assert [write["state"] for write in await pair.writes()] == ["DONE", "DONE"]


async def test_a_record_whose_vendor_fails_holds_up_no_other(pair: Pair) -> None:
    world = pair.world
    made = world.servicenow.create({"short_description": "b", "impact": "3", "urgency": "3"})
    world.clock.move(seconds=5)
    await world.sync()
    other = Pair(world=world, number=made["number"])
    path = f"/api/now/table/incident/{pair.theirs['sys_id']}"
    world.servicenow.misfortunes.push(
        Fault(kind=Kind.ERROR, status=503, path=path, method="PATCH", times=None)
    )
    await pair.edit(title="p")
    await other.edit(title="q")
    assert await pair.push() == 1
    assert (pair.theirs["short_description"], other.theirs["short_description"]) == ("a", "q")
