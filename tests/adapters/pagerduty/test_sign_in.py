from collections.abc import Mapping
from datetime import timedelta

import httpx
import pytest

from adapters.contract import Access
from adapters.exchange import PageAsk
from adapters.pagerduty.client import PagerDuty as Client
from domain.sync.retry import Fault
from simulators import misfortune
from simulators.misfortune import Kind
from simulators.pagerduty.instance import PagerDuty
from tests.adapters.conftest import Clock
from tests.adapters.pagerduty.conftest import TOKEN, Connect
from tests.adapters.pagerduty.reading import INCIDENT, failed, page

CLIENT = {"client_id": "client", "client_secret": "client-secret", "from": TOKEN["from"]}
OF_ACCOUNT = CLIENT | {"account": "us.acme"}
FIRST = PageAsk(kind=INCIDENT, since=None, position=None, size=100)


def access(
    account: PagerDuty,
    clock: Clock,
    credentials: Mapping[str, str],
    base_url: str = "https://acme.example.com",
) -> Access:
    return Access(
        base_url=base_url,
        credentials=credentials,
        now=clock,
        deadline=timedelta(seconds=10),
        transport=httpx.ASGITransport(app=account.app),
    )


def of_user(account: PagerDuty) -> dict[str, str]:
    """Return the credentials that a user's consent gives."""
    form = CLIENT | {
        "grant_type": "authorization_code",
        "code": account.login.code(TOKEN["from"]),
    }
    granted = account.login.grant(form)
    assert granted is not None
    return CLIENT | {"refresh_token": str(granted["refresh_token"])}


async def test_every_set_of_credentials_signs_in(account: PagerDuty, connect: Connect) -> None:
    for credentials in (TOKEN, OF_ACCOUNT, of_user(account)):
        assert (await page(connect(credentials), FIRST)).records == []


@pytest.mark.parametrize(
    "credentials",
    [
        {},
        {"from": TOKEN["from"]},
        {"client_id": "client"},
        TOKEN | {"token": "wrong-key"},
        TOKEN | {"token": "wröng"},
        OF_ACCOUNT | {"client_secret": "wrong-key"},
        CLIENT | {"refresh_token": "wrong-key"},
    ],
)
async def test_wrong_credentials_are_unauthorised(
    connect: Connect, credentials: dict[str, str]
) -> None:
    outcome = await failed(connect(credentials))

    assert outcome.fault is Fault.UNAUTHORISED
    assert "wrong" not in outcome.detail


async def test_a_token_is_used_for_80_percent_of_its_life_and_then_renewed(
    account: PagerDuty, connect: Connect, clock: Clock
) -> None:
    client = connect(OF_ACCOUNT)
    await page(client, FIRST)
    clock.move(seconds=864_000 * 0.8 - 1)
    await page(client, FIRST)
    assert account.served["POST /oauth/token"] == 1

    clock.move(seconds=1)
    await page(client, FIRST)
    assert account.served["POST /oauth/token"] == 2


async def test_a_token_that_is_refused_is_renewed_at_once(
    account: PagerDuty, connect: Connect
) -> None:
    client = connect(OF_ACCOUNT)
    await page(client, FIRST)
    account.login.expire()

    await page(client, FIRST)

    assert account.served["POST /oauth/token"] == 2


async def test_a_refresh_token_is_good_for_one_renewal_and_brings_the_next(
    account: PagerDuty, connect: Connect
) -> None:
    credentials = of_user(account)
    client = connect(credentials)
    await page(client, FIRST)
    account.login.expire()
    await page(client, FIRST)
    assert account.served["POST /oauth/token"] == 2

    assert (await failed(connect(credentials))).fault is Fault.UNAUTHORISED


@pytest.mark.parametrize("kind", [Kind.HTML, Kind.TRUNCATED, Kind.ERROR, Kind.THROTTLED])
async def test_a_token_endpoint_in_trouble_is_told_as_such(
    account: PagerDuty, connect: Connect, kind: Kind
) -> None:
    account.misfortunes.push(misfortune.Fault(kind=kind, path="/oauth"))

    outcome = await failed(connect(OF_ACCOUNT))

    assert outcome.fault is not Fault.UNAUTHORISED


@pytest.mark.parametrize(
    ("base_url", "asked"),
    [
        ("https://api.pagerduty.com", "https://identity.pagerduty.com/oauth/token"),
        ("https://api.eu.pagerduty.com", "https://identity.pagerduty.com/oauth/token"),
        ("https://pagerduty.com.example.com", "https://pagerduty.com.example.com/oauth/token"),
    ],
)
async def test_tokens_come_from_the_vendors_identity_host(
    account: PagerDuty, clock: Clock, base_url: str, asked: str
) -> None:
    urls: list[str] = []
    account.hooks.before_request = lambda request: urls.append(str(request.url))
    client = Client(access(account, clock, OF_ACCOUNT, base_url))

    await page(client, FIRST)
    await client.close()

    assert urls[0] == asked
    assert all(url.startswith(base_url) for url in urls[1:])
