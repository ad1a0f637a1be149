"""A backup of yesterday is brought to today: a plan shows the gap, and healing closes it."""

import shutil
from collections.abc import Callable

import pytest

from domain.records import FieldValue, Severity
from models.database import DatabaseAt, PostgresAt, SqliteAt, opened
from models.reads.statement import rows
from operations.incidents.create import CreateIncident, create_incident
from operations.incidents.edit import EditIncident, edit_incident
from tests.clock import Clock
from tests.database import postgres_at
from tests.operations.reconcile.drifting import Drifting, told, twelve
from tests.postgres import Postgres
from tests.world import ADMIN

Copy = Callable[[DatabaseAt], DatabaseAt]
COLUMNS = {"title": "short_description", "description": "description"}
STATUSES = {"1": "NEW", "2": "IN_PROGRESS", "3": "ON_HOLD"}


@pytest.fixture
def backup(request: pytest.FixtureRequest) -> Copy:
    """Copy a database that nobody has open."""

    def copy(at: DatabaseAt) -> DatabaseAt:
        if isinstance(at, SqliteAt):
            path = at.path.with_name("backup.db")
            shutil.copy(at.path, path)
            return SqliteAt(path=path)
        assert isinstance(at, PostgresAt)
        server: Postgres = request.getfixturevalue("postgres")
        return postgres_at(server, server.create(at.name))

    return copy


async def edit(drifting: Drifting, place: int, **fields: FieldValue) -> None:
    """Edit as a person here, and let the vendor have it."""
    ask = EditIncident(incident_id=(await drifting.ours(place))["id"], fields=fields)
    await edit_incident(drifting.world.runtime, ADMIN, ask)
    drifting.world.clock.move(minutes=1)
    await drifting.push()


async def a_day(drifting: Drifting) -> None:
    """Live on: edits on both sides, and records made on both."""
    world, servicenow = drifting.world, drifting.world.servicenow
    await edit(drifting, 0, title="ours of today", description="what is known today")
    await edit(drifting, 1, status="ON_HOLD")
    person = servicenow.reference("sys_user", "Resolver 13")
    servicenow.edit(drifting.numbers[2], {"assigned_to": person, "state": "2"})
    servicenow.create({"short_description": "theirs of today", "impact": "3", "urgency": "3"})
    ask = CreateIncident(
        title="made here today",
        severity=Severity.SEV3,
        key="k1",
        integration_ids=[world.integration_id],
    )
    await create_incident(world.runtime, ADMIN, ask)
    await drifting.push()
    await edit(drifting, 4, title="ours of today, too")
    world.clock.move(hours=1)
    await world.sync()


async def differences(drifting: Drifting) -> list[str]:
    """Compare each incident of both sides, field by field."""
    found = []
    for row in await rows(
        """
        SELECT i.*, l.external_id FROM incident i JOIN incident_link l ON l.incident_id = i.id
        WHERE i.deleted_at IS NULL
        """
    ):
        theirs = drifting.world.servicenow.record(row["external_id"])
        pairs = {name: (row[name] or "", theirs[column]) for name, column in COLUMNS.items()}
        pairs["status"] = (row["status"], STATUSES[theirs["state"]])
        pairs["assignee"] = (str(bool(row["assignee"])), str(bool(theirs["assigned_to"])))
        found += [f"{row['number']}: {name}" for name, (a, b) in pairs.items() if a != b]
    return found


async def test_an_old_backup_is_compared_healed_and_equal(
    database_at: DatabaseAt, backup: Copy
) -> None:
    # given a backup of yesterday, with a write that was not sent yet
    async with opened(database_at):
        drifting = await twelve(database_at, Clock())
        ask = EditIncident(
            incident_id=(await drifting.ours(4))["id"], fields={"title": "ours of yesterday"}
        )
        await edit_incident(drifting.world.runtime, ADMIN, ask)
    yesterday = backup(database_at)
    async with opened(database_at):
        await a_day(drifting)
        assert await differences(drifting) == []
    drifting.world.servicenow.delete(drifting.numbers[3])

    # when it is restored
    async with opened(yesterday):
        plan = await drifting.plan()

        # then a plan shows the gap
        assert sorted(await told(plan)) == [
            ("assignee", "PULL", "NOT_RUN"),
            ("description", "PUSH", "NOT_RUN"),
            ("record", "CREATE_LOCAL", "NOT_RUN"),
            ("record", "CREATE_LOCAL", "NOT_RUN"),
            ("record", "DELETE_LOCAL", "NOT_RUN"),
            ("status", "PULL", "NOT_RUN"),
            ("status", "PULL", "NOT_RUN"),
            ("title", "PUSH", "NOT_RUN"),
            ("title", "SKIP_PENDING", "NOT_RUN"),
        ]

        # and healing it makes both sides equal, and what is pulled and pushed then keeps them so
        healed = await drifting.plan(plan_hash=plan["hash"])
        assert (healed["status"], healed["healed"]) == ("DONE", 8)
        for _ in range(2):
            drifting.world.clock.move(minutes=1)
            await drifting.push()
            await drifting.world.sync()
        assert await differences(drifting) == []
        assert (await drifting.plan())["item_count"] == 0
        (live,) = await rows("SELECT count(*) AS n FROM incident WHERE deleted_at IS NULL")
        assert live["n"] == drifting.world.servicenow.records.store.count("incident") == 13
        assert drifting.theirs(4)["short_description"] == "ours of yesterday"
