from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from simulators.servicenow.instance import ServiceNow
from simulators.servicenow.login import Account

ADMIN = ("admin", "secret")


class Clock:
    """A clock that only moves when told to."""

    def __init__(self) -> None:
        self.at = datetime(2026, 3, 2, 10, 0, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def servicenow(clock: Clock) -> ServiceNow:
    return ServiceNow(now=clock, account=Account(password=ADMIN[1], api_key="key"))


@pytest.fixture
async def http(servicenow: ServiceNow) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=servicenow.app, root_path="/proxy"),
        base_url="https://acme.example.com/proxy",
        auth=ADMIN,
    ) as client:
        yield client
