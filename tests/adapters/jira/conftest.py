from collections.abc import AsyncIterator, Callable, Mapping
from datetime import timedelta

import httpx
import pytest
from starlette.types import ASGIApp

from adapters.contract import Access, AskTokens, Mappings, renew_alone
from adapters.exchange import Failed
from adapters.jira.client import Jira as Client
from simulators.jira.instance import Jira
from simulators.jira.login import Account
from tests.adapters.conftest import Clock

TOKEN = {"email": "admin@example.com", "api_token": "secret"}

Connect = Callable[..., Client]


@pytest.fixture
def jira(clock: Clock) -> Jira:
    return Jira(now=clock, account=Account(email=TOKEN["email"], token=TOKEN["api_token"]))


@pytest.fixture
def kept() -> list[dict[str, str]]:
    """The credentials after each renewal."""
    return []


@pytest.fixture
async def connect(jira: Jira, clock: Clock, kept: list[dict[str, str]]) -> AsyncIterator[Connect]:
    opened: list[Client] = []

    async def renew(seen: Mapping[str, str], ask: AskTokens) -> Mapping[str, str] | Failed:
        held = await renew_alone(seen, ask)
        if not isinstance(held, Failed):
            kept.append(dict(held))
        return held

    def connected(
        credentials: Mapping[str, str] = TOKEN,
        *,
        mappings: Mappings | None = None,
        base_url: str = "https://acme.example.com",
        app: ASGIApp | None = None,
    ) -> Client:
        access = Access(
            base_url=base_url,
            credentials=credentials,
            now=clock,
            deadline=timedelta(seconds=10),
            mappings=mappings,
            renew=renew,
            transport=httpx.ASGITransport(app=app or jira.app),
        )
        opened.append(Client(access))
        return opened[-1]

    yield connected
    for client in opened:
        await client.close()


@pytest.fixture
def client(connect: Connect) -> Client:
    return connect()
