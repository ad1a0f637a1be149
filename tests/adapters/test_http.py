import gzip
import tracemalloc
import zlib
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from adapters.http import Answer
from domain.sync.retry import Fault
from tests.adapters.answering import DATE, Parts, answered, ask, failed, opened
from tests.adapters.conftest import Clock


async def test_an_answer_tells_the_vendors_time_and_the_skew(clock: Clock) -> None:
    def reply(request: httpx.Request) -> httpx.Response:
        clock.move(milliseconds=200)
        assert str(request.url) == "https://acme.example.com/base/x?a=b+c"
        assert request.headers["user-agent"].startswith("watchpane/")
        return answered(b'{"result": []}')

    answer = await ask(reply, clock)

    assert isinstance(answer, Answer)
    assert answer.body == {"result": []}
    assert answer.served_at == datetime(2026, 3, 2, 10, 10, tzinfo=UTC)
    assert answer.skew == timedelta(milliseconds=600_400)
    assert answer.latency == timedelta(milliseconds=200)


@pytest.mark.parametrize(
    ("status", "fault"),
    [
        (302, Fault.BAD_ANSWER),
        (400, Fault.REJECTED),
        (401, Fault.UNAUTHORISED),
        (403, Fault.UNAUTHORISED),
        (404, Fault.REJECTED),
        (408, Fault.VENDOR_ERROR),
        (409, Fault.REJECTED),
        (425, Fault.VENDOR_ERROR),
        (429, Fault.THROTTLED),
        (500, Fault.VENDOR_ERROR),
        (503, Fault.VENDOR_ERROR),
        (504, Fault.VENDOR_ERROR),
    ],
)
async def test_a_status_is_told_as_a_fault(status: int, fault: Fault, clock: Clock) -> None:
    outcome = await failed(answered(b"<html>", status, Location="http://10.0.0.1/"), clock)

    assert (outcome.fault, outcome.status, outcome.detail) == (fault, status, f"HTTP {status}")


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("120", timedelta(seconds=120)),
        ("0", timedelta(0)),
        ("Mon, 02 Mar 2026 10:10:30 GMT", timedelta(seconds=30)),
        ("Mon, 02 Mar 2026 10:00:00 GMT", timedelta(0)),
        ("99999999999999999999", timedelta(seconds=3_155_760_000)),
        ("-5", None),
        ("soon", None),
        ("", None),
    ],
)
async def test_retry_after_is_read_in_both_forms_by_the_vendors_clock(
    header: str, wait: timedelta | None, clock: Clock
) -> None:
    outcome = await failed(answered(status=429, Retry_After=header), clock)

    assert (outcome.fault, outcome.retry_after) == (Fault.THROTTLED, wait)


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"", "not JSON"),
        (b"<!DOCTYPE html><title>Log in</title>", "web page"),
        (b'{"result": [', "not JSON"),
        (b'{"result": NaN}', "not JSON"),
        (b'{"result": -Infinity}', "not JSON"),
        (b"\xff{}", "not JSON"),
        ("{}".encode("utf-16"), "not JSON"),
        (b'{"n": ' + b"9" * 5_000 + b"}", "not JSON"),
        (b'{"result": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "too deep"),
        (b"null", "neither a JSON object nor a list"),
        (b'{"result": [], "error": {"message": "Transaction cancelled"}}', "Transaction cancelled"),
        (b'{"result": [{}, {"error":{"message":"Transaction cancelled: max', "not JSON"),
        (b'{"result": [{"a', "not JSON"),
        (b'{"result": [{"a"{"error":{"message":"Transaction cancelled: x"}', "cancelled: x"),
        (b'{"error": null}', "tells of an error"),
    ],
)
async def test_a_body_that_is_no_answer_is_a_bad_one(
    body: bytes, detail: str, clock: Clock
) -> None:
    outcome = await failed(answered(body), clock)

    assert (outcome.fault, outcome.status) == (Fault.BAD_ANSWER, 200)
    assert detail in outcome.detail


async def test_an_answer_without_a_date_is_a_bad_one(clock: Clock) -> None:
    outcome = await failed(httpx.Response(200, stream=Parts(b"{}")), clock)

    assert outcome.fault is Fault.BAD_ANSWER


async def test_texts_that_no_database_takes_are_made_fit(clock: Clock) -> None:
    answer = await ask(answered(rb'{"a\u0000": ["\ud800x", "\ud83d\ude00", "\\u0000"]}'), clock)

    assert isinstance(answer, Answer)
    assert answer.body == {"a\ufffd": ["\ufffdx", "\U0001f600", "\\u0000"]}


async def test_the_vendors_words_are_cut_and_lose_our_credentials(clock: Clock) -> None:
    body = b'{"error": {"message": "no hunter2", "detail": "nor tok3n ' + b"x" * 900 + b'"}}'

    outcome = await failed(answered(body, 400), clock)

    assert outcome.detail.startswith("no ***: nor *** xxx")
    assert len(outcome.detail) == 500


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b'{"error": {"message": "Invalid", "errors": ["no title", "no service"]}}', "Invalid: no"),
        (b'{"errorMessages": ["No such key"], "errors": {"summary": "is empty"}}', "No such key: "),
        (b'{"errorMessages": [], "errors": {"summary": "is empty"}}', "summary: is empty"),
        (b'{"status": "invalid event", "message": "Event is invalid"}', "Event is invalid"),
        (b'{"error": "invalid_grant", "error_description": "no"}', "invalid_grant: no"),
        (b"{}", "HTTP 400"),
        (b'["a"]', "the answer tells of an error"),
    ],
)
async def test_a_refusal_is_told_in_the_vendors_words(
    body: bytes, detail: str, clock: Clock
) -> None:
    outcome = await failed(answered(body, 400), clock)

    assert outcome.detail.startswith(detail)


async def test_refused_fields_are_named_without_our_credentials(clock: Clock) -> None:
    outcome = await failed(answered(b'{"errors": {"summary": "no hunter2"}}', 400), clock)

    assert outcome.fields == {"summary": "no ***"}


@pytest.mark.parametrize("parts", [(), (b'{"result": [',), (b"{", b'"a": 1', None)])
async def test_a_vendor_that_drips_is_left_at_the_deadline(
    parts: tuple[bytes, ...], clock: Clock
) -> None:
    reply = httpx.Response(200, headers={"Date": DATE}, stream=Parts(*parts, None))

    outcome = await failed(reply, clock)

    assert (outcome.fault, outcome.detail) == (Fault.TIMED_OUT, "no full answer within 0.05 s")


async def test_a_network_error_is_unreachable(clock: Clock) -> None:
    def reply(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no route")

    outcome = await failed(reply, clock)

    assert (outcome.fault, outcome.detail) == (Fault.UNREACHABLE, "no route")


async def test_a_compressed_answer_is_read(clock: Clock) -> None:
    answer = await ask(answered(gzip.compress(b'{"a": 1}'), Content_Encoding="gzip"), clock)

    assert isinstance(answer, Answer)
    assert answer.body == {"a": 1}


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (gzip.compress(b'{"a": 1}', mtime=0)[:-9], "gzip"),
        (b'{"a": 1}', "gzip"),
        (b"\x0b\x02\x80{}\x03", "br"),
        (b'{"a": "' + b"x" * 10_485_760 + b'"}', "identity"),
    ],
)
async def test_a_torn_strange_or_huge_body_is_a_bad_answer(
    content: bytes, encoding: str, clock: Clock
) -> None:
    reply = httpx.Response(
        200, headers={"Date": DATE, "Content-Encoding": encoding}, stream=Parts(content)
    )

    assert (await failed(reply, clock)).fault is Fault.BAD_ANSWER


async def test_a_bomb_is_not_inflated_beyond_the_limit(clock: Clock) -> None:
    # given 1 GiB of zeros, compressed into one chunk
    packer, block = zlib.compressobj(1, wbits=31), bytes(16 * 1024**2)
    bomb = b"".join(packer.compress(block) for _ in range(64)) + packer.flush()
    reply = httpx.Response(
        200, headers={"Date": DATE, "Content-Encoding": "gzip"}, stream=Parts(bomb)
    )

    # when it is read
    tracemalloc.start()
    outcome = await failed(reply, clock)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    # then it is refused, at a cost near the limit
    assert (outcome.fault, outcome.detail) == (
        Fault.BAD_ANSWER,
        "the answer is larger than 10 MiB",
    )
    assert peak < 40 * 1024**2


async def test_no_cookie_is_kept_and_no_redirect_followed(clock: Clock) -> None:
    seen: list[httpx.Request] = []

    def reply(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return answered(status=302, Set_Cookie="sid=1; Path=/", Location="https://evil.example/")

    async with opened(reply, clock) as http:
        await http.get("/x", {}, {})
        await http.post_form("/y", {"b": "c d"})

    assert [str(request.url.host) for request in seen] == ["acme.example.com"] * 2
    assert "cookie" not in seen[1].headers
    assert seen[1].content == b"b=c+d"
