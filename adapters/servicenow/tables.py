"""Reading rows of any table, signed in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from adapters.contract import Access, Failed
from adapters.http import Answer, JsonHttp
from adapters.parsing import WEB_PAGE
from adapters.servicenow.sign_in import sign_in
from domain.sync.retry import Fault

_CANCELLED: Final = "Transaction cancelled"
# A query that is still too slow for so few rows is slow for another reason.
_FEWEST_ROWS: Final = 25
_FORBIDDEN: Final = 403
_SIGNED_OUT: Final = 401


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsAsk:
    """Rows of a table by an encoded query; nothing in it is a person's text."""

    table: str
    query: str
    columns: Sequence[str]
    limit: int
    offset: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Some rows.

    limit: how many were asked for in the end; has_more: behind them.
    total: all that match from the beginning of this query on, unreadable ones
        too; None where the vendor does not tell.
    """

    rows: Sequence[object]
    limit: int
    has_more: bool
    total: int | None
    answer: Answer


class Tables:
    """The Table API of one account."""

    def __init__(self, access: Access) -> None:
        """Open nothing yet."""
        self._http = JsonHttp(access)
        self._sign_in = sign_in(access, self._http)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._http.close()

    async def read(self, ask: RowsAsk) -> Rows | Failed:
        """Read one page; of half as many rows each time that the vendor gives up on it."""
        limit = ask.limit
        while True:
            answer = await self._read(ask, limit)
            if isinstance(answer, Failed) and _CANCELLED in answer.detail and limit > _FEWEST_ROWS:
                limit = max(limit // 2, _FEWEST_ROWS)
                continue
            return answer if isinstance(answer, Failed) else _rows(answer, ask, limit)

    async def _read(self, ask: RowsAsk, limit: int) -> Answer | Failed:
        """Ask, once more with another token when this one is refused."""
        path = f"/api/now/table/{ask.table}"
        query = {
            "sysparm_query": ask.query,
            "sysparm_fields": ",".join(ask.columns),
            "sysparm_limit": str(limit),
            "sysparm_offset": str(ask.offset),
            "sysparm_exclude_reference_link": "true",
        }
        headers = await self._sign_in.headers()
        if isinstance(headers, Failed):
            return headers
        answer = await self._http.get(path, query, headers)
        if not isinstance(answer, Failed) or answer.status != _SIGNED_OUT:
            return answer
        others = await self._sign_in.headers(refused=headers)
        if isinstance(others, Failed):
            return others
        return answer if others == headers else await self._http.get(path, query, others)


def is_denied(failed: Failed) -> bool:
    """Say whether this table, not the account, is closed to us.

    Some instances show the sign-in page, as a success, instead of a refusal.
    """
    if failed.fault is Fault.UNAUTHORISED:
        return failed.status == _FORBIDDEN
    return failed.fault is Fault.BAD_ANSWER and failed.detail == WEB_PAGE


def _rows(answer: Answer, ask: RowsAsk, limit: int) -> Rows | Failed:
    rows = answer.body.get("result")
    if not isinstance(rows, list):
        detail = "the answer has no list of results"
        return Failed(fault=Fault.BAD_ANSWER, detail=detail, status=answer.status)
    count = answer.headers.get("x-total-count", "")
    total = int(count) if count.isascii() and count.isdecimal() else None
    return Rows(
        rows=rows,
        limit=limit,
        has_more=_has_more(answer.headers.get("link"), total, ask.offset + limit, len(rows)),
        total=total,
        answer=answer,
    )


def _has_more(link: str | None, total: int | None, read: int, rows: int) -> bool:
    """Say whether there are rows behind these; a short page alone is no sign of the end.

    The limit is applied before access rules, which then take rows away.
    """
    if link is not None:
        return 'rel="next"' in link
    return rows > 0 if total is None else total > read
