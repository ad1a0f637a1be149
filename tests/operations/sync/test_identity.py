"""One incident in two vendors is one incident with two links (rules I2, I3)."""

from typing import Any

import pytest

from domain.errors import Forbidden, Invalid, NotFound
from domain.records import RecordKind
from models.database import DatabaseAt
from models.reads.statement import rows
from models.tables.incident import IncidentRow
from operations.incidents.link import LinkIncident, link_incident
from operations.incidents.unlink import UnlinkIncident, unlink_incident
from simulators.pagerduty.instance import PagerDuty
from simulators.pagerduty.login import Account
from tests.clock import Clock
from tests.mirror import told
from tests.world import ADMIN, EMAIL, PASSWORD, VIEWER, World, commander, simulated


@pytest.fixture
async def world(database: DatabaseAt, clock: Clock) -> World:
    """A ServiceNow and a PagerDuty, both registered."""
    world = World(
        at=database,
        clock=clock,
        servicenow=simulated(clock),
        pagerduty=PagerDuty(now=clock.now, account=Account(token=PASSWORD, email=EMAIL)),
        kinds=frozenset({RecordKind.INCIDENT}),
    )
    await world.register(key="snow", provider="servicenow")
    await world.register(key="pd", provider="pagerduty")
    return world


def triggered(world: World, title: str) -> dict[str, Any]:
    assert world.pagerduty is not None
    return world.pagerduty.trigger(title)


def twin(world: World, of: dict[str, Any], title: str = "The shop is down") -> dict[str, str]:
    """Make a ServiceNow incident that names PagerDuty's as itself."""
    return world.servicenow.create(
        {
            "short_description": title,
            "correlation_id": of["id"],
            "correlation_display": "PagerDuty",
        }
    )


async def links() -> list[tuple[str, ...]]:
    """Return the keys of each live incident's links, in order."""
    found = await rows(
        """
        SELECT l.incident_id, n.key, l.external_key FROM incident_link l
        JOIN integration n ON n.id = l.integration_id
        JOIN incident i ON i.id = l.incident_id
        WHERE i.deleted_at IS NULL ORDER BY l.incident_id, n.key
        """
    )
    joined: dict[str, tuple[str, ...]] = {}
    for row in found:
        joined[row["incident_id"]] = (*joined.get(row["incident_id"], ()), row["key"])
    return sorted(joined.values())


async def test_a_record_that_names_a_mirrored_one_joins_it(world: World) -> None:
    incident = triggered(world, "Checkout is slow")
    await world.sync_one("pd")
    twin(world, incident)

    await world.sync_one("snow")

    assert await links() == [("pd", "snow")]
    (joined,) = await rows("SELECT * FROM incident")
    # what was there stays; what was empty is filled in
    assert joined["title"] == "Checkout is slow"
    assert joined["number"] == str(incident["incident_number"])
    assert "knowledge" in joined["extra"]


async def test_the_order_in_which_the_two_arrive_does_not_matter(world: World) -> None:
    incident = triggered(world, "Checkout is slow")
    twin(world, incident)
    await world.sync_one("snow")
    assert await links() == [("snow",)]

    await world.sync_one("pd")

    assert await links() == [("pd", "snow")]


async def test_equal_titles_join_nothing(world: World) -> None:
    triggered(world, "The shop is down")
    world.servicenow.create({"short_description": "The shop is down"})

    await world.sync_one("pd")
    await world.sync_one("snow")

    assert await links() == [("pd",), ("snow",)]


async def test_a_name_for_another_vendor_joins_nothing(world: World) -> None:
    incident = triggered(world, "Checkout is slow")
    await world.sync_one("pd")
    world.servicenow.create(
        {"short_description": "x", "correlation_id": incident["id"], "correlation_display": "jira"}
    )

    await world.sync_one("snow")

    assert await links() == [("pd",), ("snow",)]


async def test_two_records_that_claim_one_incident_do_not_share_it(world: World) -> None:
    incident = triggered(world, "Checkout is slow")
    await world.sync_one("pd")
    twin(world, incident)
    twin(world, incident)

    await world.sync_one("snow")

    assert await links() == [("pd", "snow"), ("snow",)]


async def test_each_side_goes_on_telling_of_its_changes(world: World) -> None:
    incident = triggered(world, "Checkout is slow")
    row = twin(world, incident)
    await world.sync_one("snow")
    await world.sync_one("pd")

    world.clock.move(seconds=600)
    world.servicenow.edit(row["number"], {"short_description": "Checkout is down"})
    await world.sync_one("snow")
    world.clock.move(seconds=600)
    assert world.pagerduty is not None
    world.pagerduty.acknowledge(incident["id"])
    await world.sync_one("pd")

    (joined,) = await rows("SELECT title, status FROM incident")
    assert (joined["title"], joined["status"]) == ("Checkout is down", "ACKNOWLEDGED")


async def test_a_wrong_join_is_undone_and_stays_undone(world: World) -> None:
    incident = triggered(world, "Checkout is slow")
    row = twin(world, incident, "Printers are on fire")
    await world.sync_one("pd")
    await world.sync_one("snow")
    (joined,) = await rows("SELECT id FROM incident")

    ask = UnlinkIncident(incident_id=joined["id"], integration_id=await world.id_of("snow"))
    await unlink_incident(world.runtime, ADMIN, ask)

    assert await links() == [("pd",), ("snow",)]
    (parted,) = await rows("SELECT * FROM incident WHERE id <> $1", joined["id"])
    assert (parted["title"], parted["number"]) == ("Printers are on fire", row["number"])
    assert [kind for kind, _, _ in await told()][-2:] == ["UPDATED", "UPDATED"]

    # a later change of either side does not join them again
    world.clock.move(seconds=600)
    world.servicenow.edit(row["number"], {"short_description": "Printers burn"})
    await world.sync_one("snow")
    assert await links() == [("pd",), ("snow",)]
    (parted,) = await rows("SELECT * FROM incident WHERE id = $1", parted["id"])
    assert parted["title"] == "Printers burn"


async def test_two_incidents_are_joined_by_hand(world: World) -> None:
    incident = triggered(world, "Checkout is slow")
    row = world.servicenow.create({"short_description": "The shop is down"})
    await world.sync_one("pd")
    await world.sync_one("snow")
    (kept,) = await rows("SELECT id FROM incident WHERE title = 'The shop is down'")

    ask = LinkIncident(
        incident_id=kept["id"],
        integration_id=await world.id_of("pd"),
        external_id=incident["id"],
    )
    assert await link_incident(world.runtime, ADMIN, ask) == kept["id"]

    assert await links() == [("pd", "snow")]
    (left,) = await rows("SELECT deleted_at FROM incident WHERE id <> $1", kept["id"])
    assert left["deleted_at"] is not None
    assert [kind for kind, _, _ in await told()][-2:] == ["UPDATED", "DELETED"]
    (number,) = await rows("SELECT number FROM incident WHERE id = $1", kept["id"])
    assert number["number"] == row["number"]
    # again is as good as once
    assert await link_incident(world.runtime, ADMIN, ask) == kept["id"]


async def test_a_record_that_is_not_mirrored_is_read_and_joined(world: World) -> None:
    world.servicenow.create({"short_description": "The shop is down"})
    await world.sync_one("snow")
    incident = triggered(world, "Checkout is slow")
    (kept,) = await rows("SELECT id FROM incident")

    ask = LinkIncident(
        incident_id=kept["id"],
        integration_id=await world.id_of("pd"),
        external_id=incident["id"],
    )
    await link_incident(world.runtime, ADMIN, ask)
    assert await links() == [("pd", "snow")]

    await world.sync_one("pd")
    assert await links() == [("pd", "snow")]


async def test_what_cannot_be_joined_or_parted_is_refused(world: World) -> None:
    row = world.servicenow.create({"short_description": "One"})
    other = world.servicenow.create({"short_description": "Two"})
    await world.sync_one("snow")
    (one,) = await rows("SELECT id FROM incident WHERE number = $1", row["number"])
    snow, pd = await world.id_of("snow"), await world.id_of("pd")

    with pytest.raises(Invalid, match="unlink that first"):
        await link_incident(
            world.runtime,
            ADMIN,
            LinkIncident(incident_id=one["id"], integration_id=snow, external_id=other["sys_id"]),
        )
    with pytest.raises(Invalid, match="only record"):
        await unlink_incident(
            world.runtime, ADMIN, UnlinkIncident(incident_id=one["id"], integration_id=snow)
        )
    with pytest.raises(NotFound) as missing:
        await link_incident(
            world.runtime,
            ADMIN,
            LinkIncident(incident_id=one["id"], integration_id=pd, external_id="QNOSUCHINCIDEN"),
        )
    assert missing.value.path == ("externalId",)
    with pytest.raises(NotFound):
        await unlink_incident(
            world.runtime, ADMIN, UnlinkIncident(incident_id=one["id"], integration_id=pd)
        )
    assert await links() == [("snow",), ("snow",)]


async def test_only_an_administrator_or_the_assigned_commander_may(world: World) -> None:
    incident = triggered(world, "Checkout is slow")
    twin(world, incident)
    await world.sync_one("pd")
    await world.sync_one("snow")
    (joined,) = await rows("SELECT id FROM incident")
    ask = UnlinkIncident(incident_id=joined["id"], integration_id=await world.id_of("snow"))

    for actor in (VIEWER, commander("bob")):
        with pytest.raises(Forbidden):
            await unlink_incident(world.runtime, actor, ask)

    await IncidentRow.filter(id=joined["id"]).update(assignee="bob")
    await unlink_incident(world.runtime, commander("bob"), ask)
    assert await links() == [("pd",), ("snow",)]
