"""What other strategies would have made of what happened."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

import pytest

from domain.access.roles import Actor, Role
from domain.exchange import ConflictStrategy
from gql.nodes import global_id
from operations.sync.shadow import ShadowStrategies, shadow_strategies
from tests import given
from tests.gql.asking import ADA, Graph, viewer
from tests.gql.explain.conftest import Told

SHADOW: Final = """
    query Shadow($id: ID!, $since: DateTime!) {
        shadowStrategies(integrationId: $id, since: $since) {
            strategy inForce replayed sameOutcome differing manualReviews cutAt
            examples {
                incident { number } field platformValue externalValue externalEditedBy
                happened instead
            }
        }
    }
"""
LONG_AGO: Final = "2020-01-01T00:00:00Z"
Lived = Callable[[ConflictStrategy, int], Awaitable[None]]


async def shadowed(told: Told, *, since: str = LONG_AGO) -> dict[str, dict[str, Any]]:
    key = str(global_id("Integration", told.pair.world.integration_id))
    found = (await told.graph.ask(SHADOW, id=key, since=since))["shadowStrategies"]
    return {one["strategy"]: one for one in found}


async def test_each_strategy_tells_what_it_would_have_made_of_a_clash(told: Told) -> None:
    # given a clash that last-write-wins gave to the vendor, and a change without one
    await told.pair.edit(title="p")
    told.there("x", after=3)
    await told.pull()
    told.pair.world.servicenow.edit(told.pair.number, {"state": "2"})
    await told.pull()

    found = await shadowed(told)
    counts = {
        name: (one["replayed"], one["sameOutcome"], one["differing"], one["manualReviews"])
        for name, one in found.items()
    }
    assert counts == {
        "LAST_WRITE_WINS": (2, 2, 0, 0),
        "OWNERSHIP_PRIORITY": (2, 1, 1, 0),
        "MANUAL_REVIEW": (2, 1, 1, 1),
    }
    assert [name for name, one in found.items() if one["inForce"]] == ["LAST_WRITE_WINS"]
    assert found["MANUAL_REVIEW"]["examples"] == [
        {
            "incident": {"number": told.pair.number},
            "field": "title",
            "platformValue": "p",
            "externalValue": "x",
            "externalEditedBy": "admin",
            "happened": "EXTERNAL",
            "instead": None,
        }
    ]
    assert found["OWNERSHIP_PRIORITY"]["examples"][0]["instead"] == "PLATFORM"
    assert found["LAST_WRITE_WINS"]["cutAt"] is None


@pytest.mark.parametrize("strategy", ConflictStrategy)
async def test_under_the_strategy_in_force_all_ends_as_it_did(
    told: Told, lived: Lived, strategy: ConflictStrategy
) -> None:
    await lived(strategy, 60)
    found = await shadowed(told)
    own = found[strategy.value]
    assert own["replayed"] > 5
    assert (own["sameOutcome"], own["examples"]) == (own["replayed"], [])
    assert len({one["replayed"] for one in found.values()}) == 1
    assert any(one["differing"] for one in found.values())


async def test_only_what_came_since_is_replayed(told: Told, lived: Lived) -> None:
    await lived(ConflictStrategy.LAST_WRITE_WINS, 20)
    now = told.pair.world.clock.now().isoformat()
    assert {one["replayed"] for one in (await shadowed(told, since=now)).values()} == {0}


async def test_a_replay_that_is_cut_tells_where(told: Told, lived: Lived) -> None:
    await lived(ConflictStrategy.LAST_WRITE_WINS, 40)
    integration_id = told.pair.world.integration_id
    ask = ShadowStrategies(integration_id=integration_id, since=given.NOW.replace(year=2020))
    whole = await shadow_strategies(ADA, ask)
    cut = await shadow_strategies(
        ADA, ShadowStrategies(integration_id=integration_id, since=ask.since, most=2)
    )
    assert whole.cut_at is None
    assert whole.shadows[0].replayed > 2
    assert [shadow.replayed for shadow in cut.shadows] == [2, 2, 2]
    assert cut.cut_at is not None
    assert cut.cut_at < told.pair.world.clock.now()


async def test_who_keeps_integrations_in_scope_may_compare(graph: Graph) -> None:
    mine = await given.integration("mine")

    def manager(*scopes: str) -> Actor:
        roles = frozenset({Role.INTEGRATION_MANAGER})
        return Actor(id="ma", name="Ma", roles=roles, scopes=frozenset(scopes))

    key = str(global_id("Integration", mine.id))
    found = await graph.ask(SHADOW, actor=manager("mine"), id=key, since=LONG_AGO)
    assert [one["replayed"] for one in found["shadowStrategies"]] == [0, 0, 0]
    for actor, code in (
        (viewer("mine"), "FORBIDDEN"),
        (viewer("other"), "NOT_FOUND"),
        (manager("other"), "NOT_FOUND"),
    ):
        assert await graph.code(SHADOW, actor=actor, id=key, since=LONG_AGO) == code
    assert await graph.code(SHADOW, id=global_id("Incident", "1"), since=LONG_AGO) == "NOT_FOUND"
