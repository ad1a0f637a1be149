"""Simulated vendors, as the graph tells of them and lets them be asked."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import pytest

from adapters.registry import VENDORS
from domain.records import RecordKind
from models.database import DatabaseAt
from operations.sync.pull import pull_due
from simulators.jira.instance import Jira
from simulators.jira.login import Account as JiraAccount
from simulators.misfortune import Fault, Kind
from simulators.pagerduty.instance import PagerDuty
from simulators.pagerduty.login import Account as PagerDutyAccount
from tests.clock import Clock
from tests.gql.asking import ADA, Graph
from tests.world import EMAIL, PASSWORD, World, simulated

START: Final = """
    mutation S($kinds: [RecordKind!]!) {
        startSync(input: {kinds: $kinds}) {
            runs { kind integration { key } } userErrors { code } warnings { code }
        }
    }
"""
TEST: Final = """
    mutation T($id: ID!) {
        testIntegration(input: {id: $id}) {
            result { ok checks { name ok detail } } userErrors { code }
        }
    }
"""
TROUBLE: Final = """
    { integration(by: {key: "snow"}) {
        id state stateReason
        sync { resources { kind lastError lastRun { status error } } }
    } }
"""
LINKS: Final = """
    { incidents { edges { node {
        title status links { url externalId externalKey integration { key } }
    } } } }
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Three vendors with one incident each, and the graph over their mirror."""

    world: World
    jira: Jira
    pagerduty: PagerDuty
    graph: Graph

    async def register(self, *keys: str) -> None:
        """Register vendors by the keys of their integrations."""
        providers = {"snow": "servicenow", "jsm": "jira", "pd": "pagerduty"}
        for key in keys:
            await self.world.register(key=key, provider=providers[key.partition("-")[0]])

    async def read(self) -> None:
        """Let the workers read what is due, an interval later."""
        self.world.clock.move(seconds=60)
        await pull_due(self.world.runtime)

    async def trouble(self) -> dict[str, Any]:
        """Return what the graph says of ServiceNow."""
        told: dict[str, Any] = (await self.graph.ask(TROUBLE))["integration"]
        return told

    async def incidents(self) -> dict[str, dict[str, Any]]:
        """Return the incidents by the key of their only link's integration."""
        edges = (await self.graph.ask(LINKS))["incidents"]["edges"]
        nodes = [edge["node"] for edge in edges]
        assert all(len(node["links"]) == 1 for node in nodes)
        return {node["links"][0]["integration"]["key"]: node for node in nodes}


@pytest.fixture
def site(database: DatabaseAt) -> Site:
    """Nothing is registered yet."""
    clock = Clock()
    jira = Jira(now=clock.now, account=JiraAccount(email=EMAIL, token=PASSWORD))
    pagerduty = PagerDuty(now=clock.now, account=PagerDutyAccount(token=PASSWORD, email=EMAIL))
    world = World(
        at=database,
        clock=clock,
        servicenow=simulated(clock),
        jira=jira,
        pagerduty=pagerduty,
        kinds=frozenset(RecordKind),
    )
    world.servicenow.create({"short_description": "of ServiceNow"})
    jira.create("[System] Incident", {"summary": "of Jira"})
    pagerduty.trigger("of PagerDuty")
    graph = Graph(now=clock.now())
    graph.runtime = world.runtime
    return Site(world=world, jira=jira, pagerduty=pagerduty, graph=graph)


async def test_every_kind_of_every_vendor_is_read_when_asked_for(site: Site) -> None:
    await site.register("snow", "jsm", "pd")
    await site.read()
    keys = {"snow": "servicenow", "jsm": "jira", "pd": "pagerduty"}
    supplied = {(key, str(kind)) for key in keys for kind in VENDORS[keys[key]].kinds}
    kinds = [str(kind) for kind in RecordKind]

    asked = (await site.graph.ask(START, kinds=kinds))["startSync"]
    assert {(run["integration"]["key"], run["kind"]) for run in asked["runs"]} == supplied
    again = (await site.graph.ask(START, kinds=kinds))["startSync"]
    assert [told["code"] for told in again["warnings"]] == ["ALREADY_RUNNING"] * len(supplied)
    assert await pull_due(site.world.runtime) == len(supplied)


async def test_trouble_is_told_with_its_reason_and_what_to_do(site: Site) -> None:
    await site.register("snow")
    await site.read()
    assert (await site.trouble())["state"] == "HEALTHY"

    # when the vendor fails, it is told what the runs met
    site.world.servicenow.misfortunes.push(Fault(kind=Kind.ERROR, status=503, times=None))
    await site.read()
    site.world.servicenow.misfortunes.clear()
    told = await site.trouble()
    (incidents,) = [one for one in told["sync"]["resources"] if one["kind"] == "INCIDENT"]
    assert told["state"] == "DEGRADED"
    assert told["stateReason"]
    assert incidents["lastRun"]["status"] == "FAILED"
    assert incidents["lastRun"]["error"] == incidents["lastError"] is not None

    # when it refuses the credentials, the test says at which step, and what to do
    site.world.servicenow.login.revoke()
    site.world.clock.move(hours=1)
    await site.read()
    assert (await site.trouble())["state"] == "PARKED"
    tried = (await site.graph.ask(TEST, id=told["id"]))["testIntegration"]["result"]
    assert [(check["name"], check["ok"]) for check in tried["checks"]] == [
        ("reach", True),
        ("sign-in", False),
    ]
    assert "Check the credentials" in tried["checks"][1]["detail"]

    # then a test that passes brings it back
    site.world.servicenow.login.restore()
    tried = (await site.graph.ask(TEST, id=told["id"]))["testIntegration"]["result"]
    assert tried["ok"]
    await site.read()
    told = await site.trouble()
    assert (told["state"], told["stateReason"]) == ("HEALTHY", None)
    assert {one["lastError"] for one in told["sync"]["resources"]} == {None}


async def test_accounts_of_one_vendor_are_mirrored_side_by_side(site: Site) -> None:
    # that both know their records by the same ids joins nothing
    await site.register("snow", "snow-test", "pd", "pd-test")
    await site.read()
    assert {key: node["title"] for key, node in (await site.incidents()).items()} == {
        "snow": "of ServiceNow",
        "snow-test": "of ServiceNow",
        "pd": "of PagerDuty",
        "pd-test": "of PagerDuty",
    }


async def test_a_link_opens_the_record_at_its_vendor(site: Site) -> None:
    await site.register("snow", "jsm", "pd")
    await site.read()
    links = {key: node["links"][0] for key, node in (await site.incidents()).items()}
    assert links["snow"]["url"].endswith(
        f"/nav_to.do?uri=incident.do?sys_id={links['snow']['externalId']}"
    )
    assert links["jsm"]["url"].endswith(f"/browse/{links['jsm']['externalKey']}")
    assert links["pd"]["url"].endswith(f"/incidents/{links['pd']['externalId']}")
    assert all(link["url"].startswith(("https://", "http://")) for link in links.values())


async def test_a_change_of_a_record_of_last_year_arrives(site: Site) -> None:
    await site.register("snow", "jsm", "pd")
    await site.read()
    links = {key: node["links"][0] for key, node in (await site.incidents()).items()}
    # given a mirror that was kept fresh for longer than any vendor's window
    for _ in range(5):
        site.world.clock.move(seconds=timedelta(days=80).total_seconds())
        await site.read()

    site.world.servicenow.edit(links["snow"]["externalId"], {"state": "2"})
    site.jira.transition(links["jsm"]["externalKey"], "Work in progress")
    site.pagerduty.acknowledge(links["pd"]["externalId"])
    await site.read()

    assert {key: node["status"] for key, node in (await site.incidents()).items()} == {
        "snow": "IN_PROGRESS",
        "jsm": "IN_PROGRESS",
        "pd": "ACKNOWLEDGED",
    }


async def test_all_mapped_fields_are_read_without_a_setting(site: Site) -> None:
    await site.register("snow", "jsm", "pd")
    query = """query($key: String!) {
        integration(by: {key: $key}) { mappings { kind field isOverridden } }
    }"""
    for key, provider in (("snow", "servicenow"), ("jsm", "jira"), ("pd", "pagerduty")):
        told = (await site.graph.ask(query, actor=ADA, key=key))["integration"]["mappings"]
        shown = {(entry["kind"], entry["field"]) for entry in told}
        assert shown == {(str(e.kind), e.field) for e in VENDORS[provider].mappings}
        assert not any(entry["isOverridden"] for entry in told)
