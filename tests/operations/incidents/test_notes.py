"""Notes of several vendors are one list; nothing makes one public (rule K2)."""

from collections.abc import Awaitable, Callable

import pytest

from domain.records import Direction, NoteVisibility, Owner
from models.reads.statement import rows
from models.tables.integration import IntegrationRow
from models.tables.ownership import OwnershipRuleRow
from operations.incidents.comment import AddNote, add_note
from operations.sync.push import push_due
from operations.sync.retry_dead_letter import RetryDeadLetter, retry_dead_letter
from simulators.jira import adf
from simulators.jira.instance import Jira
from simulators.misfortune import Fault, Kind
from simulators.pagerduty.instance import PagerDuty
from simulators.pagerduty.store import equal
from tests.operations.incidents.test_three_vendors import created, links
from tests.world import ADMIN, World, count

Settle = Callable[[], Awaitable[None]]
INTERNAL, PUBLIC = NoteVisibility.INTERNAL, NoteVisibility.PUBLIC


@pytest.fixture
async def shared(world: World, settle: Settle) -> str:
    """An incident of ServiceNow and Jira; Jira takes the notes of others."""
    await OwnershipRuleRow.create(
        id=world.runtime.new_id(),
        integration_id=await world.id_of("prod-jira"),
        field="notes",
        owner=Owner.PLATFORM,
        priority=0,
        set_at=world.clock.now(),
        set_by="ada",
    )
    incident_id = await created(world, "prod-snow", "prod-jira")
    await settle()
    return incident_id


def jira(world: World) -> Jira:
    assert world.jira is not None
    return world.jira


async def key(incident_id: str, at: str) -> str:
    return str((await links(incident_id))[at]["external_key"])


async def comments(world: World, incident_id: str) -> list[tuple[str, bool]]:
    """Return what Jira has: the words, and whether customers see them."""
    issue = jira(world).issue(await key(incident_id, "prod-jira"))
    found = jira(world).records.store.children("comment", int(issue["id"]))
    return [(adf.plain(one["body"]).rstrip(), one["public"]) for one in found]


async def ours() -> list[tuple[str, str]]:
    found = await rows("SELECT body, visibility FROM note ORDER BY created_at, id")
    return [(row["body"], row["visibility"]) for row in found]


async def add(world: World, incident_id: str, body: str, visibility: NoteVisibility) -> None:
    note = AddNote(incident_id=incident_id, body=body, key=body, visibility=visibility)
    await add_note(world.runtime, ADMIN, note)


async def test_who_may_read_a_note_is_kept_on_every_way(
    world: World, settle: Settle, shared: str
) -> None:
    # given notes from here and from ServiceNow, of either kind
    await add(world, shared, "ours, for us", INTERNAL)
    await add(world, shared, "ours, for all", PUBLIC)
    number = await key(shared, "prod-snow")
    world.servicenow.edit(number, {"work_notes": "theirs, for us"})
    world.clock.move(seconds=1)
    world.servicenow.edit(number, {"comments": "theirs, for all"})
    await settle()

    # then each is at Jira once, and only what was public is
    assert sorted(await comments(world, shared)) == [
        ("ours, for all", True),
        ("ours, for us", False),
        ("theirs, for all", True),
        ("theirs, for us", False),
    ]
    await settle()
    assert len(await comments(world, shared)) == await count("note") == 4


async def test_a_note_whose_answer_was_lost_is_there_once_on_both_sides(
    world: World, settle: Settle, shared: str
) -> None:
    jira(world).misfortunes.push(Fault(kind=Kind.LOST, method="POST", path="/rest/api/3/issue"))
    await add(world, shared, "rebooted", INTERNAL)
    await settle()
    await settle()
    assert await comments(world, shared) == [("rebooted", False)]
    assert await ours() == [("rebooted", INTERNAL)]
    assert await count("note_copy") == 1


async def test_a_note_that_the_vendor_edits_has_its_new_words_and_a_deleted_one_stays(
    world: World, settle: Settle, shared: str
) -> None:
    site, issue_key = jira(world), await key(shared, "prod-jira")
    first, _ = site.comment(issue_key, "the disk"), site.comment(issue_key, "the fan")
    await settle()

    # when one is edited there and then deleted
    issue = site._found(issue_key)
    (comment, _) = site.records.store.children("comment", issue["id"])
    site.records.edit_comment(issue, comment, adf.document("the other disk"), by="admin")
    await settle()
    assert sorted(await ours()) == [("the fan", INTERNAL), ("the other disk", INTERNAL)]
    (edited,) = await rows("SELECT edited_at FROM note WHERE external_id = $1", str(first))
    assert edited["edited_at"] is not None
    site.records.delete_comment(issue, comment, by="admin")
    await settle()

    # then its words stay, marked
    (deleted,) = await rows("SELECT body, deleted_at FROM note WHERE external_id = $1", str(first))
    assert deleted["body"] == "the other disk"
    assert deleted["deleted_at"] is not None
    assert await count("note") == 2


@pytest.mark.parametrize("direction", [Direction.NONE, Direction.OUTBOUND])
async def test_a_note_of_a_vendor_of_which_nothing_is_taken_goes_to_no_other(
    world: World, settle: Settle, shared: str, direction: Direction
) -> None:
    await IntegrationRow.filter(key="prod-snow").update(direction=direction)
    world.servicenow.note(await key(shared, "prod-snow"), "it was the disk")
    await settle()
    assert await comments(world, shared) == []


async def test_a_note_goes_to_no_vendor_to_which_nothing_is_sent(
    world: World, settle: Settle, shared: str
) -> None:
    await IntegrationRow.filter(key="prod-jira").update(direction=Direction.INBOUND)
    world.servicenow.note(await key(shared, "prod-snow"), "it was the disk")
    await add(world, shared, "rebooted", INTERNAL)
    await settle()
    assert await comments(world, shared) == []
    assert len(await ours()) == 2


async def test_a_public_note_stays_away_from_a_vendor_that_has_none(
    world: World, settle: Settle
) -> None:
    incident_id = await created(world, "prod-snow", "prod-pd")
    await settle()
    world.servicenow.edit(await key(incident_id, "prod-snow"), {"comments": "for all"})
    await settle()
    (write,) = await rows("SELECT state, code FROM outbox WHERE kind = 'NOTE'")
    assert (write["state"], write["code"]) == ("DROPPED", "NOT_SENT")
    assert await ours() == [("for all", PUBLIC)]


def pagerduty(world: World) -> PagerDuty:
    assert world.pagerduty is not None
    return world.pagerduty


async def at_pagerduty(world: World, incident_id: str) -> list[str]:
    """Return the words of the notes that PagerDuty has, the oldest first."""
    there = (await links(incident_id))["prod-pd"]["external_id"]
    found = pagerduty(world).store.page("incident_note", equal(incident=there))
    return [note["content"] for note in found]


async def test_notes_written_before_a_vendor_has_the_incident_follow_its_creation(
    world: World, settle: Settle
) -> None:
    # given an incident that ServiceNow has, and PagerDuty, which is down, not yet
    down = Fault(kind=Kind.ERROR, status=503, method="POST", times=None)
    pagerduty(world).misfortunes.push(down)
    incident_id = await created(world, "prod-snow", "prod-pd")
    await push_due(world.runtime)
    assert sorted(await links(incident_id)) == ["prod-snow"]

    # when somebody here and somebody at ServiceNow write notes
    await add(world, incident_id, "ours", INTERNAL)
    world.clock.move(seconds=5)
    world.servicenow.note(await key(incident_id, "prod-snow"), "theirs")
    await world.sync()
    assert sorted(await links(incident_id)) == ["prod-snow"]

    # then both are at PagerDuty once the incident can be created there
    pagerduty(world).misfortunes.clear()
    await settle()
    assert await at_pagerduty(world, incident_id) == ["ours", "theirs"]
    assert len(await ours()) == await count("note_copy") == 2


async def test_a_note_waits_for_a_creation_that_has_failed_until_it_is_tried_again(
    world: World, settle: Settle
) -> None:
    # given an incident that PagerDuty has refused
    pagerduty(world).misfortunes.push(Fault(kind=Kind.ERROR, status=400, method="POST"))
    incident_id = await created(world, "prod-snow", "prod-pd")
    await settle()
    (dead,) = await rows("SELECT id FROM outbox WHERE state = 'DEAD'")

    # when notes are written, then they wait
    await add(world, incident_id, "ours", INTERNAL)
    world.servicenow.note(await key(incident_id, "prod-snow"), "theirs")
    await settle()
    assert sorted(await links(incident_id)) == ["prod-snow"]

    # and follow it
    await retry_dead_letter(world.runtime, ADMIN, RetryDeadLetter(id=dead["id"]))
    await settle()
    assert await at_pagerduty(world, incident_id) == ["ours", "theirs"]
