"""Simulated vendors, and the real operations that mirror them, in one process."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random
from typing import Any, Final

import httpx
from starlette.types import ASGIApp

from adapters.channels.contract import Channel
from adapters.contract import Access, Vendor
from adapters.exchange import Failed, Page, PageAsk
from adapters.registry import manifest
from domain.access.roles import Actor, Role
from domain.records import Direction, Owner, RecordKind
from im.ulids import Ulids
from models.database import DatabaseAt
from models.reads.statement import rows
from models.sealed import Key, KeyRing
from models.tables.ownership import OwnershipRuleRow
from models.tables.sync_run import WatermarkRow
from operations.integrations.create import CreateIntegration, create_integration
from operations.integrations.credentials import SetCredentials, set_credentials
from operations.runtime import Account as VendorAccount
from operations.runtime import Runtime
from operations.sla.look import PolicySource
from operations.sync.pull import pull_due
from simulators.jira.instance import Jira
from simulators.pagerduty.instance import PagerDuty
from simulators.servicenow.instance import ServiceNow
from simulators.servicenow.login import Account
from simulators.servicenow.replay import Plan
from tests.clock import Clock
from tests.operations.sla.written import POLICY
from workers.budget import SharedBudget


def _actor(name: str, role: Role) -> Actor:
    return Actor(id=name, name=name, roles=frozenset({role}), scopes=frozenset({"*"}))


ADMIN: Final = _actor("ada", Role.PLATFORM_ADMINISTRATOR)
VIEWER: Final = _actor("vera", Role.VIEWER)
PASSWORD: Final = "open sesame"  # noqa: S105 — of a simulator
ACCOUNT: Final = Account(user="admin", password=PASSWORD)
EMAIL: Final = "ada@example.com"
KEYS: Final = (Key(id="k1", secret=bytes(range(32))),)


def commander(name: str) -> Actor:
    """Return somebody who leads the incidents that are assigned to him."""
    return _actor(name, Role.INCIDENT_COMMANDER)


Around = Callable[[Vendor], Vendor]


class Pages:
    """A vendor that is asked for pages of another size; what is odd about a vendor builds on it."""

    def __init__(self, vendor: Vendor, size: int) -> None:
        self.size = size
        self._vendor = vendor
        self.read = vendor.read
        self.census = vendor.census
        self.history = vendor.history
        self.notes = vendor.notes
        self.names = vendor.names
        self.create = vendor.create
        self.write = vendor.write
        self.comment = vendor.comment
        self.reader = vendor.reader
        self.check = vendor.check
        self.close = vendor.close

    async def page(self, ask: PageAsk) -> Page | Failed:
        return await self._vendor.page(replace(ask, size=self.size))


def as_it_is(vendor: Vendor) -> Vendor:
    """Put nothing between."""
    return vendor


def pages_of(size: int) -> Around:
    """Make the vendor's pages small."""
    return lambda vendor: Pages(vendor, size)


def simulated(clock: Clock, *, rows: int | None = None, history: float = 1.0) -> ServiceNow:
    """Return an instance without incidents, or with those of the log's first rows."""
    plan = None if rows is None else Plan(rows=rows, history=history)
    # The log's lowest priority is 4.
    return ServiceNow(now=clock.now, account=ACCOUNT, plan=plan, lowest_priority="4")


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A vendor's door, and what signs in there."""

    app: ASGIApp
    credentials: Mapping[str, str]


@dataclass(slots=True, kw_only=True)
class World:
    """A worker that mirrors vendors.

    at: the database, opened.
    others: vendors beyond the three, by their keys.
    kinds: what is pulled of each vendor; the others are left alone.
    around: what stands between the worker and the vendor.
    pace: how long the worker waits before each request, by the moved clock.
    hints: the topics that were woken; channels: how people are told of alerts.
    """

    at: DatabaseAt
    clock: Clock
    servicenow: ServiceNow
    jira: Jira | None = None
    pagerduty: PagerDuty | None = None
    others: Mapping[str, Site] = field(default_factory=dict)
    kinds: frozenset[RecordKind] = frozenset({RecordKind.INCIDENT})
    around: Around = as_it_is
    deadline: timedelta = timedelta(seconds=12)
    pace: timedelta = timedelta(0)
    owner: str = "worker-1"
    seed: int = 0
    keys: Sequence[Key] = KEYS
    hints: list[str] = field(default_factory=list)
    policy_source: PolicySource = POLICY
    channels: Mapping[str, Channel] = field(default_factory=dict)
    runtime: Runtime = field(init=False)
    integration_id: str = ""

    def __post_init__(self) -> None:
        """Start the worker."""
        self.start(self.owner)

    def start(self, owner: str) -> Runtime:
        """Replace the worker by one that remembers nothing, and return its runtime."""
        chance = Random(f"{self.seed} {owner}")  # noqa: S311 — repeatable, protects nothing
        self.runtime = Runtime(
            now=self.clock.now,
            new_id=Ulids(now=self.clock.now, random_bytes=chance.randbytes),
            new_secret=lambda: chance.randbytes(32).hex(),
            keys=KeyRing(self.keys, random_bytes=chance.randbytes),
            chance=lambda: 0.5,
            connect=self._connect,
            budget=SharedBudget(None, processes=1),
            wake=self._wake,
            policy_source=self.policy_source,
            channels=self.channels,
            owner=owner,
            allows_local_vendors=True,
        )
        return self.runtime

    def stand_between(self, around: Around) -> None:
        """Put something else between the worker and its vendors, from now on."""
        self.around = around
        self.runtime.vendors.clear()

    def _connect(self, account: VendorAccount) -> Vendor:
        access = Access(
            base_url=account.base_url,
            credentials=account.credentials,
            now=self.clock.now,
            deadline=self.deadline,
            mappings=account.mappings,
            renew=account.renew,
            pace=self._wait,
            transport=httpx.ASGITransport(app=self._app(account.manifest.key)),
        )
        return self.around(account.manifest.connect(access))

    @asynccontextmanager
    async def _wait(self) -> AsyncIterator[None]:
        self.clock.move(seconds=self.pace.total_seconds())
        yield

    def _app(self, provider: str) -> ASGIApp:
        if provider in self.others:
            return self.others[provider].app
        sites = {"servicenow": self.servicenow, "jira": self.jira, "pagerduty": self.pagerduty}
        site = sites[provider]
        assert site is not None
        return site.app

    async def _wake(self, topic: str) -> None:
        self.hints.append(topic)

    async def register(
        self,
        *,
        key: str = "prod-snow",
        provider: str = "servicenow",
        direction: Direction = Direction.INBOUND,
        password: str = PASSWORD,
        follows: bool = True,
    ) -> str:
        """Register a vendor as an integration with credentials, and return its id.

        follows: take over all that changes there, whatever its default ownership says.
        """
        ask = CreateIntegration(
            key=key,
            name="Production",
            provider_key=provider,
            base_url="http://127.0.0.1:9",
            direction=direction,
        )
        self.integration_id = await create_integration(self.runtime, ADMIN, ask)
        await WatermarkRow.exclude(kind__in=list(self.kinds)).delete()
        if follows:
            await self.follow(provider)
        await self.sign_in(password, provider=provider)
        return self.integration_id

    async def follow(self, provider: str) -> None:
        """Give the vendor the fields that its default ownership keeps for us."""
        for name, owner in manifest(provider).ownership.items():
            if owner is Owner.PLATFORM:
                await OwnershipRuleRow.create(
                    id=self.runtime.new_id(),
                    integration_id=self.integration_id,
                    field=name,
                    owner=Owner.EXTERNAL,
                    priority=0,
                    set_at=self.clock.now(),
                    set_by="ada",
                )

    async def sign_in(self, password: str = PASSWORD, *, provider: str = "servicenow") -> None:
        """Set the credentials."""
        values: dict[str, Mapping[str, str]] = {
            "servicenow": {"user": ACCOUNT.user, "password": password},
            "jira": {"email": EMAIL, "api_token": password},
            "pagerduty": {"token": password, "from": EMAIL},
            **{key: site.credentials for key, site in self.others.items()},
        }
        ask = SetCredentials(integration_id=self.integration_id, values=values[provider])
        await set_credentials(self.runtime, ADMIN, ask)

    async def make_due(self) -> None:
        """Let all sources be due now."""
        await WatermarkRow.all().update(next_pull_at=self.clock.now())

    async def sync(self) -> dict[str, Any]:
        """Pull now, whatever the interval says; return the newest run."""
        await self.make_due()
        await pull_due(self.runtime)
        return await self.run()

    async def sync_one(self, key: str) -> None:
        """Pull one integration now, and no other."""
        never = self.clock.now() + timedelta(days=10_000)
        await WatermarkRow.all().update(next_pull_at=never)
        source = WatermarkRow.filter(integration_id=await self.id_of(key))
        await source.update(next_pull_at=self.clock.now())
        await pull_due(self.runtime)

    async def id_of(self, key: str) -> str:
        """Return the id of an integration."""
        (row,) = await rows("SELECT id FROM integration WHERE key = $1", key)
        return str(row["id"])

    async def run(self) -> dict[str, Any]:
        """Return the newest run."""
        return (await rows("SELECT * FROM sync_run ORDER BY queued_at DESC, id DESC LIMIT 1"))[0]

    async def source(self) -> dict[str, Any]:
        """Return the integration's watermark."""
        return (await rows("SELECT * FROM watermark"))[0]

    async def integration(self) -> dict[str, Any]:
        """Return the integration."""
        return (await rows("SELECT * FROM integration"))[0]

    async def incident(self, number: str) -> dict[str, Any]:
        """Return an incident by its number."""
        return (await rows("SELECT * FROM incident WHERE number = $1", number))[0]

    def asked(self, table: str = "incident") -> int:
        """Return how many pages of a table the vendor has served."""
        return self.servicenow.served[f"GET /api/now/table/{table}"]


async def count(table: str) -> int:
    """Return how many rows a table has."""
    (row,) = await rows(f"SELECT count(*) AS n FROM {table}")  # noqa: S608 — a test's own words
    return int(row["n"])


class Crash(BaseException):
    """The worker is gone: nothing catches this, so nothing is tidied up."""
