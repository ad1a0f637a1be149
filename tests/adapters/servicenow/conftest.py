from collections.abc import AsyncIterator, Callable, Mapping
from datetime import timedelta

import httpx
import pytest

from adapters.contract import Access, Mappings
from adapters.servicenow.client import ServiceNow as Client
from simulators.servicenow.instance import ServiceNow
from simulators.servicenow.login import Account
from tests.adapters.conftest import Clock

BASIC = {"user": "admin", "password": "secret"}
OAUTH = {"client_id": "client", "client_secret": "client-secret"}
KEY = {"api_key": "key"}

Connect = Callable[..., Client]


@pytest.fixture
def servicenow(clock: Clock) -> ServiceNow:
    return ServiceNow(now=clock, account=Account(password=BASIC["password"], **KEY))


@pytest.fixture
async def connect(servicenow: ServiceNow, clock: Clock) -> AsyncIterator[Connect]:
    opened: list[Client] = []

    def connected(
        credentials: Mapping[str, str] = BASIC,
        deadline: timedelta = timedelta(seconds=10),
        mappings: Mappings | None = None,
    ) -> Client:
        access = Access(
            base_url="https://acme.example.com",
            credentials=credentials,
            now=clock,
            deadline=deadline,
            mappings=mappings,
            transport=httpx.ASGITransport(app=servicenow.app),
        )
        opened.append(Client(access))
        return opened[-1]

    yield connected
    for client in opened:
        await client.close()


@pytest.fixture
def client(connect: Connect) -> Client:
    return connect()
