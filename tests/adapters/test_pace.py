"""Requests wait for their turn, and "too often" is told to whoever keeps the pace."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from adapters.contract import Access
from adapters.exchange import Failed
from adapters.http import JsonHttp
from domain.sync.retry import Fault

NOW = datetime(2026, 3, 2, 10, 10, tzinfo=UTC)
DATE = {"Date": "Mon, 02 Mar 2026 10:10:00 GMT"}


@pytest.mark.parametrize(
    ("told", "waited"), [({"Retry-After": "90"}, timedelta(seconds=90)), ({}, None)]
)
async def test_each_too_often_is_told_with_the_wait_that_the_vendor_named(
    told: dict[str, str], waited: timedelta | None
) -> None:
    heard: list[str | timedelta | None] = []

    @asynccontextmanager
    async def pace() -> AsyncIterator[None]:
        heard.append("turn")
        yield
        heard.append("end")

    async def throttled(retry_after: timedelta | None) -> None:
        heard.append(retry_after)

    answers = iter([503, 429, 200])
    http = JsonHttp(
        Access(
            base_url="https://acme.example.com",
            credentials={},
            now=lambda: NOW,
            deadline=timedelta(seconds=1),
            pace=pace,
            throttled=throttled,
            transport=httpx.MockTransport(
                lambda _: httpx.Response(
                    next(answers), headers=DATE | told, stream=httpx.ByteStream(b"{}")
                )
            ),
        )
    )
    outcomes = [await http.get("/", {}, {}) for _ in range(3)]
    await http.close()
    assert [one.fault for one in outcomes if isinstance(one, Failed)] == [
        Fault.VENDOR_ERROR,
        Fault.THROTTLED,
    ]
    assert heard == ["turn", "end", "turn", "end", waited, "turn", "end"]
