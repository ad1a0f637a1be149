"""Mirrors an incident, edits it here and there, with its traces exported: a process's work.

Run as ``python -m tests.im.traced FILE DATABASE ENDPOINT``; the database is migrated.
"""

import asyncio
import sys
from pathlib import Path

from domain.records import Direction
from im.tracing import exported
from models.database import SqliteAt, opened
from models.migrate import migrate
from models.reads.statement import rows
from operations.incidents.edit import EditIncident, edit_incident
from operations.sync.push import push_due
from tests.clock import Clock
from tests.operations.sync.mailed import Mailed, edit
from tests.world import ADMIN, World, simulated


async def work(at: SqliteAt) -> None:
    await migrate(at, new_epoch=lambda: "e1")
    async with opened(at):
        clock = Clock()
        world = World(at=at, clock=clock, servicenow=simulated(clock))
        await world.register(direction=Direction.BIDIRECTIONAL, follows=False)
        world.servicenow.create({"short_description": "It is slow"})
        await world.sync()
        (incident,) = await rows("SELECT id FROM incident")
        clock.move(seconds=30)
        ask = EditIncident(incident_id=incident["id"], fields={"title": "It burns"})
        await edit_incident(world.runtime, ADMIN, ask)
        assert await push_due(world.runtime) == 1
        await _hear(Mailed(world=world))


async def _hear(mailed: Mailed) -> None:
    """Let the vendor tell of a record that is mirrored, then of a new one."""
    await mailed.subscribe()
    edit(mailed, state="2")
    assert await mailed.deliver() == 1
    mailed.world.servicenow.create({"short_description": "It is new"})
    assert await mailed.deliver() == 1


if __name__ == "__main__":
    file, database, endpoint = sys.argv[1:]
    with exported(endpoint=endpoint, file=Path(file), process="worker"):
        asyncio.run(work(SqliteAt(path=Path(database))))
