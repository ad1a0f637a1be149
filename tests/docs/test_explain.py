"""The page on explanations asks what the graph answers, and quotes what it says."""

from typing import Any, Final

import pytest

from domain.exchange import WarningCode
from domain.records import Direction, MergeReason
from gql.nodes import global_id
from models.database import DatabaseAt
from tests.clock import Clock
from tests.docs.documents import ROOT, blocks
from tests.domain.sync.explaining import BY_DANA, PLATFORM, case, dispute, sentence, told
from tests.gql.asking import ADA, Graph
from tests.operations.push.pair import Pair
from tests.world import World, simulated

_PAGE: Final = ROOT / "docs" / "explanation" / "explain.md"


@pytest.fixture
async def pair(database: DatabaseAt) -> Pair:
    """An incident that a bidirectional ServiceNow has too."""
    clock = Clock()
    world = World(at=database, clock=clock, servicenow=simulated(clock))
    await world.register(direction=Direction.BIDIRECTIONAL, follows=False)
    made = world.servicenow.create({"short_description": "a"})
    clock.move(seconds=5)
    await world.sync()
    return Pair(world=world, number=made["number"])


def _asked(name: str) -> str:
    (query,) = [block.text for block in blocks(_PAGE) if f"query {name}" in block.text]
    return query


# A page says the same whatever the database.
@pytest.mark.parametrize("database_at", ["sqlite"], indirect=True)
async def test_the_queries_of_the_page_are_answered(pair: Pair) -> None:
    # given an edit of ours and one of the vendor's that had not seen each other
    await pair.edit(title="p")
    pair.world.clock.move(seconds=3)
    pair.world.servicenow.edit(pair.number, {"short_description": "x"})
    pair.world.clock.move(seconds=2)
    await pair.world.sync()
    graph = Graph(now=pair.world.clock.now())

    why = await graph.ask(_asked("WhyThisValue"), number=pair.number, field="title")
    explained: dict[str, Any] = why["incident"]["explain"]
    assert explained["rule"] == "SIMULTANEOUS"
    assert explained["sentence"].endswith("although the platform owns title.")
    assert explained["sides"][0]["equal"] is True

    found = await graph.ask(
        _asked("WhatIf"),
        actor=ADA,
        id=str(global_id("Integration", pair.world.integration_id)),
        since="2026-01-01T00:00:00Z",
    )
    instead = {one["strategy"]: one["examples"] for one in found["shadowStrategies"]}
    assert instead["LAST_WRITE_WINS"] == []
    assert instead["OWNERSHIP_PRIORITY"][0]["instead"] == "PLATFORM"
    assert instead["MANUAL_REVIEW"][0]["instead"] is None


def test_the_page_quotes_what_would_be_said() -> None:
    clash = dispute(ours="SEV2", theirs="SEV1", warning=WarningCode.OWNER_OVERRIDDEN)
    edit = told(MergeReason.SIMULTANEOUS, accepted=True)
    said = sentence(case(BY_DANA, edit, value="SEV1", owned=PLATFORM, disputes=[clash]))
    assert f'"{said}"' in _PAGE.read_text("utf-8")
