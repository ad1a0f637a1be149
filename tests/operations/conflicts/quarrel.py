"""An incident whose title both sides have changed, and what becomes of it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from domain.access.roles import Actor
from domain.exchange import ConflictSide, ConflictStrategy
from domain.records import Direction
from models.coding import loads
from models.database import DatabaseAt
from models.reads.statement import rows
from models.tables.incident import IncidentLinkRow, IncidentRow
from models.tables.integration import IntegrationRow
from operations.conflicts.ignore import IgnoreConflict, ignore_conflict
from operations.conflicts.resolve import ResolveConflict, resolve_conflict
from operations.incidents.edit import EditIncident, Result, edit_incident
from operations.reconcile.ask import Reconcile, reconcile
from operations.reconcile.run import reconcile_due
from operations.sync.push import push_due
from simulators.jira.instance import Jira
from simulators.jira.login import Account
from tests.clock import Clock
from tests.world import ADMIN, EMAIL, PASSWORD, World, simulated


@dataclass(slots=True, kw_only=True)
class Quarrel:
    """One incident that Jira has too: its title is nobody's, and people decide conflicts.

    number: of its record at ServiceNow, where there is one.
    """

    world: World
    key: str
    number: str = ""

    async def begin(self, ours: str = "p", theirs: str = "x") -> None:
        """Let a person here and one there edit the title, neither having seen the other."""
        await self.edit(ours)
        await self.told(theirs)

    async def edit(self, title: str) -> Result:
        """Edit the title as a person here; nothing is sent yet."""
        ask = EditIncident(incident_id=(await self.ours())["id"], fields={"title": title})
        return await edit_incident(self.world.runtime, ADMIN, ask)

    async def told(self, title: str) -> None:
        """Let a person at the vendor edit the title, and hear of it."""
        assert self.world.jira is not None
        self.world.clock.move(seconds=2)
        self.world.jira.edit(self.key, {"summary": title})
        await self.sync()

    async def replaced(self) -> None:
        """Let the vendor hold our value, as if a write of ours had hidden its own from us."""
        assert self.world.jira is not None
        self.world.jira.edit(self.key, {"summary": (await self.ours())["title"]})
        link = await IncidentLinkRow.get(external_key=self.key)
        link.base["title"] = self.theirs
        await link.save(update_fields=["base"])

    async def sync(self) -> None:
        """Pull, some time later."""
        self.world.clock.move(seconds=5)
        await self.world.sync()

    async def push(self) -> int:
        """Deliver what is queued; return how many writes arrived."""
        return await push_due(self.world.runtime)

    async def ours(self) -> dict[str, Any]:
        """Return our incident."""
        (row,) = await rows(
            """
            SELECT i.* FROM incident i JOIN incident_link l ON l.incident_id = i.id
            WHERE l.external_key = $1
            """,
            self.key,
        )
        return row

    async def title(self) -> tuple[str, int]:
        """Return our title and its version."""
        row = await self.ours()
        version, *_ = loads(row["revisions"])["title"]
        return row["title"], version

    async def incidents(self) -> list[dict[str, Any]]:
        """Return all our incidents."""
        return await rows("SELECT * FROM incident WHERE deleted_at IS NULL")

    async def assign(self, name: str) -> None:
        """Let somebody work on the incident, whatever the vendors say."""
        await IncidentRow.filter(id=(await self.ours())["id"]).update(assignee=name)

    @property
    def at_servicenow(self) -> str:
        """ServiceNow's title."""
        return self.world.servicenow.record(self.number)["short_description"]

    @property
    def theirs(self) -> str:
        """The vendor's title."""
        assert self.world.jira is not None
        return str(self.world.jira.issue(self.key)["fields"]["summary"])

    async def conflict(self) -> dict[str, Any]:
        """Return the newest conflict."""
        return (await rows("SELECT * FROM conflict ORDER BY number DESC LIMIT 1"))[0]

    async def state(self) -> tuple[str, str, str, int]:
        """Return the newest conflict's status, both its values and its version."""
        row = await self.conflict()
        return (
            row["status"],
            loads(row["platform_value"]),
            loads(row["external_value"]),
            row["version"],
        )

    async def resolve(
        self, keep: ConflictSide, *, seen: int | None = None, actor: Actor = ADMIN
    ) -> str:
        """Say which side holds of the newest conflict."""
        ask = ResolveConflict(
            conflict_id=(await self.conflict())["id"], keep=keep, seen_version=seen
        )
        return await resolve_conflict(self.world.runtime, actor, ask)

    async def ignore(self, *, seen: int | None = None, actor: Actor = ADMIN) -> str:
        """Let both sides of the newest conflict be."""
        ask = IgnoreConflict(conflict_id=(await self.conflict())["id"], seen_version=seen)
        return await ignore_conflict(self.world.runtime, actor, ask)

    async def queued(self) -> list[list[str]]:
        """Return the fields of each write that waits."""
        found = await rows("SELECT fields FROM outbox WHERE state = 'READY' ORDER BY lane_id, seq")
        return [loads(row["fields"]) for row in found]

    async def drift(self) -> dict[str, str]:
        """Compare both sides, writing nothing; return what would be done with each field."""
        ask = Reconcile(integration_id=self.world.integration_id, wait=timedelta(0))
        plan = await reconcile(self.world.runtime, ADMIN, ask)
        await reconcile_due(self.world.runtime)
        found = await rows("SELECT field, action FROM drift_item WHERE plan_id = $1", plan.plan_id)
        return {row["field"]: row["action"] for row in found}

    async def heal(self) -> None:
        """Compare both sides, and heal what differs as far as the rules let."""
        ask = Reconcile(integration_id=self.world.integration_id, heals=True, wait=timedelta(0))
        await reconcile(self.world.runtime, ADMIN, ask)
        await reconcile_due(self.world.runtime)

    async def heard(self) -> list[str]:
        """Return what the event log tells of conflicts, in order."""
        found = await rows("SELECT kind FROM event_log WHERE topic = 'CONFLICT' ORDER BY number")
        return [row["kind"] for row in found]

    async def figures(self) -> dict[str, int]:
        """Return the figures about conflicts."""
        found = await rows("SELECT name, value FROM sync_counter WHERE name LIKE 'conflicts%'")
        return {row["name"]: row["value"] for row in found}


async def beginning(at: DatabaseAt) -> Quarrel:
    """Return an incident of which both sides hold the same, a."""
    clock = Clock()
    jira = Jira(now=clock.now, account=Account(email=EMAIL, token=PASSWORD))
    world = World(at=at, clock=clock, servicenow=simulated(clock), jira=jira)
    await world.register(
        key="prod-jira", provider="jira", direction=Direction.BIDIRECTIONAL, follows=False
    )
    await IntegrationRow.all().update(conflict_strategy=ConflictStrategy.MANUAL_REVIEW)
    issue = jira.create("[System] Incident", {"summary": "a"})
    quarrel = Quarrel(world=world, key=issue["key"])
    await quarrel.sync()
    return quarrel
