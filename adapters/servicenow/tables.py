"""Reading and writing rows of any table, signed in."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from adapters.contract import Access
from adapters.exchange import Failed
from adapters.http import Answer, JsonHttp
from adapters.parsing import WEB_PAGE
from adapters.servicenow.keyset import Position, Walk
from adapters.servicenow.sign_in import sign_in
from adapters.servicenow.values import is_identity
from domain.sync.retry import Fault

_CANCELLED: Final = "Transaction cancelled"
# A query that is still too slow for so few rows is slow for another reason.
_FEWEST_ROWS: Final = 25
_FORBIDDEN: Final = 403
_SIGNED_OUT: Final = 401
# A walk that has not ended after so many pages never will.
_MOST_PAGES: Final = 1_000
_ROWS_A_PAGE: Final = 500
# Ids in one query: more would make a URL longer than servers take.
_IDS_A_CALL: Final = 100
# An id that no record has; asked for where there is nothing else to ask for.
NOBODY: Final = "0" * 32


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
        self._sign_in = sign_in(access)

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

    async def by_id(self, table: str, ids: Iterable[str], columns: Sequence[str]) -> Rows | Failed:
        """Read rows by their ids, however many; what can be no id is not asked for."""
        left = list(filter(is_identity, dict.fromkeys(ids))) or [NOBODY]
        rows: list[object] = []
        while True:
            query = f"sys_idIN{','.join(left[:_IDS_A_CALL])}"
            found = await self.read(
                RowsAsk(table=table, query=query, columns=columns, limit=_IDS_A_CALL)
            )
            if isinstance(found, Failed):
                return found
            if found.limit < len(left[:_IDS_A_CALL]):
                # The query was too slow for all of them.
                query = f"sys_idIN{','.join(left[: found.limit])}"
                found = await self.read(
                    RowsAsk(table=table, query=query, columns=columns, limit=found.limit)
                )
                if isinstance(found, Failed):
                    return found
            rows += found.rows
            left = left[found.limit :]
            if not left:
                return replace(found, rows=rows)

    async def walk(
        self, table: str, walk: Walk, columns: Sequence[str]
    ) -> list[dict[str, Any]] | Failed:
        """Read all rows of a walk to its end; what is no row is left out."""
        rows: list[dict[str, Any]] = []
        position = Position()
        for _ in range(_MOST_PAGES):
            found = await self.read(
                RowsAsk(
                    table=table,
                    query=walk.query(position),
                    columns=columns,
                    limit=_ROWS_A_PAGE,
                    offset=position.offset,
                )
            )
            if isinstance(found, Failed):
                return found
            rows += [row for row in found.rows if isinstance(row, dict)]
            if not found.has_more:
                return rows
            try:
                position = walk.behind(found.rows, position, found.limit)
            except ValueError as error:
                return Failed(fault=Fault.BAD_ANSWER, detail=str(error))
        return Failed(fault=Fault.BAD_ANSWER, detail=f"{table} does not end")

    async def create(
        self, table: str, values: Mapping[str, str], columns: Sequence[str]
    ) -> dict[str, Any] | Failed:
        """Add a row, and return it as it then stands."""
        return await self._row("POST", table, columns, values)

    async def one(self, table: str, sys_id: str, columns: Sequence[str]) -> dict[str, Any] | Failed:
        """Read one row."""
        return await self._row("GET", f"{table}/{sys_id}", columns)

    async def edit(
        self, table: str, sys_id: str, values: Mapping[str, str], columns: Sequence[str]
    ) -> dict[str, Any] | Failed:
        """Write some columns of a row, and return it as it then stands."""
        return await self._row("PATCH", f"{table}/{sys_id}", columns, values)

    async def _row(
        self,
        method: str,
        path: str,
        columns: Sequence[str],
        values: Mapping[str, str] | None = None,
    ) -> dict[str, Any] | Failed:
        answer = await self._signed(method, path, _shape(columns), values)
        if isinstance(answer, Failed):
            return answer
        row = answer.body.get("result")
        if isinstance(row, dict):
            return row
        detail = "the answer has no record"
        return Failed(fault=Fault.BAD_ANSWER, detail=detail, status=answer.status)

    async def _read(self, ask: RowsAsk, limit: int) -> Answer | Failed:
        query = {
            "sysparm_query": ask.query,
            **_shape(ask.columns),
            "sysparm_limit": str(limit),
            "sysparm_offset": str(ask.offset),
        }
        return await self._signed("GET", ask.table, query)

    async def _signed(
        self,
        method: str,
        path: str,
        query: Mapping[str, str],
        values: Mapping[str, str] | None = None,
    ) -> Answer | Failed:
        """Ask, once more with another token when this one is refused."""
        path = f"/api/now/table/{path}"
        headers = await self._sign_in.headers()
        if isinstance(headers, Failed):
            return headers
        answer = await self._http.send(method, path, query=query, headers=headers, json=values)
        if not isinstance(answer, Failed) or answer.status != _SIGNED_OUT:
            return answer
        others = await self._sign_in.headers(refused=headers)
        if isinstance(others, Failed):
            return others
        if others == headers:
            return answer
        return await self._http.send(method, path, query=query, headers=others, json=values)


def _shape(columns: Sequence[str]) -> dict[str, str]:
    return {
        "sysparm_fields": ",".join(columns),
        "sysparm_exclude_reference_link": "true",
    }


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
