"""A mirrored instance whose business rule posts what happens, for a test to deliver."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from models.reads.statement import rows
from operations.integrations.credentials import SetCredentials, set_credentials
from operations.sync.apply import apply_due
from simulators.servicenow.query import Selection
from simulators.servicenow.tables import TABLES
from simulators.servicenow.webhook import Target
from tests.postbox import ADDRESS, Letter, Postbox
from tests.web.door import SECRET, knocking
from tests.world import ADMIN, World

PATH: Final = "/webhooks/servicenow/prod-snow"


@dataclass(slots=True, kw_only=True)
class Mailed:
    """A world, and the letters of its vendor."""

    world: World
    box: Postbox = field(default_factory=Postbox)

    async def subscribe(self) -> None:
        """Let the vendor tell of everything from now on."""
        ask = SetCredentials(
            integration_id=self.world.integration_id, values={"webhook_secret": SECRET}
        )
        await set_credentials(self.world.runtime, ADMIN, ask)
        target = Target(url=f"{ADDRESS}{PATH}", secret=SECRET)
        self.world.servicenow.webhook.install(target, self.box.http)

    async def letters(self) -> list[Letter]:
        """Return what has been told since the last time."""
        await self.world.servicenow.webhook.send()
        return self.box.take()

    async def knock(self, letters: Sequence[Letter]) -> None:
        """Bring letters to the door, in this order."""
        ticks = iter(range(len(letters) * 10 + 10))
        async with knocking(self.world.runtime, lambda: next(ticks)) as http:
            for letter in letters:
                answer = await letter.deliver(http)
                assert answer.status_code == 202, answer.text

    async def deliver(self, letters: Sequence[Letter] | None = None) -> int:
        """Bring letters, by default all, and merge them; return how many were taken."""
        await self.knock(await self.letters() if letters is None else letters)
        return await apply_due(self.world.runtime)

    async def again(self, *, seconds: float = 0) -> int:
        """Merge what is due so much later."""
        self.world.clock.move(seconds=seconds)
        return await apply_due(self.world.runtime)


async def deliveries() -> list[dict[str, Any]]:
    """Return all deliveries, oldest first."""
    return await rows("SELECT * FROM inbound ORDER BY id")


async def states() -> list[str]:
    """Return how far each delivery is, oldest first."""
    return [row["state"] for row in await deliveries()]


async def figures() -> dict[str, int]:
    """Return the integration's figures."""
    found = await rows("SELECT name, value FROM sync_counter ORDER BY name")
    return {row["name"]: row["value"] for row in found}


def table(world: World, name: str = "incident") -> list[dict[str, str]]:
    """Return a table's rows, oldest first."""
    everything = Selection(where="1", order="r.rowid", parameters=())
    names = list(TABLES[name].fields)
    return world.servicenow.records.store.page(name, names, everything, limit=99, offset=0)


def number(mailed: Mailed) -> str:
    return table(mailed.world)[0]["number"]


def edit(mailed: Mailed, **fields: str) -> None:
    mailed.world.servicenow.edit(number(mailed), fields, by="beth.li")


async def title(mailed: Mailed) -> str:
    return str((await mailed.world.incident(number(mailed)))["title"])


async def edits_of(field: str) -> list[tuple[str, str, bool]]:
    found = await rows(
        "SELECT source, after, accepted FROM edit WHERE field = $1 ORDER BY at, sequence, id",
        field,
    )
    return [(row["source"], row["after"], bool(row["accepted"])) for row in found]
