"""Two sides that came apart behind their backs, and the plans that tell of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from domain.records import Direction
from models.database import DatabaseAt
from models.reads.statement import rows
from models.transaction import Transaction, commit
from operations.reconcile.ask import Asked, Reconcile, reconcile
from operations.reconcile.run import reconcile_due
from operations.sync.push import push_due
from tests.clock import Clock
from tests.world import ADMIN, World, simulated


@dataclass(frozen=True, slots=True, kw_only=True)
class Drifting:
    """A world whose records can be changed so that neither side notices.

    numbers: of its incidents, the oldest first.
    """

    world: World
    numbers: Sequence[str]

    def there(self, place: int, **fields: str) -> None:
        """Change the vendor's record in its database: no stamp, no history, no delivery."""
        store = self.world.servicenow.records.store
        store.change("incident", self.theirs(place)["sys_id"], fields)

    async def here(self, place: int, **columns: object) -> None:
        """Change our record in our database: no version, no edit, no event."""

        async def write(tx: Transaction) -> None:
            for name, value in columns.items():
                await tx.rows(
                    f"UPDATE incident SET {name} = $2 WHERE number = $1 RETURNING id",  # noqa: S608 — a test's own words
                    self.numbers[place],
                    value,
                )

        await commit(write)

    async def plan(
        self, *, heals: bool = False, plan_hash: str | None = None, confirms_large: bool = False
    ) -> dict[str, Any]:
        """Ask for a plan, or its healing, and let a worker do it; return the plan."""
        asked = await self.ask(heals=heals, plan_hash=plan_hash, confirms_large=confirms_large)
        await reconcile_due(self.world.runtime)
        (plan,) = await rows("SELECT * FROM drift_plan WHERE id = $1", asked.plan_id)
        return plan

    async def ask(
        self, *, heals: bool = False, plan_hash: str | None = None, confirms_large: bool = False
    ) -> Asked:
        """Ask, and wait for nobody."""
        wanted = Reconcile(
            integration_id=self.world.integration_id,
            heals=heals,
            plan_hash=plan_hash,
            confirms_large=confirms_large,
            wait=timedelta(0),
        )
        return await reconcile(self.world.runtime, ADMIN, wanted)

    async def push(self) -> int:
        """Send what is queued."""
        return await push_due(self.world.runtime)

    def theirs(self, place: int) -> dict[str, str]:
        """Return the vendor's record."""
        return self.world.servicenow.record(self.numbers[place])

    async def ours(self, place: int) -> Mapping[str, Any]:
        """Return our record."""
        return await self.world.incident(self.numbers[place])


async def twelve(at: DatabaseAt, clock: Clock) -> Drifting:
    """Return twelve incidents that a bidirectional ServiceNow has too, with its default owners."""
    world = World(at=at, clock=clock, servicenow=simulated(clock))
    await world.register(direction=Direction.BIDIRECTIONAL, follows=False)
    fields = {"impact": "3", "urgency": "3"}
    numbers = [
        world.servicenow.create(fields | {"short_description": f"a{place}"})["number"]
        for place in range(12)
    ]
    clock.move(seconds=5)
    await world.sync()
    clock.move(seconds=60)
    return Drifting(world=world, numbers=numbers)


async def items(plan: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the items of a plan."""
    return await rows("SELECT * FROM drift_item WHERE plan_id = $1 ORDER BY place", plan["id"])


async def told(plan: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return field, action and outcome of each item."""
    return [(one["field"], one["action"], one["outcome"]) for one in await items(plan)]
