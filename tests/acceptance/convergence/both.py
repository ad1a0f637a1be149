"""A worker with its vendors, and one incident that all of them have."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any, Final

import httpx

from domain.errors import AlreadyResolved
from domain.exchange import ConflictSide, ConflictStrategy
from domain.records import Direction, FieldValue, Owner, RecordKind, Severity
from models.coding import dumps
from models.database import DatabaseAt
from models.reads.receiver import receivers
from models.reads.statement import rows
from models.tables.integration import IntegrationRow
from models.tables.ownership import OwnershipRuleRow
from models.tables.sync_run import WatermarkRow
from operations.conflicts.resolve import ResolveConflict, resolve_conflict
from operations.incidents.create import CreateIncident, create_incident
from operations.integrations.credentials import SetCredentials, set_credentials
from operations.reconcile.ask import Reconcile, reconcile
from operations.reconcile.run import reconcile_due
from operations.sync.receive import Arrival, receive
from tests.acceptance.convergence.side import Side, sides
from tests.acceptance.schedule import MortalClock
from tests.clock import Clock
from tests.world import ADMIN, World, simulated

_SKEWS: Final = (-90.0, 0.0, 0.0, 0.4, 90.0)
_OWNED: Final = ("title", "description", "labels", "notes")
# Each edit of these has a value of its own, and no two make one.
TEXTS: Final = ("title", "description")


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaning:
    """What schedules lean to, so that something rare comes soon; the rest a seed chooses.

    vendors: the keys of those that take part; none for any.
    strategy: how conflicts are decided; owners: of fields.
    often: how often steps happen among the others, where not as often as usual.
    """

    vendors: frozenset[str] = frozenset()
    strategy: ConflictStrategy | None = None
    owners: Mapping[str, Owner] = field(default_factory=dict)
    often: Mapping[str, int] = field(default_factory=dict)


EVEN: Final = Leaning()


class Door(httpx.AsyncBaseTransport):
    """Takes deliveries in as the webhooks' door does; nobody is there while the worker is dead."""

    def __init__(self, world: World) -> None:
        """Open the door of a world."""
        self._world = world

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Receive one delivery."""
        *_, provider, key = request.url.path.split("/")
        receiver = (await receivers())[provider, key]
        arrival = Arrival(
            method=request.method,
            path=request.url.path,
            query=request.url.query.decode(),
            headers={name.lower(): value for name, value in request.headers.items()},
            body=request.content,
            source_address=None,
        )
        reception = await receive(self._world.runtime, receiver, arrival)
        return httpx.Response(202, text=reception)


@dataclass(slots=True, kw_only=True)
class Both:
    """What a schedule plays with.

    sides: the vendors, by their integrations' keys.
    http: carries webhooks to our door.
    """

    world: World
    clock: MortalClock
    sides: Sequence[Side]
    http: httpx.AsyncClient
    leaning: Leaning = EVEN
    ids: dict[str, str] = field(default_factory=dict)
    incident_id: str = ""

    @classmethod
    async def begun(
        cls, at: DatabaseAt, chance: Random, seed: int, *, leaning: Leaning = EVEN
    ) -> "Both":
        """Let a seed choose one vendor, two or three, their clocks and owners of fields."""
        clock = Clock()
        mortal = MortalClock(clock)
        free = [side for side in sides(clock) if side.key in leaning.vendors or not leaning.vendors]
        chosen = chance.sample(free, len(leaning.vendors) or chance.choice((1, 1, 2, 3)))
        sites: dict[str, Any] = {"servicenow": simulated(clock)}
        sites |= {side.provider: side.site for side in chosen}
        world = World(
            at=at,
            clock=mortal,
            kinds=frozenset({RecordKind.INCIDENT, RecordKind.SERVICE}),
            seed=seed,
            **sites,
        )
        http = httpx.AsyncClient(transport=Door(world))
        both = cls(world=world, clock=mortal, sides=chosen, http=http, leaning=leaning)
        for side in chosen:
            await both._register(side, chance)
        await world.sync()
        # Services are known now, and do not change.
        await WatermarkRow.filter(kind=RecordKind.SERVICE).delete()
        await both._create(seed)
        return both

    async def _register(self, side: Side, chance: Random) -> None:
        """Register a vendor that works both ways, as its people and ours have agreed."""
        direction = Direction.BIDIRECTIONAL
        world = self.world
        await world.register(
            key=side.key, provider=side.provider, direction=direction, follows=False
        )
        self.ids[side.key] = world.integration_id
        strategy = chance.choice(tuple(ConflictStrategy))
        strategy = self.leaning.strategy or strategy
        await IntegrationRow.filter(id=world.integration_id).update(conflict_strategy=strategy)
        for name, (owner, priority) in self._owners(side, chance).items():
            await OwnershipRuleRow.create(
                id=world.runtime.new_id(),
                integration_id=world.integration_id,
                field=name,
                owner=owner,
                priority=priority,
                set_at=world.clock.now(),
                set_by="ada",
            )
        secrets = {"webhook_secret": side.listen(self.http)}
        ask = SetCredentials(integration_id=world.integration_id, values=secrets)
        await set_credentials(world.runtime, ADMIN, ask)
        side.set_clock(timedelta(seconds=chance.choice(_SKEWS)))

    def _owners(self, side: Side, chance: Random) -> Mapping[str, tuple[Owner, int]]:
        """Return who owns what of the fields that a vendor takes, and by which priority."""
        taken = [name for name in _OWNED if name in (*side.fields, "notes")]
        drawn: dict[str, tuple[Owner, int]] = {
            name: (chance.choice(tuple(Owner)), chance.choice((0, 5)))
            for name in taken
            if chance.random() < 0.25
        }
        given = {name: (owner, 0) for name, owner in self.leaning.owners.items() if name in taken}
        return drawn | given

    async def _create(self, seed: int) -> None:
        """Create the incident here; each vendor is to have it."""
        services = await rows("SELECT id FROM asset WHERE name = 'Web Shop'")
        ask = CreateIncident(
            title="t0",
            description="d0",
            severity=Severity.SEV2,
            key=f"seed {seed}",
            service_ids=[row["id"] for row in services],
            integration_ids=list(self.ids.values()),
        )
        self.incident_id = await create_incident(self.world.runtime, ADMIN, ask)

    async def known(self) -> Mapping[str, str]:
        """Return the vendors' ids of the incident, by the key of those that have it."""
        found = await rows("SELECT integration_id, external_id FROM incident_link")
        ids = {row["integration_id"]: row["external_id"] for row in found}
        return {key: ids[one] for key, one in self.ids.items() if one in ids}

    async def disputed(self) -> Mapping[tuple[str, str], FieldValue]:
        """Return what each vendor holds of the fields with an open conflict."""
        found = await rows("SELECT integration_id, field FROM conflict WHERE open_slot = 1")
        known = await self.known() if found else {}
        return {
            (side.key, row["field"]): side.holds(known[side.key])[row["field"]]
            for row in found
            for side in self.sides
            if self.ids[side.key] == row["integration_id"] and row["field"] in side.fields
        }

    async def unsent(self) -> list[str]:
        """Return what vendors hold although our value has won, and nothing waits to replace."""
        beaten = await rows(
            """
            SELECT c.integration_id, c.field, c.external_value FROM conflict c
            WHERE c.status = 'RESOLVED_PLATFORM' AND NOT EXISTS (
                SELECT 1 FROM edit e WHERE e.integration_id = c.integration_id
                    AND e.field = c.field AND e."after" = c.external_value AND e.accepted
            ) AND NOT EXISTS (
                SELECT 1 FROM outbox o JOIN lane l ON l.id = o.lane_id
                WHERE l.integration_id = c.integration_id AND o.state IN ('READY', 'DEAD')
                    AND CAST(o.fields AS TEXT) LIKE '%"' || c.field || '"%'
            )
            """
        )
        known = await self.known() if beaten else {}
        return [
            f"{side.key} still has {row['field']} {row['external_value']}, which has lost"
            for row in beaten
            for side in self.sides
            if self.ids[side.key] == row["integration_id"] and row["field"] in TEXTS
            if dumps(side.holds(known[side.key]).get(row["field"])) == row["external_value"]
        ]

    async def resolve(self, keep: ConflictSide) -> int:
        """Decide every open conflict; return how many there were."""
        found = await rows("SELECT id FROM conflict WHERE open_slot = 1 ORDER BY id")
        for row in found:
            ask = ResolveConflict(conflict_id=row["id"], keep=keep)
            # The one before may have ended it, when it is with another vendor over the same field.
            with suppress(AlreadyResolved):
                await resolve_conflict(self.world.runtime, ADMIN, ask)
        return len(found)

    async def reconcile(self, key: str, *, heals: bool = True) -> None:
        """Compare both sides, and heal what differs."""
        ask = Reconcile(integration_id=self.ids[key], heals=heals, wait=timedelta(0))
        await reconcile(self.world.runtime, ADMIN, ask)
        await reconcile_due(self.world.runtime)
