from collections.abc import AsyncIterator

import httpx
import pytest

from simulators.pagerduty.instance import PagerDuty
from simulators.pagerduty.login import OWNER, Account
from tests.simulators.conftest import Clock
from tests.simulators.receiver import Receiver

TOKEN = "token"  # noqa: S105 — opens nothing but a simulator
HEADERS = {"Authorization": f"Token token={TOKEN}", "From": OWNER}


@pytest.fixture
def pagerduty(clock: Clock) -> PagerDuty:
    keys = {"token": TOKEN, "user_token": "user", "read_only_token": "reader"}
    return PagerDuty(now=clock, account=Account(**keys))


@pytest.fixture
async def http(pagerduty: PagerDuty) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=pagerduty.app, root_path="/proxy"),
        base_url="https://acme.example.com/proxy",
        headers=HEADERS,
    ) as client:
        yield client


@pytest.fixture
async def receiver(pagerduty: PagerDuty) -> AsyncIterator[Receiver]:
    receiver = Receiver()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=receiver.app)) as http:
        pagerduty.webhooks.http = http
        yield receiver
