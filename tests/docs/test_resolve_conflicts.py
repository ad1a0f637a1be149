"""The page on conflicts does what it says, operation by operation."""

from typing import Any, Final

import pytest
from graphql import OperationDefinitionNode, parse

from gql.nodes import global_id
from models.database import DatabaseAt
from models.tables.integration import IntegrationRow
from tests.docs.documents import ROOT, blocks
from tests.gql.asking import ADA, Graph
from tests.operations.conflicts.quarrel import Quarrel, beginning

_PAGE: Final = ROOT / "docs" / "how-to" / "resolve-conflicts.md"
# A page says the same whatever the database.
pytestmark = pytest.mark.parametrize("database_at", ["sqlite"], indirect=True)


@pytest.fixture
async def calm(database: DatabaseAt) -> Quarrel:
    """An incident of which both sides hold the same."""
    return await beginning(database)


def _asked(name: str) -> str:
    """Return the page's operation of a name."""
    for block in blocks(_PAGE):
        (operation,) = parse(block.text).definitions
        assert isinstance(operation, OperationDefinitionNode)
        assert operation.name is not None
        if operation.name.value == name:
            return block.text
    raise KeyError(name)


async def _does(quarrel: Quarrel, name: str, **variables: object) -> dict[str, Any]:
    """Send an operation of the page; return what it asks for, which nothing refused."""
    graph = Graph(now=quarrel.world.clock.now())
    graph.runtime = quarrel.world.runtime
    (found,) = (await graph.ask(_asked(name), actor=ADA, **variables)).values()
    assert found.get("userErrors", []) == []
    payload: dict[str, Any] = found
    return payload


async def _opened(quarrel: Quarrel, ours: str, theirs: str) -> dict[str, Any]:
    """Let a conflict begin, and return it as the page finds it."""
    await quarrel.begin(ours, theirs)
    found = await _does(quarrel, "Open")
    assert found["totalCount"] == 1
    shown: dict[str, Any] = found["edges"][0]["node"]
    return shown


async def test_a_conflict_is_asked_for_found_and_decided(calm: Quarrel) -> None:
    await IntegrationRow.all().update(conflict_strategy="LAST_WRITE_WINS")
    (integration,) = await IntegrationRow.all()
    named = global_id("Integration", integration.id)
    asked = await _does(calm, "AskPeople", id=named)
    assert asked["integration"]["conflictStrategy"] == "MANUAL_REVIEW"

    one = await _opened(calm, "p", "x")
    assert (one["platformValue"], one["externalValue"]) == ("p", "x")
    kept = await _does(calm, "Keep", id=one["id"], keep="PLATFORM", seen=one["version"])
    assert kept["conflict"]["status"] == "RESOLVED_PLATFORM"
    await calm.push()
    assert calm.theirs == "p"

    two = await _opened(calm, "q", "y")
    left = await _does(calm, "Ignore", id=two["id"], seen=two["version"])
    assert left["conflict"] == {"number": two["number"], "status": "IGNORED"}

    three = await _opened(calm, "r", "z")
    many = await _does(calm, "KeepMany", integrationId=named, keep="EXTERNAL")
    assert many["conflicts"] == [{"number": three["number"], "status": "RESOLVED_EXTERNAL"}]
    assert (await calm.title())[0] == calm.theirs == "z"
