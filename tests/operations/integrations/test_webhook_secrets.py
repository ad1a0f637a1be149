"""Webhook secrets are set beside the credentials, and never reach the vendor."""

from collections.abc import Mapping

import pytest

from domain.errors import Invalid
from domain.records import IntegrationState
from models.reads.statement import rows
from models.tables.integration import IntegrationRow
from operations.integrations.credentials import SetCredentials, set_credentials
from operations.integrations.vault import opened
from simulators.jira.instance import Jira
from simulators.jira.login import Account
from tests.operations.integrations.opened import account_of
from tests.world import ADMIN, EMAIL, PASSWORD, World

SIGNED_IN = {"user": "admin", "password": PASSWORD}


async def put(world: World, values: Mapping[str, str]) -> None:
    ask = SetCredentials(integration_id=world.integration_id, values=values)
    await set_credentials(world.runtime, ADMIN, ask)


async def stored(world: World) -> Mapping[str, str]:
    return await opened(world.runtime, world.integration_id)


async def test_a_secret_alone_leaves_the_sign_in_as_it_is(world: World) -> None:
    await put(world, {"webhook_secret": "first"})

    assert await stored(world) == SIGNED_IN | {"webhook_secret": "first"}


async def test_another_sign_in_leaves_the_secrets_as_they_are(world: World) -> None:
    await put(world, {"webhook_secret": "first", "webhook_secret_next": "second"})

    await put(world, {"api_key": "key"})

    kept = {"webhook_secret": "first", "webhook_secret_next": "second"}
    assert await stored(world) == kept | {"api_key": "key"}


async def test_a_sign_in_and_a_secret_go_together(world: World) -> None:
    await put(world, {"api_key": "key", "webhook_secret": "first"})

    assert await stored(world) == {"api_key": "key", "webhook_secret": "first"}


async def test_a_rotation_ends_with_an_empty_secret(world: World) -> None:
    await put(world, {"webhook_secret": "first", "webhook_secret_next": "second"})

    await put(world, {"webhook_secret": "second", "webhook_secret_next": ""})

    assert await stored(world) == SIGNED_IN | {"webhook_secret": "second"}


async def test_the_vendor_is_opened_without_the_secrets(world: World) -> None:
    await put(world, {"webhook_secret": "first"})

    assert (await account_of(world)).credentials == SIGNED_IN


async def test_secrets_lie_sealed(world: World) -> None:
    await put(world, {"webhook_secret": "first"})

    for row in await rows("SELECT * FROM credential"):
        assert "first" not in str(row)


async def test_a_secret_lets_no_parked_integration_go_on(world: World) -> None:
    await IntegrationRow.all().update(state=IntegrationState.PARKED)

    await put(world, {"webhook_secret": "first"})

    assert (await world.integration())["state"] == IntegrationState.PARKED


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"webhook_secret": "first", "colour": "red"},
        {"user": "admin", "webhook_secret": "first"},
        {"user": "admin", "password": ""},
        {"webhook_secret": "x" * 10_001},
        {"shared_secret": "of another vendor"},
    ],
)
async def test_what_fits_nothing_is_refused(world: World, values: dict[str, str]) -> None:
    with pytest.raises(Invalid) as refused:
        await put(world, values)

    assert refused.value.path[0] == "credentials"
    assert await stored(world) == SIGNED_IN


async def test_the_refusal_says_what_can_be_set(world: World) -> None:
    with pytest.raises(Invalid, match="beside them or alone: webhook_secret, webhook_secret_next"):
        await put(world, {"colour": "red"})


async def test_a_site_is_signed_in_to_with_an_apps_secret_beside(world: World) -> None:
    account = Account(email=EMAIL, token=PASSWORD)
    world.jira = Jira(now=world.clock.now, account=account)
    await world.register(key="prod-jira", provider="jira")
    token = {"email": EMAIL, "api_token": PASSWORD}

    await put(
        world, {**token, "client_secret": "of the app", "shared_secret": "of the installation"}
    )

    assert (await account_of(world)).credentials == token | {"client_secret": "of the app"}
