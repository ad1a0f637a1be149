"""The same service at two vendors, and the same alarm."""

import asyncio
from typing import Any

import pytest

from domain.records import RecordKind
from domain.sync.field_mapping import ValuePair
from models.database import DatabaseAt
from models.reads.statement import rows
from models.tables.sync_run import WatermarkRow
from operations.integrations.set_field_mapping import SetFieldMapping, set_field_mapping
from operations.sync.pull import pull_due
from simulators.jira.instance import Jira
from simulators.jira.login import Account as JiraAccount
from simulators.pagerduty.instance import PagerDuty
from simulators.pagerduty.login import Account
from tests.clock import Clock
from tests.world import ADMIN, EMAIL, PASSWORD, Pages, World, simulated


@pytest.fixture
async def world(database: DatabaseAt, clock: Clock) -> World:
    """Three vendors, all registered, of which all kinds are mirrored."""
    world = World(
        at=database,
        clock=clock,
        servicenow=simulated(clock),
        jira=Jira(now=clock.now, account=JiraAccount(email=EMAIL, token=PASSWORD)),
        pagerduty=PagerDuty(now=clock.now, account=Account(token=PASSWORD, email=EMAIL)),
        kinds=frozenset(RecordKind),
    )
    await world.register(key="snow", provider="servicenow")
    await world.register(key="pd", provider="pagerduty")
    await world.register(key="jsm", provider="jira")
    return world


async def services(name: str) -> list[tuple[str, ...]]:
    """Return the integrations of each service that is called so."""
    found = await rows(
        """
        SELECT s.id, n.key FROM asset s
        JOIN asset_link l ON l.asset_id = s.id
        JOIN integration n ON n.id = l.integration_id
        WHERE s.name = $1 AND s.deleted_at IS NULL ORDER BY s.id, n.key
        """,
        name,
    )
    joined: dict[str, tuple[str, ...]] = {}
    for row in found:
        joined[row["id"]] = (*joined.get(row["id"], ()), row["key"])
    return sorted(joined.values())


def pagerduty_of(world: World) -> PagerDuty:
    assert world.pagerduty is not None
    return world.pagerduty


def item(world: World, name: str, correlation_id: str = "") -> dict[str, str]:
    fields = {"name": name, "correlation_id": correlation_id}
    return world.servicenow.create(fields, table="cmdb_ci_service")


async def test_a_configuration_item_that_names_a_service_is_that_service(world: World) -> None:
    theirs = pagerduty_of(world).service("Web Shop")
    item(world, "Web Shop", theirs["id"])

    await world.sync_one("snow")
    await world.sync_one("pd")

    assert await services("Web Shop") == [("pd", "snow")]


async def test_it_is_so_the_other_way_round_too(world: World) -> None:
    theirs = pagerduty_of(world).service("Web Shop")
    item(world, "Web Shop", theirs["id"])

    await world.sync_one("pd")
    await world.sync_one("snow")

    assert await services("Web Shop") == [("pd", "snow")]


async def test_equal_names_are_two_services(world: World) -> None:
    pagerduty_of(world).service("Web Shop")
    item(world, "Web Shop")

    await world.sync_one("pd")
    await world.sync_one("snow")

    assert await services("Web Shop") == [("pd",), ("snow",)]


async def component(world: World) -> dict[str, Any]:
    """Mirror a Jira incident on the component Payments, and return the component's link."""
    assert world.jira is not None
    world.jira.records.add_component("Payments")
    world.jira.create(
        "[System] Incident", {"summary": "Down", "components": [{"name": "Payments"}]}
    )
    await world.sync_one("jsm")
    (link,) = await rows(
        """
        SELECT l.external_id FROM asset_link l JOIN asset s ON s.id = l.asset_id
        JOIN integration n ON n.id = l.integration_id AND n.key = 'jsm'
        WHERE s.name = 'Payments'
        """
    )
    return link


async def test_a_person_joins_services_that_cannot_name_each_other(world: World) -> None:
    ours = item(world, "Payments")
    await world.sync_one("snow")
    link = await component(world)
    assert await services("Payments") == [("jsm",), ("snow",)]

    world.clock.move(seconds=60)
    await set_field_mapping(
        world.runtime,
        ADMIN,
        SetFieldMapping(
            integration_id=await world.id_of("jsm"),
            kind=RecordKind.INCIDENT,
            field="services",
            external_field=None,
            values=(ValuePair(external=link["external_id"], ours=ours["sys_id"]),),
        ),
    )
    await pull_due(world.runtime)

    assert await services("Payments") == [("jsm", "snow")]
    (affected,) = await rows(
        """
        SELECT count(*) AS n FROM incident_asset a JOIN asset_link l ON l.asset_id = a.asset_id
        WHERE l.external_id = $1
        """,
        ours["sys_id"],
    )
    assert affected["n"] == 1


async def test_one_alarm_that_two_vendors_tell_of_is_one_event(world: World) -> None:
    for source in ("Prometheus", "Nagios"):
        world.servicenow.create(
            {"source": source, "message_key": "cpu|web-1", "severity": "1"}, table="em_alert"
        )
    await world.sync_one("snow")
    pagerduty_of(world).alert(
        "CPU", service="Web Shop", severity="critical", dedup_key="cpu|web-1", source="Prometheus"
    )

    await world.sync_one("pd")

    found = await rows("SELECT source FROM event ORDER BY source")
    assert [row["source"] for row in found] == ["Nagios", "Prometheus"]
    links = await rows("SELECT id FROM event_link")
    assert len(links) == 3


async def test_services_named_before_their_own_records_become_one_when_these_come(
    world: World,
) -> None:
    # given incidents of both vendors on a service that neither has told of yet
    theirs = pagerduty_of(world).service("Web Shop")
    ours = item(world, "Web Shop", theirs["id"])
    pagerduty_of(world).trigger("Down", service="Web Shop")
    world.servicenow.create({"short_description": "Down", "business_service": ours["sys_id"]})
    later = await WatermarkRow.filter(kind=RecordKind.SERVICE)
    await WatermarkRow.filter(kind=RecordKind.SERVICE).delete()
    await world.sync_one("pd")
    await world.sync_one("snow")
    assert await services("Web Shop") == [("pd",), ("snow",)]

    # when their own records are read
    await WatermarkRow.bulk_create(later)
    world.clock.move(seconds=60)
    await world.sync_one("snow")
    await world.sync_one("pd")

    # then they are one, and both incidents are on it
    assert await services("Web Shop") == [("pd", "snow")]
    affected = await rows(
        """
        SELECT DISTINCT a.incident_id FROM incident_asset a
        JOIN asset s ON s.id = a.asset_id AND s.deleted_at IS NULL
        WHERE s.name = 'Web Shop'
        """
    )
    assert len(affected) == 2


@pytest.mark.parametrize("database_at", ["postgres"], indirect=True)
async def test_the_two_ends_of_a_pair_that_arrive_at_once_are_joined(world: World) -> None:
    world.kinds = frozenset({RecordKind.INCIDENT})
    for n in range(60):
        incident = pagerduty_of(world).trigger(f"Incident {n}", service="Web Shop")
        world.servicenow.create(
            {
                "short_description": f"Incident {n}",
                "correlation_id": incident["id"],
                "correlation_display": "pagerduty",
            }
        )
    world.stand_between(lambda vendor: Pages(vendor, 10))
    await world.make_due()
    await asyncio.gather(*(pull_due(world.runtime) for _ in range(3)))

    (found,) = await rows("SELECT count(*) AS n FROM incident")
    assert found["n"] == 60
