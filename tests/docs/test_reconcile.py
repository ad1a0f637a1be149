"""The page on reconciling does what it says."""

from dataclasses import replace
from typing import Any, Final

import pytest
from graphql import OperationDefinitionNode, parse

from domain.records import Direction
from gql.nodes import global_id
from models.database import DatabaseAt
from operations.reconcile.run import reconcile_due
from tests.clock import Clock
from tests.docs.documents import ROOT, blocks
from tests.gql.asking import ADA, Graph
from tests.operations.reconcile.drifting import Drifting
from tests.world import World, simulated

_PAGE: Final = ROOT / "docs" / "how-to" / "reconcile.md"
# Pages say the same whatever the database.
pytestmark = pytest.mark.parametrize("database_at", ["sqlite"], indirect=True)


def _operation(name: str) -> str:
    """Return an operation of the page."""
    for block in blocks(_PAGE):
        if block.language != "graphql":
            continue
        (operation,) = parse(block.text).definitions
        assert isinstance(operation, OperationDefinitionNode)
        if operation.name is not None and operation.name.value == name:
            return block.text
    raise AssertionError(name)


async def test_the_page_is_followed_from_a_plan_to_the_history(database: DatabaseAt) -> None:
    clock = Clock()
    world = World(at=database, clock=clock, servicenow=simulated(clock))
    await world.register(direction=Direction.BIDIRECTIONAL, follows=False)
    number = world.servicenow.create({"short_description": "a"})["number"]
    clock.move(seconds=5)
    await world.sync()
    drifting = Drifting(world=world, numbers=[number])
    drifting.there(0, short_description="x")

    async def wake(topic: str) -> None:
        if topic == "reconcile":
            await reconcile_due(world.runtime)

    graph = Graph(now=clock.now())
    graph.runtime = replace(world.runtime, wake=wake)
    named = global_id("Integration", world.integration_id)

    async def done(name: str, **variables: object) -> dict[str, Any]:
        (found,) = (await graph.ask(_operation(name), actor=ADA, **variables)).values()
        assert found.get("userErrors", []) == []
        payload: dict[str, Any] = found
        return payload

    plan = (await done("Plan", id=named))["plan"]
    assert plan["items"]["edges"][0]["node"]["action"] == "PUSH"
    assert (await done("Progress", id=plan["id"]))["status"] == "READY"
    healed = (await done("Heal", id=named, hash=plan["hash"]))["plan"]
    assert (healed["status"], healed["healed"]) == ("DONE", 1)
    await drifting.push()
    assert drifting.theirs(0)["short_description"] == "a"
    shown = (await done("EveryHour", id=named))["integration"]["reconcileSchedule"]
    assert (shown["interval"], shown["autoHeal"], shown["enabled"]) == ("PT1H", True, True)
    (edge,) = (await done("History", key="prod-snow"))["reconcileHistory"]["edges"]
    assert (edge["node"]["itemCount"], edge["node"]["healed"]) == (1, 1)
