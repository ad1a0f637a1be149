import pytest

from adapters.exchange import Failed
from adapters.jira.client import Jira as Client
from domain.sync.retry import Fault
from simulators import misfortune
from simulators.jira.instance import Jira
from simulators.misfortune import Kind
from tests.adapters.conftest import Clock
from tests.adapters.jira.conftest import TOKEN, Connect
from tests.adapters.jira.reading import ask, create, page

APP = {"client_id": "client", "client_secret": "client-secret"}
GATEWAY = "https://api.atlassian.com/ex/jira/11111111-2222-4333-8444-555555555555"
TOKENS = "POST /oauth/token"


@pytest.fixture
def oauth(jira: Jira) -> dict[str, str]:
    """What an app has when a person has just agreed to it."""
    form = APP | {"grant_type": "authorization_code", "code": jira.login.authorise()}
    given = jira.login.grant(form)
    assert given is not None
    return APP | {"refresh_token": str(given["refresh_token"])}


async def refused(client: Client) -> Failed:
    found = await client.page(ask())
    assert isinstance(found, Failed)
    return found


@pytest.mark.parametrize(
    "credentials",
    [
        {},
        {"email": "admin@example.com"},
        TOKEN | {"api_token": "wrong"},
        TOKEN | {"email": "nöbody@example.com"},
        APP | {"refresh_token": "wrong"},
    ],
)
async def test_wrong_credentials_are_unauthorised_and_not_told(
    connect: Connect, credentials: dict[str, str]
) -> None:
    outcome = await refused(connect(credentials))

    assert outcome.fault is Fault.UNAUTHORISED
    assert "wrong" not in outcome.detail


async def test_a_refresh_token_is_replaced_before_its_successor_is_used(
    jira: Jira,
    connect: Connect,
    oauth: dict[str, str],
    kept: list[dict[str, str]],
    clock: Clock,
) -> None:
    client = connect(oauth)
    seen: list[int] = []
    jira.hooks.before_request = lambda _: seen.append(len(kept))
    await page(client, ask())
    clock.move(hours=1)
    await page(client, ask())

    assert jira.served[TOKENS] == 2
    # The token endpoint is asked with none kept, then with one; all else after that.
    assert (seen[0], min(seen[1:])) == (0, 1)
    assert len({one["refresh_token"] for one in (oauth, *kept)}) == 3
    assert all(one.items() >= APP.items() for one in kept)


async def test_a_later_connection_goes_on_with_what_was_kept(
    jira: Jira,
    connect: Connect,
    oauth: dict[str, str],
    kept: list[dict[str, str]],
    clock: Clock,
) -> None:
    await page(connect(oauth), ask())
    clock.move(minutes=30)
    await page(connect(kept[-1]), ask())
    assert jira.served[TOKENS] == 1

    clock.move(hours=5)
    await page(connect(kept[-1]), ask())
    assert jira.served[TOKENS] == 2
    assert (await refused(connect(oauth))).fault is Fault.UNAUTHORISED


async def test_a_token_that_is_refused_is_renewed_once(
    jira: Jira, connect: Connect, oauth: dict[str, str]
) -> None:
    client = connect(oauth)
    await page(client, ask())
    jira.login.expire()

    await page(client, ask())
    assert jira.served[TOKENS] == 2

    jira.misfortunes.push(misfortune.Fault(kind=Kind.UNAUTHORISED, path="/rest", times=None))
    assert (await refused(client)).fault is Fault.UNAUTHORISED
    assert jira.served[TOKENS] == 3


async def test_an_app_reaches_the_site_through_the_gateway_and_links_to_its_pages(
    jira: Jira, connect: Connect, oauth: dict[str, str]
) -> None:
    create(jira, 1)

    found = await page(connect(oauth, base_url=GATEWAY), ask())

    (record,) = found.records
    assert record.url.startswith("https://api.atlassian.com/")
    assert record.url.endswith("/browse/OPS-1")
    assert not [name for name in jira.served if "/ex/jira" in name]
