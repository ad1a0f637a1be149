"""The REST API of one account, signed in."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from adapters.contract import Access
from adapters.exchange import Failed
from adapters.http import Answer, Headers, JsonHttp, retry_after_header
from adapters.pagerduty.sign_in import sign_in
from domain.sync.retry import Fault

# More are not given at once, whatever is asked for.
LARGEST_PAGE: Final = 100
# Behind so many rows a list cannot be read: offset and limit together.
DEEPEST: Final = 10_000
_SIGNED_OUT: Final = 401
_ACCEPT: Final = "application/vnd.pagerduty+json;version=2"
# A refusal for too many requests that does not say how long it lasts.
_UNTOLD: Final = timedelta(seconds=20)

Query = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Some rows of a list.

    has_more: behind them; total: of the whole list, where it was asked for and told.
    """

    rows: Sequence[object]
    has_more: bool
    total: int | None
    answer: Answer


class Api:
    """Requests to one account."""

    def __init__(self, access: Access) -> None:
        """Open nothing yet."""
        self._http = JsonHttp(access, retry_after=_retry_after)
        self._sign_in = sign_in(access)
        writer = access.credentials.get("from", "").encode("ascii", "replace").decode()
        self._writer = {"From": writer} if writer else {}

    async def close(self) -> None:
        """Let go of the connections."""
        await self._http.close()

    async def get(self, path: str, query: Query = ()) -> Answer | Failed:
        """Read one document."""
        return await self._ask("GET", path, query, None)

    async def write(self, method: str, path: str, document: object) -> Answer | Failed:
        """Write one document, in the name of the user that the credentials tell."""
        return await self._ask(method, path, (), document)

    async def rows(
        self, path: str, query: Query = (), *, offset: int = 0, limit: int = LARGEST_PAGE
    ) -> Rows | Failed:
        """Read a page of a list, which stands under the last word of the path."""
        paging = (("limit", str(min(limit, LARGEST_PAGE))), ("offset", str(offset)))
        answer = await self.get(path, (*query, *paging))
        if isinstance(answer, Failed):
            return answer
        rows = answer.body.get(path.rpartition("/")[2])
        if not isinstance(rows, list):
            detail = "the answer has no list of what was asked for"
            return Failed(fault=Fault.BAD_ANSWER, detail=detail, status=answer.status)
        total = answer.body.get("total")
        return Rows(
            rows=rows,
            has_more=answer.body.get("more") is True,
            total=total if isinstance(total, int) else None,
            answer=answer,
        )

    async def pages(self, path: str, query: Query = ()) -> AsyncIterator[Sequence[object] | Failed]:
        """Give a whole list page by page, as far as it can be read; a failure is the last."""
        passed = 0
        while passed <= DEEPEST - LARGEST_PAGE:
            found = await self.rows(path, query, offset=passed)
            if isinstance(found, Failed):
                yield found
                return
            yield found.rows
            passed += len(found.rows)
            if not found.has_more or not found.rows:
                return

    async def all_rows(self, path: str, query: Query = ()) -> list[object] | Failed:
        """Read a whole list, as far as it can be read; for one that is short."""
        rows: list[object] = []
        async for page in self.pages(path, query):
            if isinstance(page, Failed):
                return page
            rows += page
        return rows

    async def _ask(self, method: str, path: str, query: Query, document: object) -> Answer | Failed:
        """Ask, once more with another token when this one is refused."""
        headers = await self._sign_in.headers()
        if isinstance(headers, Failed):
            return headers
        answer = await self._send(method, path, query, document, headers)
        if not isinstance(answer, Failed) or answer.status != _SIGNED_OUT:
            return answer
        others = await self._sign_in.headers(refused=headers)
        if isinstance(others, Failed):
            return others
        if others == headers:
            return answer
        return await self._send(method, path, query, document, others)

    async def _send(
        self, method: str, path: str, query: Query, document: object, proof: Headers
    ) -> Answer | Failed:
        headers: Mapping[str, str] = {"Accept": _ACCEPT, **proof}
        if document is not None:
            headers = {**headers, **self._writer}
        answer = await self._http.send(method, path, query=query, headers=headers, json=document)
        if not isinstance(answer, Failed):
            return answer
        if answer.fault is not Fault.THROTTLED:
            # Every answer tells when the rate limit begins anew; only one was refused by it.
            return replace(answer, retry_after=None)
        return answer


def _retry_after(headers: Headers, served_at: datetime) -> timedelta | None:
    """Return the wait that ``ratelimit-reset`` tells, in seconds."""
    told = headers.get("ratelimit-reset", "").strip()
    return retry_after_header({"retry-after": told} if told else headers, served_at) or _UNTOLD
