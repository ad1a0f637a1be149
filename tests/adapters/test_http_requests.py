import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import httpx
import pytest

from adapters.exchange import Failed
from adapters.http import Answer
from tests.adapters.answering import answered, opened
from tests.adapters.conftest import Clock


async def test_a_document_is_sent_and_a_repeated_name_kept(clock: Clock) -> None:
    seen: list[httpx.Request] = []

    def reply(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return answered(b'["a"]', 201)

    async with opened(reply, clock) as http:
        pairs = [("status[]", "triggered"), ("status[]", "resolved")]
        answer = await http.send("PUT", "/x", query=pairs, headers={"From": "a"}, json={"b": 1})

    assert isinstance(answer, Answer)
    assert (answer.status, answer.body) == (201, {"items": ["a"]})
    assert (seen[0].method, seen[0].headers["from"]) == ("PUT", "a")
    assert seen[0].url.params.get_list("status[]") == ["triggered", "resolved"]
    assert json.loads(seen[0].content) == {"b": 1}


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_a_write_may_be_answered_with_nothing(method: str, clock: Clock) -> None:
    async with opened(lambda _: answered(b"", 204), clock) as http:
        answer = await http.send(method, "/x", headers={})

    assert isinstance(answer, Answer)
    assert answer.body == {}


async def test_a_vendors_own_headers_may_tell_the_wait(clock: Clock) -> None:
    def reset(headers: Mapping[str, str], _: datetime) -> timedelta | None:
        return timedelta(seconds=int(headers["ratelimit-reset"]))

    reply = answered(status=429, ratelimit_reset="9", Retry_After="1")
    async with opened(lambda _: reply, clock, retry_after=reset) as http:
        outcome = await http.get("/x", {}, {})

    assert isinstance(outcome, Failed)
    assert outcome.retry_after == timedelta(seconds=9)


async def test_each_request_has_its_turn_from_before_it_until_its_answer(clock: Clock) -> None:
    steps: list[str] = []

    @asynccontextmanager
    async def pace() -> AsyncIterator[None]:
        steps.append("turn")
        yield
        steps.append("end")

    def reply(request: httpx.Request) -> httpx.Response:
        steps.append(request.method)
        if request.method == "PATCH":
            raise httpx.ReadError("reset")
        return answered()

    async with opened(reply, clock, pace=pace) as http:
        await http.get("/x", {}, {})
        await http.post_form("/y", {})
        await http.send("PATCH", "/z", headers={}, json={})

    turns = [["turn", method, "end"] for method in ("GET", "POST", "PATCH")]
    assert steps == [step for turn in turns for step in turn]


@pytest.mark.parametrize(("header", "wait"), [("7", timedelta(seconds=7)), ("", None)])
async def test_whoever_keeps_the_pace_is_told_that_it_was_too_fast(
    header: str, wait: timedelta | None, clock: Clock
) -> None:
    told: list[timedelta | None] = []

    async def throttled(wait: timedelta | None) -> None:
        told.append(wait)

    replies = iter([answered(status=429, Retry_After=header), answered(status=503)])
    async with opened(lambda _: next(replies), clock, throttled=throttled) as http:
        await http.get("/x", {}, {})
        await http.get("/x", {}, {})

    assert told == [wait]
