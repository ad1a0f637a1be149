from collections.abc import AsyncIterator

import httpx
import pytest

from simulators.jira.instance import Jira
from simulators.jira.login import Account
from tests.simulators.conftest import Clock

ADMIN = ("admin@example.com", "secret")
API = "/rest/api/3"
INCIDENT = "[System] Incident"
CHANGE = "[System] Change"
REQUEST = "[System] Service request"


@pytest.fixture
def jira(clock: Clock) -> Jira:
    return Jira(now=clock, account=Account(token=ADMIN[1]))


@pytest.fixture
async def http(jira: Jira) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=jira.app, root_path="/proxy"),
        base_url="https://acme.example.com/proxy",
        auth=ADMIN,
    ) as client:
        yield client


async def found(http: httpx.AsyncClient, jql: str) -> list[str]:
    """Return the keys that a query finds, in their order."""
    answer = await http.get(f"{API}/search/jql", params={"jql": jql, "fields": "key"})
    assert answer.status_code == 200, answer.text
    return [issue["key"] for issue in answer.json()["issues"]]
