"""Get a fresh system ready for its first visitor: a token, and the demo's integrations."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from domain.access.roles import Actor, Role
from domain.errors import Unauthenticated
from domain.records import Direction
from im.boot import runtime_of, started
from im.settings import Settings
from models.reads.integration import integration_keyed
from models.reads.scope import Scope
from operations.access.authenticate import authenticate
from operations.access.issue_token import IssueToken, issue_token
from operations.integrations.configure import ConfigureIntegration, configure_integration
from operations.integrations.create import CreateIntegration, create_integration
from operations.integrations.credentials import SetCredentials, set_credentials
from operations.runtime import Runtime

OPERATOR: Final = Actor(
    id="local",
    name="local operator",
    roles=frozenset({Role.PLATFORM_ADMINISTRATOR}),
    scopes=frozenset({"*"}),
)
# The demo is to be seen moving, and its vendors are our own.
DEMO_POLL: Final = timedelta(seconds=5)
DEMO_REQUESTS_PER_MINUTE: Final = 60_000
DEMO_KEYS: Final = {"servicenow": "demo-snow"}


async def prepare(
    settings: Settings, simulators: Mapping[str, Mapping[str, str]], *, token: str | None
) -> str:
    """Register the simulators that are not yet registered; return an admin token.

    simulators: by vendor, each with ``url`` and its credentials by name.
    token: the one of an earlier start, given back when it is still good.
    """
    runtime = runtime_of(settings, None, allows_local=True)
    async with started(settings):
        for vendor, facts in simulators.items():
            await _register(runtime, vendor, facts)
        return await _token(runtime, token)


async def _token(runtime: Runtime, token: str | None) -> str:
    try:
        await authenticate(runtime, token)
    except Unauthenticated:
        roles = (Role.PLATFORM_ADMINISTRATOR,)
        return await issue_token(runtime, IssueToken(name="admin", roles=roles))
    return token or ""


async def _register(runtime: Runtime, vendor: str, facts: Mapping[str, str]) -> None:
    """Create the integration, or point it to where the simulator is now."""
    key = DEMO_KEYS.get(vendor, f"demo-{vendor}")
    known = await integration_keyed(Scope(keys=None), key)
    if known is not None:
        integration_id = known.id
        await configure_integration(
            runtime,
            OPERATOR,
            ConfigureIntegration(integration_id=integration_id, base_url=facts["url"]),
        )
    else:
        integration_id = await create_integration(
            runtime,
            OPERATOR,
            CreateIntegration(
                key=key,
                name=f"Demo {vendor}",
                provider_key=vendor,
                base_url=facts["url"],
                direction=Direction.INBOUND,
            ),
        )
        await configure_integration(
            runtime,
            OPERATOR,
            ConfigureIntegration(
                integration_id=integration_id,
                poll_interval=DEMO_POLL,
                requests_per_minute=DEMO_REQUESTS_PER_MINUTE,
            ),
        )
    secrets = {name: value for name, value in facts.items() if name not in {"url", "vendor"}}
    await set_credentials(
        runtime, OPERATOR, SetCredentials(integration_id=integration_id, values=secrets)
    )
