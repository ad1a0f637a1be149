"""Every kind of record, what they are to each other, and their notes."""

from typing import Any

import pytest

from adapters.exchange import Failed, Page, PageAsk
from domain.records import RecordKind
from domain.sync.retry import Fault
from models.database import DatabaseAt
from models.reads.statement import rows
from tests.clock import Clock
from tests.mirror import mirror, numbers, told
from tests.world import Pages, World, count, simulated


@pytest.fixture
async def world(database: DatabaseAt, clock: Clock) -> World:
    """A registered instance of which all kinds are mirrored."""
    world = World(
        at=database, clock=clock, servicenow=simulated(clock), kinds=frozenset(RecordKind)
    )
    await world.register()
    return world


async def one(table: str) -> dict[str, Any]:
    (row,) = await rows(f"SELECT * FROM {table}")  # noqa: S608 — a test's own words
    return row


async def test_a_change_is_mirrored_with_its_window(world: World) -> None:
    shop = world.servicenow.reference("cmdb_ci", "Shop")
    change = world.servicenow.create(
        {
            "short_description": "Replace the switch",
            "state": "-2",
            "risk": "2",
            "start_date": "2026-03-02 09:00:00",
            "end_date": "2026-03-02 10:00:00",
            "cmdb_ci": shop,
        },
        table="change_request",
    )
    await world.sync()
    mirrored = await one("change")
    assert (mirrored["number"], mirrored["status"], mirrored["risk"]) == (
        change["number"],
        "SCHEDULED",
        "HIGH",
    )
    assert mirrored["ends_at"] - mirrored["starts_at"] == 3_600_000
    assert await count("change_asset") == 1

    # once it is known when it was done, that is its window
    world.clock.move(seconds=60)
    world.servicenow.edit(
        change["number"], {"work_start": "2026-03-02 09:20:00"}, table="change_request"
    )
    await world.sync()
    begun = await one("change")
    assert begun["starts_at"] - mirrored["starts_at"] == 20 * 60_000
    assert begun["ends_at"] == mirrored["ends_at"]
    assert begun["version"] == 2


async def test_an_alert_a_case_and_a_service_are_mirrored(world: World) -> None:
    servicenow = world.servicenow
    shop = servicenow.create(
        {"name": "Shop", "busines_criticality": "1 - most critical"}, table="cmdb_ci_service"
    )
    servicenow.create(
        {
            "source": "Prometheus",
            "message_key": "cpu|web-1",
            "severity": "1",
            "description": "CPU is at its limit",
            "cmdb_ci": shop["sys_id"],
        },
        table="em_alert",
    )
    servicenow.create(
        {"short_description": "I cannot pay", "priority": "2"}, table="sn_customerservice_case"
    )

    await world.sync()

    alert, case, service = await one("event"), await one("ticket"), await one("asset")
    assert (alert["severity"], alert["status"], alert["dedup_key"], alert["source"]) == (
        "CRITICAL",
        "FIRING",
        "cpu|web-1",
        "Prometheus",
    )
    assert (case["title"], case["status"], case["priority"]) == ("I cannot pay", "NEW", "P2")
    assert (service["name"], service["criticality"]) == ("Shop", "TIER1")
    assert await count("event_asset") == 1


async def test_relations_hold_whichever_end_arrives_first(world: World) -> None:
    servicenow = world.servicenow
    change = servicenow.create({"short_description": "Deploy"}, table="change_request")
    incident = servicenow.create({"short_description": "Down", "caused_by": change["sys_id"]})
    servicenow.create(
        {"message_key": "k", "source": "s", "severity": "3", "incident": incident["sys_id"]},
        table="em_alert",
    )

    await world.sync()

    found = await rows(
        """
        SELECT r.name, l.external_key FROM relation r
        JOIN change_link l ON l.external_id = r.to_external_id WHERE r.to_kind = 'CHANGE'
        """
    )
    assert [(row["name"], row["external_key"]) for row in found] == [
        ("CAUSED_BY", change["number"])
    ]
    found = await rows(
        """
        SELECT r.from_kind, l.external_key FROM relation r
        JOIN incident_link l ON l.external_id = r.to_external_id WHERE r.name = 'PART_OF'
        """
    )
    assert [(row["from_kind"], row["external_key"]) for row in found] == [
        ("EVENT", incident["number"])
    ]


async def test_a_relation_that_ends_at_the_vendor_ends_here(world: World) -> None:
    servicenow = world.servicenow
    change = servicenow.create({"short_description": "Deploy"}, table="change_request")
    incident = servicenow.create({"short_description": "Down", "caused_by": change["sys_id"]})
    await world.sync()
    assert await count("relation") == 1

    world.clock.move(seconds=60)
    servicenow.edit(incident["number"], {"caused_by": ""})
    await world.sync()

    assert await count("relation") == 0


async def test_a_service_named_before_its_own_record_is_filled_in_later(world: World) -> None:
    world.kinds = frozenset({RecordKind.INCIDENT})
    shop = world.servicenow.reference("cmdb_ci", "Shop")
    world.servicenow.create({"short_description": "Down", "cmdb_ci": shop})
    await world.sync()
    service = await one("asset")
    assert (service["name"], service["criticality"]) == ("Shop", "TIER3")

    world.clock.move(seconds=60)
    world.servicenow.edit("Shop", {"name": "Web shop"}, table="cmdb_ci")
    await world.sync()

    assert (await one("asset"))["name"] == "Web shop"
    assert await count("incident_asset") == 1


async def test_notes_are_mirrored_in_their_visibility_and_told_of(world: World) -> None:
    incident = world.servicenow.create({"short_description": "Down"})
    await world.sync()

    world.clock.move(seconds=60)
    world.servicenow.edit(incident["number"], {"work_notes": "Only for us"})
    world.clock.move(seconds=60)
    world.servicenow.edit(incident["number"], {"comments": "For the customer"})
    await world.sync()

    notes = await rows("SELECT body, visibility FROM note ORDER BY created_at")
    assert [(note["body"], note["visibility"]) for note in notes] == [
        ("Only for us", "INTERNAL"),
        ("For the customer", "PUBLIC"),
    ]
    assert "NOTE_ADDED" in [kind for kind, _, _ in await told()]
    world.clock.move(seconds=60)
    await world.sync()
    assert await count("note") == 2


async def test_a_second_sync_of_all_kinds_writes_nothing_and_tells_nothing(world: World) -> None:
    servicenow = world.servicenow
    shop = servicenow.reference("cmdb_ci", "Shop")
    change = servicenow.create(
        {"short_description": "Deploy", "cmdb_ci": shop}, table="change_request"
    )
    servicenow.create({"short_description": "Down", "caused_by": change["sys_id"]})
    servicenow.create({"message_key": "k", "source": "s", "severity": "3"}, table="em_alert")
    servicenow.create({"short_description": "Help"}, table="sn_customerservice_case")
    await world.sync()
    before, last = await mirror(), await numbers()

    world.clock.move(seconds=1)
    await world.sync()

    assert await mirror() == before
    news = await rows("SELECT topic FROM event_log WHERE number > $1", last[-1])
    assert {row["topic"] for row in news} == {"SYNC"}


async def test_each_kind_is_told_of_with_what_changed(world: World) -> None:
    change = world.servicenow.create({"short_description": "Deploy"}, table="change_request")
    await world.sync()
    world.clock.move(seconds=60)
    world.servicenow.edit(
        change["number"], {"short_description": "Deploy twice"}, table="change_request"
    )
    await world.sync()

    found = await rows("SELECT kind, changed FROM event_log WHERE topic = 'CHANGE' ORDER BY number")
    assert [(row["kind"], row["changed"]) for row in found] == [
        ("CREATED", "[]"),
        ("UPDATED", '["title"]'),
    ]


async def test_a_new_change_beside_a_changed_one_is_written_as_it_is(world: World) -> None:
    known = world.servicenow.create({"short_description": "Deploy"}, table="change_request")
    await world.sync()
    world.clock.move(seconds=60)
    world.servicenow.edit(
        known["number"], {"short_description": "Deploy twice"}, table="change_request"
    )
    world.servicenow.create(
        {"short_description": "Restart", "start_date": "2026-03-02 12:00:00"},
        table="change_request",
    )

    await world.sync()

    found = await rows("SELECT title, starts_at, version, extra FROM change ORDER BY title")
    assert [(row["title"], row["starts_at"], row["version"]) for row in found] == [
        ("Deploy twice", None, 2),
        ("Restart", 1_772_452_800_000, 1),
    ]


async def test_one_kind_that_fails_is_not_hidden_by_those_that_do_not(world: World) -> None:
    class NoChanges(Pages):
        async def page(self, ask: PageAsk) -> Page | Failed:
            if ask.kind is RecordKind.CHANGE:
                return Failed(fault=Fault.VENDOR_ERROR, detail="out of order")
            return await super().page(ask)

    world.stand_between(lambda vendor: NoChanges(vendor, 100))
    await world.sync()
    integration = await world.integration()
    assert (integration["state"], integration["state_reason"]) == (
        "DEGRADED",
        "CHANGE: out of order",
    )

    world.stand_between(lambda vendor: vendor)
    world.clock.move(seconds=600)
    await world.sync()
    integration = await world.integration()
    assert (integration["state"], integration["state_reason"]) == ("HEALTHY", None)
