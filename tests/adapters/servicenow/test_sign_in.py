import pytest

from domain.sync.retry import Fault
from simulators import misfortune
from simulators.misfortune import Kind
from simulators.servicenow.instance import ServiceNow
from tests.adapters.conftest import Clock
from tests.adapters.servicenow.conftest import BASIC, KEY, OAUTH, Connect
from tests.adapters.servicenow.reading import failed, page


@pytest.mark.parametrize("credentials", [BASIC, KEY, OAUTH, OAUTH | BASIC])
async def test_every_set_of_credentials_signs_in(
    connect: Connect, credentials: dict[str, str]
) -> None:
    assert (await page(connect(credentials))).records == []


@pytest.mark.parametrize(
    "credentials",
    [
        {},
        {"user": "admin"},
        BASIC | {"password": "wrong"},
        {"api_key": "wröng"},
        OAUTH | {"client_secret": "wrong"},
        OAUTH | BASIC | {"password": "wrong"},
    ],
)
async def test_wrong_credentials_are_unauthorised_and_not_repeated(
    connect: Connect, credentials: dict[str, str]
) -> None:
    outcome = await failed(connect(credentials))

    assert outcome.fault is Fault.UNAUTHORISED
    assert "wrong" not in outcome.detail


async def test_a_token_is_used_for_80_percent_of_its_life_and_then_refreshed(
    servicenow: ServiceNow, connect: Connect, clock: Clock
) -> None:
    client = connect(OAUTH | BASIC)
    await page(client)
    clock.move(seconds=1_799 * 0.8 - 1)
    await page(client)
    assert servicenow.served["POST /oauth_token.do"] == 1

    clock.move(seconds=1)
    await page(client)
    assert servicenow.served["POST /oauth_token.do"] == 2


@pytest.mark.parametrize("credentials", [OAUTH, OAUTH | BASIC])
async def test_a_token_that_is_refused_is_renewed_once(
    servicenow: ServiceNow, connect: Connect, credentials: dict[str, str]
) -> None:
    client = connect(credentials)
    await page(client)
    servicenow.login.expire()

    await page(client)
    assert servicenow.served["POST /oauth_token.do"] == 2

    servicenow.misfortunes.push(misfortune.Fault(kind=Kind.UNAUTHORISED, path="/api", times=None))
    assert (await failed(client)).fault is Fault.UNAUTHORISED
    assert servicenow.served["POST /oauth_token.do"] == 3


async def test_a_refresh_token_that_is_lost_begins_a_new_session(
    servicenow: ServiceNow, connect: Connect
) -> None:
    client = connect(OAUTH | BASIC)
    await page(client)
    servicenow.login.revoke()
    servicenow.login.restore()

    assert (await page(client)).records == []
