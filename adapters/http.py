"""JSON to and from a vendor that may be slow, wrong, huge or hostile.

Whatever it does, the caller gets an ``Answer`` or a ``Failed``; httpx stays here.
"""

import asyncio
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

import httpx

from adapters.contract import Access
from adapters.exchange import Failed
from adapters.outgoing import GuardedTransport, is_loopback_host
from adapters.parsing import NotJson, parsed, words
from domain.sync.retry import Fault
from domain.sync.watermark import skew_sample

LARGEST_BODY: Final = 10 * 1024 * 1024
# 32 makes zlib tell gzip from deflate by itself.
_WINDOW: Final = zlib.MAX_WBITS + 32
_LONGEST_DETAIL: Final = 500
_SHORTEST_SECRET: Final = 4
_PASSING: Final = frozenset({408, 425})

Headers = Mapping[str, str]
# Pairs where a name may come more than once.
Query = Mapping[str, str] | Sequence[tuple[str, str]]
# How long to wait, by the headers of an answer and the vendor's time of it.
RetryAfter = Callable[[Headers, datetime], timedelta | None]
# Which fields an error answer complains of, with its words for each.
RefusedFields = Callable[[Mapping[str, Any]], Mapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A JSON object that a vendor returned with a 2xx status.

    body: a list stands in it as ``items``; empty where a write has no answer.
    served_at: by the vendor's clock (``Date``).
    skew: one difference between the vendor's clock and ours.
    """

    status: int
    headers: Headers
    body: dict[str, Any]
    served_at: datetime
    skew: timedelta
    latency: timedelta


class _Unreadable(Exception):  # noqa: N818 — never leaves this file
    """A body that is too large, torn, or compressed in a way that we did not ask for."""


def retry_after_header(headers: Headers, served_at: datetime) -> timedelta | None:
    """Return the wait that ``Retry-After`` tells, in seconds or as a date by the vendor's clock."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdecimal():
        # A century is as good as any longer wait, and fits a timedelta.
        return timedelta(seconds=min(int(text[:12]), 3_155_760_000))
    until = http_date(text)
    return None if until is None else max(until - served_at, timedelta(0))


def _none_refused(_: Mapping[str, Any]) -> Mapping[str, str]:
    return {}


class JsonHttp:
    """Requests to one vendor account, each at the pace that the account allows.

    Follows no redirect, keeps no cookie (a session would outlive its credentials),
    and heeds no proxy variable.
    """

    def __init__(
        self,
        access: Access,
        *,
        retry_after: RetryAfter = retry_after_header,
        refused_fields: RefusedFields = _none_refused,
    ) -> None:
        """Open nothing yet; the first request connects."""
        self._access = access
        self._retry_after = retry_after
        self._refused_fields = refused_fields
        local = is_loopback_host(httpx.URL(access.base_url).host)
        self._client = httpx.AsyncClient(
            base_url=access.base_url,
            transport=access.transport or GuardedTransport(local=local),
            headers={
                "User-Agent": f"watchpane/{_version()}",
                "Accept": "application/json",
                "Accept-Encoding": "gzip",
            },
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            follow_redirects=False,
            trust_env=False,
            timeout=None,  # noqa: S113 — one deadline covers the whole request, see _send
        )

    async def get(self, path: str, query: Query, headers: Headers) -> Answer | Failed:
        """Read a JSON document."""
        return await self.send("GET", path, query=query, headers=headers)

    async def send(
        self,
        method: str,
        path: str,
        *,
        query: Query = (),
        headers: Headers,
        json: object = None,
    ) -> Answer | Failed:
        """Send a JSON document, or none for None, and read the one that comes back."""
        pairs = tuple(query.items()) if isinstance(query, Mapping) else tuple(query)
        return await self._ask(
            self._client.build_request(method, path, params=pairs, headers=headers, json=json)
        )

    async def post_form(self, path: str, form: Mapping[str, str]) -> Answer | Failed:
        """Send a form and read the JSON object that comes back."""
        request = self._client.build_request("POST", path, data=dict(form))
        return await self._ask(request)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.aclose()

    async def _ask(self, request: httpx.Request) -> Answer | Failed:
        async with self._access.pace():
            sent_at = self._access.now()
            outcome = await self._send(request)
            answered_at = self._access.now()
        if isinstance(outcome, Failed):
            return outcome
        response, text = outcome
        date = http_date(response.headers.get("date"))
        judged = self._judged(response, text, date or answered_at)
        if isinstance(judged, Failed):
            if judged.fault is Fault.THROTTLED:
                await self._access.throttled(judged.retry_after)
            return self._discreet(judged, request)
        if date is None:
            return Failed(
                fault=Fault.BAD_ANSWER,
                detail="the answer does not say its date",
                status=response.status_code,
            )
        return Answer(
            status=response.status_code,
            headers=response.headers,
            body=judged,
            served_at=date,
            skew=skew_sample(sent_at=sent_at, answered_at=answered_at, date=date),
            latency=answered_at - sent_at,
        )

    async def _send(self, request: httpx.Request) -> tuple[httpx.Response, bytes] | Failed:
        """Send, and read the whole body, before the deadline."""
        seconds = self._access.deadline.total_seconds()
        try:
            async with asyncio.timeout(seconds):
                response = await self._client.send(request, stream=True)
                try:
                    return response, await _body(response)
                except _Unreadable as error:
                    # A refusal stays one, whatever it is wrapped in.
                    if not response.is_success:
                        return response, b""
                    return Failed(
                        fault=Fault.BAD_ANSWER, detail=str(error), status=response.status_code
                    )
                finally:
                    await response.aclose()
        except TimeoutError:
            return Failed(fault=Fault.TIMED_OUT, detail=f"no full answer within {seconds:g} s")
        except httpx.TransportError as error:
            detail = str(error) or type(error).__name__
            return Failed(fault=Fault.UNREACHABLE, detail=detail[:_LONGEST_DETAIL])

    def _judged(
        self, response: httpx.Response, body: bytes, served_at: datetime
    ) -> dict[str, Any] | Failed:
        """Return the answer's object, or why it is none."""
        status = response.status_code
        if not response.is_success:
            told = _told(body)
            return Failed(
                fault=fault_of(status),
                detail=words(told) if told else f"HTTP {status}",
                retry_after=self._retry_after(response.headers, served_at),
                status=status,
                fields=self._refused_fields(told),
            )
        if not body and response.request.method != "GET":
            return {}
        try:
            document = parsed(body)
        except NotJson as error:
            return Failed(fault=Fault.BAD_ANSWER, detail=str(error), status=status)
        if "error" in document:
            return Failed(fault=Fault.BAD_ANSWER, detail=words(document), status=status)
        return document

    def _discreet(self, failed: Failed, request: httpx.Request) -> Failed:
        """Cut the vendor's words, and blot out credentials that it sends back to us."""
        secrets = [*self._access.credentials.values()]
        secrets += request.headers.get("authorization", "").split()[1:]
        # Shorter ones are parts of innocent words.
        long = {told for told in secrets if len(told) >= _SHORTEST_SECRET}
        longest_first = sorted(long, key=len, reverse=True)

        def blotted(text: str) -> str:
            for told in longest_first:
                text = text.replace(told, "***")
            return text[:_LONGEST_DETAIL]

        return replace(
            failed,
            detail=blotted(failed.detail),
            fields={name: blotted(text) for name, text in failed.fields.items()},
        )


def fault_of(status: int) -> Fault:
    """Return what went wrong, by the status of an answer that is no success."""
    match status:
        case 401 | 403:
            return Fault.UNAUTHORISED
        case 429:
            return Fault.THROTTLED
        case _ if status >= httpx.codes.INTERNAL_SERVER_ERROR or status in _PASSING:
            return Fault.VENDOR_ERROR
        case _ if status >= httpx.codes.BAD_REQUEST:
            return Fault.REJECTED
        case _:
            # A redirect: somebody else's page, most often one to sign in.
            return Fault.BAD_ANSWER


def _told(body: bytes) -> dict[str, Any]:
    """Return the object that a refusal comes with; a page's markup is none."""
    try:
        return parsed(body)
    except NotJson:
        return {}


async def _body(response: httpx.Response) -> bytes:
    """Read a body of at most 10 MiB, compressed or not.

    httpx would inflate a chunk whole before anyone could count it.
    """
    encoding = response.headers.get("content-encoding", "identity").lower()
    if encoding not in {"identity", "gzip", "deflate"}:
        raise _Unreadable(f"the answer is compressed as {encoding[:20]}")
    inflater = None if encoding == "identity" else zlib.decompressobj(_WINDOW)
    body = bytearray()
    async for chunk in response.aiter_raw():
        if inflater is None:
            body += chunk
        else:
            try:
                body += inflater.decompress(chunk, LARGEST_BODY + 1 - len(body))
            except zlib.error:
                raise _Unreadable("the answer is not compressed as it says") from None
        if len(body) > LARGEST_BODY:
            raise _Unreadable("the answer is larger than 10 MiB")
    if inflater is not None and body and not inflater.eof:
        raise _Unreadable("the answer is torn")
    return bytes(body)


def http_date(text: str | None) -> datetime | None:
    """Read an HTTP date; None when there is none that can be read."""
    try:
        return parsedate_to_datetime(text or "").astimezone(UTC)
    except (ValueError, OverflowError):
        return None


@cache
def _version() -> str:
    """Return the installed version; a plain checkout has none."""
    try:
        return version("watchpane")
    except PackageNotFoundError:
        return "0"
