from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random
from typing import Any

import pytest

from domain.access.roles import Actor
from domain.exchange import ConflictStrategy
from domain.records import Direction
from models.database import DatabaseAt
from models.tables.integration import IntegrationRow
from tests.clock import Clock
from tests.gql.asking import ADA, Graph
from tests.operations.push.pair import Pair
from tests.world import World, simulated

EXPLAIN = """
    query Explain($number: String!, $field: String!) { incident(by: {number: $number}) {
        explain(field: $field) {
            field value version sentence rule decidedAt owner ownedBy { key } nextAction
            edits { before after by accepted reason warning integration { key } }
            sides { link { externalKey } value seenVersion equal acceptedDivergence }
            conflict { number status }
        }
    } }
"""


@dataclass(slots=True, kw_only=True)
class Told:
    """An incident at both sides, and who asks about it."""

    pair: Pair
    graph: Graph

    async def why(self, field: str, *, actor: Actor = ADA) -> dict[str, Any]:
        """Return the explanation of a field."""
        self.graph.now = self.pair.world.clock.now()
        number = self.pair.number
        data = await self.graph.ask(EXPLAIN, actor=actor, number=number, field=field)
        explained: dict[str, Any] = data["incident"]["explain"]
        return explained

    def there(self, title: str, *, after: float = 0) -> None:
        """Let a vendor's user set the title, some time later."""
        self.pair.world.clock.move(seconds=after)
        self.pair.world.servicenow.edit(self.pair.number, {"short_description": title})

    async def pull(self) -> None:
        """Read the vendor, a little later."""
        self.pair.world.clock.move(seconds=2)
        await self.pair.world.sync()


@pytest.fixture
async def told(database: DatabaseAt) -> Told:
    """An incident that a bidirectional ServiceNow has too, with the vendor's default owners."""
    clock = Clock()
    world = World(at=database, clock=clock, servicenow=simulated(clock))
    await world.register(direction=Direction.BIDIRECTIONAL, follows=False)
    made = world.servicenow.create({"short_description": "a", "impact": "3", "urgency": "3"})
    clock.move(seconds=5)
    await world.sync()
    return Told(pair=Pair(world=world, number=made["number"]), graph=Graph())


@pytest.fixture
def lived(told: Told) -> Callable[[ConflictStrategy, int], Awaitable[None]]:
    """A history of some steps at both sides, under a strategy."""

    async def run(strategy: ConflictStrategy, steps: int) -> None:
        await IntegrationRow.all().update(conflict_strategy=strategy)
        chance = Random(steps)  # noqa: S311 — repeatable
        for step in range(steps):
            match chance.choice(("here", "there", "there", "push", "pull", "pull", "wait")):
                case "here":
                    await told.pair.edit(title=f"p{step}")
                case "there":
                    told.there(f"x{step}", after=chance.choice((1, 3, 20)))
                case "push":
                    await told.pair.push()
                case "pull":
                    await told.pull()
                case _:
                    told.pair.world.clock.move(seconds=chance.choice((1, 60)))
        await told.pull()

    return run
