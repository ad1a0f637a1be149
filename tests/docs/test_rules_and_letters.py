"""The pages on field owners and on dead letters do what they say."""

from typing import Any, Final

import pytest
from graphql import OperationDefinitionNode, parse

from domain.records import Direction
from gql.nodes import global_id
from models.database import DatabaseAt
from models.reads.statement import rows
from operations.incidents.edit import EditIncident, edit_incident
from operations.sync.push import push_due
from simulators.misfortune import Fault, Kind
from tests.clock import Clock
from tests.docs.documents import ROOT, blocks
from tests.gql.asking import ADA, Graph
from tests.world import ADMIN, World, simulated

_HOW_TO: Final = ROOT / "docs" / "how-to"
# Pages say the same whatever the database.
pytestmark = pytest.mark.parametrize("database_at", ["sqlite"], indirect=True)


@pytest.fixture
async def world(database: DatabaseAt) -> World:
    """An instance, both ways, with an incident."""
    clock = Clock()
    world = World(at=database, clock=clock, servicenow=simulated(clock))
    await world.register(direction=Direction.BIDIRECTIONAL, follows=False)
    world.servicenow.create({"short_description": "It is slow"})
    await world.sync()
    return world


async def done(world: World, page: str, name: str, **variables: object) -> dict[str, Any]:
    """Send an operation of a page; return what it asks for, which nothing refused."""
    for block in blocks(_HOW_TO / f"{page}.md"):
        if block.language != "graphql":
            continue
        (operation,) = parse(block.text).definitions
        assert isinstance(operation, OperationDefinitionNode)
        if operation.name is not None and operation.name.value == name:
            graph = Graph(now=world.clock.now())
            graph.runtime = world.runtime
            (found,) = (await graph.ask(block.text, actor=ADA, **variables)).values()
            assert found.get("userErrors", []) == []
            payload: dict[str, Any] = found
            return payload
    raise AssertionError(name)


async def test_a_rule_is_tried_set_and_cleared(world: World) -> None:
    page = "set-field-owners"
    named = global_id("Integration", world.integration_id)

    def severity(found: dict[str, Any]) -> tuple[str, bool]:
        (rule,) = [rule for rule in found["ownership"] if rule["field"] == "severity"]
        return rule["owner"], rule["isDefault"]

    assert severity(await done(world, page, "Rules", key="prod-snow")) == ("PLATFORM", True)
    tried = await done(world, page, "Try", id=named)
    assert (tried["compared"], tried["different"]) == (1, 0)
    owned = await done(world, page, "Own", id=named)
    assert severity(owned["integration"]) == ("EXTERNAL", False)
    (incident,) = await rows("SELECT number FROM incident")
    shown = await done(world, page, "Deciders", number=incident["number"])
    (field,) = [one for one in shown["fields"] if one["name"] == "severity"]
    assert (field["owner"], field["ownedBy"]) == ("EXTERNAL", {"key": "prod-snow"})
    cleared = await done(world, page, "Default", id=named)
    assert severity(cleared["integration"]) == ("PLATFORM", True)


async def test_a_dead_letter_is_found_retried_and_given_up(world: World) -> None:
    page = "handle-dead-letters"
    (incident,) = await rows("SELECT id FROM incident")
    world.clock.move(seconds=30)
    ask = EditIncident(incident_id=incident["id"], fields={"title": "It burns"})
    await edit_incident(world.runtime, ADMIN, ask)
    world.servicenow.misfortunes.push(Fault(kind=Kind.ERROR, times=None))
    for _ in range(5):
        await push_due(world.runtime)
        world.clock.move(minutes=31)
    letters = (await done(world, page, "Dead", key="prod-snow"))["deadLetters"]
    (edge,) = letters["edges"]
    letter = edge["node"]
    assert (letter["number"], letter["fields"], len(letter["attempts"])) == (1, ["title"], 5)
    said = await done(world, page, "What", number=letter["number"])
    assert said["payload"] == '{"title":"It burns"}'
    retried = await done(world, page, "Retry", id=letter["id"])
    assert retried["deadLetter"] == {"number": 1, "status": "RETRYING"}
    for _ in range(5):
        await push_due(world.runtime)
        world.clock.move(minutes=31)
    given_up = await done(world, page, "Discard", id=letter["id"])
    assert given_up["deadLetter"]["status"] == "DISCARDED"
    named = global_id("Integration", world.integration_id)
    assert (await done(world, page, "RetryAll", id=named))["deadLetters"] == []
