"""Messages over HTTP to one address, which is a secret and is never told."""

import asyncio
from collections.abc import Mapping
from typing import Final

import httpx

from adapters.channels.contract import Way
from adapters.channels.wording import line
from adapters.exchange import Failed
from adapters.http import fault_of, http_date, retry_after_header
from domain.sync.retry import Fault

# Of an answer, only so much is read and so much is told.
_LARGEST_ANSWER: Final = 4_096
_LONGEST_DETAIL: Final = 200
_SHORTEST_SECRET: Final = 4


class Post:
    """POSTs to one address.

    It is the operator's own setting, so it may lead anywhere. Follows no redirect, keeps
    no cookie, and heeds no proxy variable.
    """

    def __init__(self, address: str, way: Way) -> None:
        """Open nothing yet; the first message connects. Raises ValueError for no URL."""
        try:
            self._url = httpx.URL(address)
        except httpx.InvalidURL:
            raise ValueError("the address of a channel is not a URL") from None
        self._now, self._deadline = way.now, way.deadline
        self._client = httpx.AsyncClient(
            transport=way.transport or httpx.AsyncHTTPTransport(trust_env=False),
            headers={"Content-Type": "application/json", "Accept-Encoding": "identity"},
            follow_redirects=False,
            trust_env=False,
            timeout=None,  # noqa: S113 — one deadline covers the whole request, see send
        )

    async def send(self, body: bytes, headers: Mapping[str, str]) -> Failed | None:
        """Send a document; None when the answer is a 2xx, whatever its body says."""
        request = self._client.build_request("POST", self._url, content=body, headers=headers)
        try:
            async with asyncio.timeout(self._deadline.total_seconds()):
                response = await self._client.send(request, stream=True)
                try:
                    told = await _beginning(response)
                finally:
                    await response.aclose()
        except TimeoutError:
            seconds = self._deadline.total_seconds()
            return Failed(fault=Fault.TIMED_OUT, detail=f"no full answer within {seconds:g} s")
        except (httpx.HTTPError, UnicodeError) as error:
            # Its words may name the address, which may be none that there can be.
            detail = f"there is no connection ({type(error).__name__})"
            return Failed(fault=Fault.UNREACHABLE, detail=detail)
        return None if response.is_success else self._refused(response, told)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.aclose()

    def _refused(self, response: httpx.Response, told: bytes) -> Failed:
        date = http_date(response.headers.get("date")) or self._now()
        words = line(self._blotted(told.decode("utf-8", "replace")), _LONGEST_DETAIL)
        status = response.status_code
        return Failed(
            fault=fault_of(status),
            detail=f"HTTP {status}: {words}" if words else f"HTTP {status}",
            retry_after=retry_after_header(response.headers, date),
            status=status,
        )

    def _blotted(self, text: str) -> str:
        """Blot out what of the address an answer sends back to us."""
        parts = [str(self._url), self._url.host, *self._url.path.split("/")]
        parts.append(self._url.query.decode())
        for part in sorted(parts, key=len, reverse=True):
            if len(part) >= _SHORTEST_SECRET:
                text = text.replace(part, "***")
        return text


async def _beginning(response: httpx.Response) -> bytes:
    body = b""
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) >= _LARGEST_ANSWER:
            break
    return body[:_LARGEST_ANSWER]
