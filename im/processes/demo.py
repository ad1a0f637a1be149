"""Get a fresh system ready for its first visitor: a token, and the demo's integrations."""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from adapters.registry import manifest
from domain.access.roles import Actor, Role
from domain.errors import Unauthenticated
from domain.records import Direction
from domain.sync.field_mapping import ValuePair
from im.boot import runtime_of, started
from im.settings import Settings
from models.reads.field_override import overrides
from models.reads.integration import integration_keyed
from models.reads.scope import Scope
from operations.access.authenticate import authenticate
from operations.access.issue_token import IssueToken, issue_token
from operations.integrations.configure import ConfigureIntegration, configure_integration
from operations.integrations.create import CreateIntegration, create_integration
from operations.integrations.credentials import SetCredentials, set_credentials
from operations.integrations.mappings import mappable
from operations.integrations.set_field_mapping import SetFieldMapping, set_field_mapping
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
DEMO_KEYS: Final = {"servicenow": "demo-snow", "jira": "demo-jira", "pagerduty": "demo-pd"}
# Of every vendor's credentials, the one that signs.
SIGNED_BY: Final = "webhook_secret"
# Where a credential is called otherwise than a simulator says it.
_CALLED: Final = MappingProxyType({("jira", "token"): "api_token"})
# By field of ours, what a vendor's values are.
Mappings = Mapping[str, Mapping[str, str]]


async def prepare(
    settings: Settings,
    simulators: Mapping[str, Mapping[str, str]],
    *,
    token: str | None,
    mappings: Mapping[str, Mappings] = MappingProxyType({}),
    webhook_secret: str = "",
) -> str:
    """Register the simulators that are not yet registered; return an admin token.

    simulators: by vendor, each with ``url`` and its credentials by name.
    token: the one of an earlier start, given back when it is still good.
    mappings: by vendor, set when it is registered.
    webhook_secret: with which the simulators sign what they tell; nothing is believed without.
    """
    runtime = runtime_of(settings, None, allows_local=True)
    async with started(settings):
        for vendor, facts in simulators.items():
            # Not a vendor: alerts are sent there.
            if vendor not in DEMO_KEYS:
                continue
            told = {**facts, SIGNED_BY: webhook_secret} if webhook_secret else facts
            await _register(runtime, vendor, told, mappings.get(vendor, {}))
        return await _token(runtime, token)


async def _token(runtime: Runtime, token: str | None) -> str:
    try:
        await authenticate(runtime, token)
    except Unauthenticated:
        roles = (Role.PLATFORM_ADMINISTRATOR,)
        return await issue_token(runtime, IssueToken(name="admin", roles=roles))
    return token or ""


async def _register(
    runtime: Runtime, vendor: str, facts: Mapping[str, str], mappings: Mappings
) -> None:
    """Create the integration, or point it to where the simulator is now."""
    known = await integration_keyed(Scope(keys=None), DEMO_KEYS[vendor])
    if known is not None:
        integration_id = known.id
        await configure_integration(
            runtime,
            OPERATOR,
            ConfigureIntegration(integration_id=integration_id, base_url=facts["url"]),
        )
    else:
        integration_id = await _create(runtime, vendor, facts["url"])
    # An earlier start may have ended between the two.
    if not await overrides(integration_id):
        await _map(runtime, vendor, integration_id, mappings)
    # Last: from now on it is read.
    secrets = {
        _CALLED.get((vendor, name), name): value for name, value in facts.items() if name != "url"
    }
    await set_credentials(
        runtime, OPERATOR, SetCredentials(integration_id=integration_id, values=secrets)
    )


async def _create(runtime: Runtime, vendor: str, url: str) -> str:
    integration_id = await create_integration(
        runtime,
        OPERATOR,
        CreateIntegration(
            key=DEMO_KEYS[vendor],
            name=f"Demo {manifest(vendor).name}",
            provider_key=vendor,
            base_url=url,
            direction=Direction.BIDIRECTIONAL,
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
    return integration_id


async def _map(runtime: Runtime, vendor: str, integration_id: str, mappings: Mappings) -> None:
    """Map the values of fields, of every kind of record where a setting may."""
    for about in mappable(manifest(vendor)):
        if about.is_fixed or about.field not in mappings:
            continue
        told = mappings[about.field].items()
        ask = SetFieldMapping(
            integration_id=integration_id,
            kind=about.kind,
            field=about.field,
            values=[ValuePair(external=value, ours=ours) for value, ours in told],
        )
        await set_field_mapping(runtime, OPERATOR, ask)
