"""The how-tos do what they say, operation by operation, against simulated vendors."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from graphql import OperationDefinitionNode, OperationType, parse

from domain.records import RecordKind
from models.database import DatabaseAt
from operations.sync.pull import pull_due
from simulators.jira.instance import Jira
from simulators.jira.login import Account as JiraAccount
from simulators.pagerduty.instance import PagerDuty
from simulators.pagerduty.login import Account as PagerDutyAccount
from simulators.servicenow.instance import ServiceNow
from simulators.servicenow.login import Account
from tests.clock import Clock
from tests.docs.documents import ROOT, blocks
from tests.gql.asking import ADA, Graph
from tests.world import World

_HOW_TO: Final = ROOT / "docs" / "how-to"
_EMAIL: Final = "watchpane@example.com"
_SECRET: Final = "open sesame"  # noqa: S105 — of simulators
# Pages say the same whatever the database.
pytestmark = pytest.mark.parametrize("database_at", ["sqlite"], indirect=True)


def _operations(page: Path) -> dict[str, str]:
    """Return a page's queries and mutations by name."""
    found: dict[str, str] = {}
    for block in blocks(page):
        if block.language != "graphql":
            continue
        (operation,) = parse(block.text).definitions
        assert isinstance(operation, OperationDefinitionNode)
        assert operation.name is not None
        if operation.operation is not OperationType.SUBSCRIPTION:
            found[operation.name.value] = block.text
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Somebody who follows a page from a fresh system on; three vendors stand ready."""

    world: World
    graph: Graph

    async def does(self, page: str, name: str, **variables: object) -> dict[str, Any]:
        """Send an operation of a page; return what it asks for, which nothing refused."""
        asked = _operations(_HOW_TO / f"{page}.md")[name]
        data = await self.graph.ask(asked, actor=ADA, **variables)
        (found,) = data.values()
        assert found.get("userErrors", []) == []
        payload: dict[str, Any] = found
        return payload

    async def connects(self, vendor: str, **secret: str) -> str:
        """Create an integration and give it its credentials, as its page says; return its id."""
        page = f"connect-{vendor}"
        made = (await self.does(page, "Create"))["integration"]
        assert made["state"] == "PARKED"
        signed = await self.does(page, "SetCredentials", id=made["id"], **secret)
        assert signed["integration"]["state"] != "PARKED"
        named: str = made["id"]
        return named

    async def reads(self) -> None:
        """Let the workers read what is due, an interval later."""
        self.world.clock.move(seconds=60)
        await pull_due(self.world.runtime)


@pytest.fixture
def reader(database: DatabaseAt) -> Reader:
    """A fresh system, and accounts of the pages' names at all vendors."""
    clock = Clock()
    world = World(
        at=database,
        clock=clock,
        servicenow=ServiceNow(now=clock.now, account=Account(user="watchpane", password=_SECRET)),
        jira=Jira(now=clock.now, account=JiraAccount(email=_EMAIL, token=_SECRET)),
        pagerduty=PagerDuty(now=clock.now, account=PagerDutyAccount(token=_SECRET, email=_EMAIL)),
        kinds=frozenset(RecordKind),
    )
    graph = Graph(now=clock.now())
    graph.runtime = world.runtime
    return Reader(world=world, graph=graph)


@pytest.mark.parametrize(
    ("vendor", "secret"), [("servicenow", "password"), ("jira", "token"), ("pagerduty", "token")]
)
async def test_a_vendor_is_connected_and_fresh(reader: Reader, vendor: str, secret: str) -> None:
    named = await reader.connects(vendor, **{secret: _SECRET})
    page = f"connect-{vendor}"
    tried = (await reader.does(page, "Test", id=named))["result"]
    assert [check for check in tried["checks"] if not check["ok"]] == []
    await reader.reads()
    shown = await reader.does(page, "Freshness")
    assert shown["state"] == "HEALTHY"
    assert {source["freshness"] for source in shown["sync"]["resources"]} == {"FRESH"}
    assert all(source["backfillDone"] for source in shown["sync"]["resources"])


async def test_only_a_project_that_is_named_is_read(reader: Reader) -> None:
    made = (await reader.does("connect-jira", "Create"))["integration"]
    told = await reader.does("connect-jira", "OnlyOurProject", id=made["id"])
    (project,) = [
        entry
        for entry in told["integration"]["mappings"]
        if (entry["kind"], entry["field"]) == ("INCIDENT", "project")
    ]
    assert project["isOverridden"]
    assert {"external": "SUP", "ours": "INCIDENT"} in project["values"]


async def test_a_vendor_is_asked_less(reader: Reader) -> None:
    made = (await reader.does("connect-pagerduty", "Create"))["integration"]
    told = await reader.does("connect-pagerduty", "AskLess", id=made["id"])
    assert told["integration"]["rateLimit"] == {"perMinute": 300}


async def test_a_secret_is_set_and_its_rotation_ended(reader: Reader) -> None:
    named = await reader.connects("servicenow", password=_SECRET)
    for operation in ("SetSecret", "EndRotation"):
        told = await reader.does("receive-webhooks", operation, id=named, secret=_SECRET)
        names = [credential["name"] for credential in told["integration"]["credentials"]]
        assert names == ["password", "user", "webhook_secret"]
    shown = await reader.does("receive-webhooks", "Arrivals")
    assert shown["webhookPath"] == "/webhooks/servicenow/prod-snow"
    assert shown["rejectedDeliveries"] == []


async def _shown(reader: Reader, number: str) -> dict[str, Any]:
    asked = "query($n: String!) { incident(by: {number: $n}) { title status assignee } }"
    shown: dict[str, Any] = (await reader.graph.ask(asked, n=number))["incident"]
    return shown


async def test_a_value_gets_its_meaning(reader: Reader) -> None:
    record = reader.world.servicenow.create({"short_description": "Checkout is slow", "state": "5"})
    named = await reader.connects("servicenow", password=_SECRET)
    await reader.reads()
    before = await reader.does("map-fields", "Mappings", key="prod-snow")
    assert "state=5" in before["unmappedValues"]

    await reader.does("map-fields", "Meaning", id=named)
    await reader.reads()

    assert (await _shown(reader, record["number"]))["status"] == "ON_HOLD"
    after = await reader.does("map-fields", "Mappings", key="prod-snow")
    assert "state=5" not in after["unmappedValues"]


async def test_a_field_stands_elsewhere_and_again_where_it_was(reader: Reader) -> None:
    record = reader.world.servicenow.create(
        {"short_description": "Checkout is slow", "u_symptom": "No more checkouts"}
    )
    named = await reader.connects("servicenow", password=_SECRET)
    await reader.graph.ask(
        """
        mutation($id: ID!) {
            setFieldOwnership(input: {integrationId: $id, field: "title", owner: EXTERNAL}) {
                userErrors { code }
            }
        }
        """,
        id=named,
    )
    for operation, title in (("Elsewhere", "No more checkouts"), ("Default", "Checkout is slow")):
        await reader.does("map-fields", operation, id=named)
        await reader.reads()
        assert (await _shown(reader, record["number"]))["title"] == title


async def test_the_services_of_two_vendors_become_one(reader: Reader) -> None:
    world = reader.world
    assert world.pagerduty is not None
    item = world.servicenow.create({"name": "Web Shop"}, table="cmdb_ci_service")
    there = world.pagerduty.service("Web Shop")
    named = await reader.connects("servicenow", password=_SECRET)
    await reader.connects("pagerduty", token=_SECRET)
    await reader.reads()
    same = {"id": named, "here": item["sys_id"], "there": there["id"]}
    await reader.does("map-fields", "SameService", **same)
    world.servicenow.create({"short_description": "Down", "cmdb_ci": item["sys_id"]})
    await reader.reads()
    found = await reader.graph.ask(
        '{ services(search: "Web Shop") { edges { node { links { externalId } } } } }'
    )
    links = [edge["node"]["links"] for edge in found["services"]["edges"]]
    assert [sorted(link["externalId"] for link in one) for one in links] == [
        sorted((item["sys_id"], there["id"]))
    ]


async def test_a_person_is_recognised(reader: Reader) -> None:
    world = reader.world
    assert world.pagerduty is not None
    opened = world.pagerduty.trigger("Checkout is slow")
    world.pagerduty.edit(opened["id"], {"assignments": ["beth.li"]})
    named = await reader.connects("pagerduty", token=_SECRET)
    await reader.reads()
    number = str(opened["incident_number"])
    assert (await _shown(reader, number))["assignee"] == "Beth Li"

    told = await reader.does("map-fields", "Who", id=named)
    assert "Beth Li" not in told["integration"]["unmappedUsers"]
    world.pagerduty.edit(opened["id"], {"title": "Checkout is slower"})
    await reader.reads()
    assert (await _shown(reader, number))["assignee"] == "beth@example.com"


async def test_incidents_are_joined_and_parted(reader: Reader) -> None:
    world = reader.world
    assert world.pagerduty is not None
    world.servicenow.create({"short_description": "Checkout is slow"})
    world.pagerduty.trigger("Checkout takes a minute")
    await reader.connects("servicenow", password=_SECRET)
    await reader.connects("pagerduty", token=_SECRET)
    await reader.reads()
    edges = (await reader.does("join-incidents", "Find", search="checkout"))["edges"]
    nodes = {edge["node"]["links"][0]["integration"]["key"]: edge["node"] for edge in edges}
    other = nodes["prod-pd"]["links"][0]
    ask = {"id": nodes["prod-snow"]["id"], "integrationId": other["integration"]["id"]}

    joined = await reader.does("join-incidents", "Join", **ask, externalId=other["externalId"])
    keys = [link["integration"]["key"] for link in joined["incident"]["links"]]
    assert sorted(keys) == ["prod-pd", "prod-snow"]
    assert len((await reader.does("join-incidents", "Find", search="checkout"))["edges"]) == 1

    parted = await reader.does("join-incidents", "Part", **ask)
    assert [link["integration"]["key"] for link in parted["incident"]["links"]] == ["prod-snow"]
    assert len((await reader.does("join-incidents", "Find", search="checkout"))["edges"]) == 2
