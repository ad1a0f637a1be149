"""Vendors that give tokens, and what signs in there once a person has agreed."""

import asyncio
from collections import Counter
from collections.abc import Mapping

from domain.records import RecordKind
from models.database import DatabaseAt
from operations.integrations.credentials import SetCredentials, set_credentials
from operations.integrations.vault import opened
from operations.sync.pull import pull_due
from simulators.jira.instance import Jira
from simulators.jira.login import Account as JiraAccount
from simulators.pagerduty.instance import PagerDuty
from simulators.pagerduty.login import Account
from tests.clock import Clock
from tests.mirror import rows_of
from tests.world import ADMIN, EMAIL, PASSWORD, World, simulated

APP = {"client_id": "client", "client_secret": "client-secret"}
KINDS = frozenset({RecordKind.INCIDENT, RecordKind.CHANGE, RecordKind.TICKET, RecordKind.EVENT})
Held = Mapping[str, str]


def rotating(database: DatabaseAt) -> World:
    """Vendors whose refresh tokens are good for one use; no integration yet."""
    clock = Clock()
    return World(
        at=database,
        clock=clock,
        servicenow=simulated(clock),
        jira=Jira(now=clock.now, account=JiraAccount(email=EMAIL, token=PASSWORD)),
        pagerduty=PagerDuty(now=clock.now, account=Account(token=PASSWORD, email=EMAIL)),
        kinds=KINDS,
    )


def site(world: World, provider: str) -> Jira | PagerDuty:
    found = world.jira if provider == "jira" else world.pagerduty
    assert found is not None
    return found


def agreed(world: World, provider: str) -> dict[str, str]:
    """Return what an app has when a person has just agreed to it."""
    vendor = site(world, provider)
    code = vendor.login.authorise() if isinstance(vendor, Jira) else vendor.login.code(EMAIL)
    given = vendor.login.grant(APP | {"grant_type": "authorization_code", "code": code})
    assert given is not None
    more = {"from": EMAIL} if provider == "pagerduty" else {}
    return APP | {"refresh_token": str(given["refresh_token"])} | more


async def registered(world: World, provider: str = "jira") -> dict[str, str]:
    """Register a vendor with OAuth, and return the credentials that a person has set."""
    await world.register(key=provider, provider=provider)
    values = agreed(world, provider)
    await set_again(world, values)
    return values


async def set_again(world: World, values: Held) -> None:
    ask = SetCredentials(integration_id=world.integration_id, values=values)
    await set_credentials(world.runtime, ADMIN, ask)


async def stored(world: World) -> dict[str, str]:
    return await opened(world.runtime, world.integration_id)


async def pull_at_once(world: World, workers: int = 3) -> Counter[str]:
    """Pull all kinds by workers that remember nothing; return how the runs ended."""
    before = {run["id"] for run in await rows_of("sync_run")}
    await world.make_due()
    runtimes = [world.start(f"worker-{len(before)}-{place}") for place in range(workers)]
    await asyncio.gather(*(pull_due(runtime) for runtime in runtimes))
    return Counter(run["status"] for run in await rows_of("sync_run") if run["id"] not in before)
