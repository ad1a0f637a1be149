"""An incident that is created here and lives at three vendors."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from domain.errors import IdempotencyMismatch, Invalid, Stale
from domain.exchange import ConflictStrategy
from domain.records import NoteVisibility, Severity
from models.coding import loads
from models.reads.statement import rows
from models.tables.integration import IntegrationRow
from operations.incidents.comment import AddNote, add_note
from operations.incidents.create import CreateIncident, create_incident
from operations.incidents.edit import EditIncident, edit_incident
from operations.sync.push import push_due
from tests.world import ADMIN, World, count

Settle = Callable[[], Awaitable[None]]


async def created(world: World, *keys: str, request: str = "r1", title: str = "It burns") -> str:
    service = await rows("SELECT id FROM asset WHERE name = 'Web Shop'")
    ask = CreateIncident(
        title=title,
        description="smoke",
        severity=Severity.SEV2,
        key=request,
        service_ids=[row["id"] for row in service],
        integration_ids=[await world.id_of(key) for key in keys],
    )
    return await create_incident(world.runtime, ADMIN, ask)


async def links(incident_id: str) -> dict[str, dict[str, Any]]:
    found = await rows(
        """
        SELECT i.key, l.* FROM incident_link l JOIN integration i ON i.id = l.integration_id
        WHERE l.incident_id = $1
        """,
        incident_id,
    )
    return {row["key"]: row for row in found}


async def incident(incident_id: str) -> dict[str, Any]:
    (row,) = await rows("SELECT * FROM incident WHERE id = $1", incident_id)
    return row


async def test_it_is_one_incident_with_a_record_at_each(world: World, settle: Settle) -> None:
    incident_id = await created(world, "prod-snow", "prod-jira", "prod-pd")
    assert (await incident(incident_id))["number"] == "WP-1"
    await settle()
    known = await links(incident_id)
    assert sorted(known) == ["prod-jira", "prod-pd", "prod-snow"]
    assert await count("incident") == 1
    assert (await incident(incident_id))["number"] in {
        row["external_key"] for row in known.values()
    }
    assert world.servicenow.record(known["prod-snow"]["external_key"])["short_description"] == (
        "It burns"
    )
    assert world.jira is not None
    assert world.jira.issue(known["prod-jira"]["external_key"])["fields"]["summary"] == "It burns"
    assert world.pagerduty is not None
    assert world.pagerduty.incident(known["prod-pd"]["external_id"])["title"] == "It burns"


async def test_the_same_request_again_creates_nothing_new(world: World) -> None:
    first = await created(world, "prod-snow")
    assert await created(world, "prod-snow") == first
    assert await count("incident") == 1
    assert await count("outbox") == 1
    with pytest.raises(IdempotencyMismatch):
        await created(world, "prod-snow", title="Something else")


async def test_an_edit_of_what_has_changed_meanwhile_is_refused(world: World) -> None:
    incident_id = await created(world)
    seen = (await incident(incident_id))["version"]
    edit = EditIncident(incident_id=incident_id, fields={"title": "p"}, expected_version=seen)
    await edit_incident(world.runtime, ADMIN, edit)
    with pytest.raises(Stale):
        await edit_incident(world.runtime, ADMIN, edit)
    with pytest.raises(Invalid):
        await edit_incident(
            world.runtime, ADMIN, EditIncident(incident_id=incident_id, fields={"title": " "})
        )


async def test_a_vendors_change_reaches_the_other_vendors(world: World, settle: Settle) -> None:
    # given one incident at all three
    incident_id = await created(world, "prod-snow", "prod-jira", "prod-pd")
    await settle()
    known = await links(incident_id)

    # when somebody works on it at ServiceNow
    world.servicenow.edit(known["prod-snow"]["external_key"], {"state": "2"})
    await settle()

    # then all three stand there, and nothing goes round
    assert (await incident(incident_id))["status"] == "IN_PROGRESS"
    assert world.pagerduty is not None
    assert world.pagerduty.incident(known["prod-pd"]["external_id"])["status"] == "acknowledged"
    sent = await count("outbox")
    await settle()
    assert await count("outbox") == sent
    assert await count("conflict") == 0


async def test_a_note_from_here_goes_where_notes_are_not_the_vendors(
    world: World, settle: Settle
) -> None:
    incident_id = await created(world, "prod-snow", "prod-pd")
    await settle()
    note = AddNote(
        incident_id=incident_id, body="rebooted", key="n1", visibility=NoteVisibility.INTERNAL
    )
    added = await add_note(world.runtime, ADMIN, note)
    assert [(one.code, one.integration_key) for one in added.warnings] == [
        ("OWNED_EXTERNALLY", "prod-snow")
    ]
    await settle()
    assert await count("note") == 1
    assert await count("note_copy") == 1
    assert (await add_note(world.runtime, ADMIN, note)).note_id == added.note_id


async def test_a_note_of_a_vendor_goes_to_the_others_once(world: World, settle: Settle) -> None:
    incident_id = await created(world, "prod-snow", "prod-pd")
    await settle()
    known = await links(incident_id)
    world.servicenow.note(known["prod-snow"]["external_key"], "it was the disk")
    await settle()
    await settle()
    assert await count("note") == 1
    assert await count("note_copy") == 1


async def test_resolved_at_one_is_resolved_at_all(world: World, settle: Settle) -> None:
    incident_id = await created(world, "prod-snow", "prod-jira", "prod-pd")
    await settle()
    known = await links(incident_id)
    assert world.pagerduty is not None
    assert world.jira is not None
    world.pagerduty.resolve(known["prod-pd"]["external_id"])
    await settle()
    await settle()
    assert (await incident(incident_id))["status"] == "RESOLVED"
    snow = world.servicenow.record(known["prod-snow"]["external_key"])
    jira = world.jira.issue(known["prod-jira"]["external_key"])["fields"]["status"]
    assert snow["state"] == "6"
    assert jira["statusCategory"]["key"] == "done"


async def test_a_storm_of_edits_on_both_sides_ends_equal_and_stays_so(
    world: World, settle: Settle
) -> None:
    # given five edits on each side within three seconds
    incident_id = await created(world, "prod-snow")
    await settle()
    key = (await links(incident_id))["prod-snow"]["external_key"]
    for turn in range(5):
        edit = EditIncident(
            incident_id=incident_id, fields={"status": ("NEW", "ON_HOLD")[turn % 2]}
        )
        await edit_incident(world.runtime, ADMIN, edit)
        world.servicenow.edit(key, {"state": ("2", "1")[turn % 2]})
        world.clock.move(seconds=0.6)
        await push_due(world.runtime)

    # when all is quiet
    await settle()

    # then both sides are equal, each clash is a row, and no more writes were made than edits
    ours = (await incident(incident_id))["status"]
    theirs = world.servicenow.record(key)["state"]
    assert {"NEW": "1", "IN_PROGRESS": "2", "ON_HOLD": "3"}[ours] == theirs
    done = await rows("SELECT id FROM outbox WHERE state = 'DONE'")
    decided = await rows("SELECT id FROM conflict WHERE status = 'RESOLVED_PLATFORM'")
    assert len(done) <= 1 + 5 + len(decided)
    assert await rows("SELECT id FROM conflict WHERE status = 'OPEN'") == []


async def test_somebody_whom_a_vendor_does_not_know_is_not_sent_to_it(
    world: World, settle: Settle
) -> None:
    # given an incident whose assignee ServiceNow owns, and PagerDuty is to have
    incident_id = await created(world, "prod-snow", "prod-pd")
    await settle()
    key = (await links(incident_id))["prod-snow"]["external_key"]
    nobody_there = world.servicenow.reference("sys_user", "Resolver 13")

    # when it is given to somebody who is no user there, and is set in progress
    world.servicenow.edit(key, {"assigned_to": nobody_there, "state": "2"})
    await settle()

    # then all that can be sent is, and nothing is dead
    assert (await incident(incident_id))["assignee"] == "Resolver 13"
    assert world.pagerduty is not None
    there = world.pagerduty.incident((await links(incident_id))["prod-pd"]["external_id"])
    assert there["status"] == "acknowledged"
    assert await rows("SELECT id FROM outbox WHERE state = 'DEAD'") == []


async def test_what_vendors_tell_of_a_field_that_none_takes_is_no_conflict(
    world: World, settle: Settle
) -> None:
    # given vendors with an urgency of their own, and people who decide conflicts
    await IntegrationRow.all().update(conflict_strategy=ConflictStrategy.MANUAL_REVIEW)
    incident_id = await created(world, "prod-snow", "prod-pd")
    await settle()
    known = await links(incident_id)

    # when it changes at the one, and then at the other, which has not seen it
    world.servicenow.edit(known["prod-snow"]["external_key"], {"urgency": "3"})
    await settle()
    assert world.pagerduty is not None
    world.pagerduty.edit(known["prod-pd"]["external_id"], {"urgency": "low"})
    await settle()

    # then the last that was told stands
    assert loads((await incident(incident_id))["extra"])["urgency"] == "low"
    assert await rows("SELECT field FROM conflict") == []
