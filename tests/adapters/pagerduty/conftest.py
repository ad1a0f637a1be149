from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import timedelta

import httpx
import pytest

from adapters.contract import Access, Mappings, unheard
from adapters.pagerduty.client import PagerDuty as Client
from simulators.pagerduty.instance import PagerDuty
from simulators.pagerduty.login import Account
from tests.adapters.conftest import Clock

TOKEN = {"token": "key-of-the-account", "from": "ada.owner@example.com"}

Connect = Callable[..., Client]


@pytest.fixture
def account(clock: Clock) -> PagerDuty:
    return PagerDuty(now=clock, account=Account(token=TOKEN["token"], email=TOKEN["from"]))


@pytest.fixture
async def connect(account: PagerDuty, clock: Clock) -> AsyncIterator[Connect]:
    opened: list[Client] = []

    def connected(
        credentials: Mapping[str, str] = TOKEN,
        deadline: timedelta = timedelta(seconds=10),
        mappings: Mappings | None = None,
        throttled: Callable[[timedelta | None], Awaitable[None]] = unheard,
    ) -> Client:
        access = Access(
            base_url="https://acme.example.com",
            credentials=credentials,
            now=clock,
            deadline=deadline,
            mappings=mappings,
            throttled=throttled,
            transport=httpx.ASGITransport(app=account.app),
        )
        opened.append(Client(access))
        return opened[-1]

    yield connected
    for client in opened:
        await client.close()


@pytest.fixture
def client(connect: Connect) -> Client:
    return connect()
