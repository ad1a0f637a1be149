"""The Table API, the Aggregate API's count, and the token endpoint, over HTTP."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulators.documents import answer_json, asked_object
from simulators.servicenow.answers import Refusal, View, shown
from simulators.servicenow.gate import Gate, Hooks
from simulators.servicenow.login import Login, client_of
from simulators.servicenow.query import Dialect, Selection, translate
from simulators.servicenow.records import Records
from simulators.servicenow.switches import Switches
from simulators.servicenow.table import Table
from simulators.servicenow.tables import TABLES, walked

_DEFAULT_LIMIT: Final = 10_000


class TableApi:
    """Endpoints over the records of an instance."""

    def __init__(self, records: Records, login: Login, switches: Switches, hooks: Hooks) -> None:
        """Serve these records to those who log in."""
        self._records = records
        self._store = records.store
        self._login = login
        self._switches = switches
        self._hooks = hooks
        self._gate = Gate(login, switches, hooks, records.now)

    def routes(self) -> list[Route]:
        """Return every route, in one table."""
        rows, row = "/api/now/table/{table}", "/api/now/table/{table}/{sys_id}"
        guarded = self._gate.guarded
        return [
            Route("/oauth_token.do", self._token, methods=["POST"]),
            Route(rows, guarded(self._list), methods=["GET"]),
            Route(rows, guarded(self._create), methods=["POST"]),
            Route(row, guarded(self._one), methods=["GET"]),
            Route(row, guarded(self._edit), methods=["PATCH", "PUT"]),
            Route(row, guarded(self._delete), methods=["DELETE"]),
            Route("/api/now/stats/{table}", guarded(self._count), methods=["GET"]),
        ]

    async def _token(self, request: Request) -> Response:
        self._gate.met(request)
        form = (await request.body()).decode(errors="replace")
        granted = self._login.grant(client_of(request) | dict(parse_qsl(form)))
        if granted is None:
            denied = {"error": "server_error", "error_description": "access_denied"}
            return answer_json(denied, 401)
        return answer_json(granted)

    async def _list(self, request: Request) -> Response:
        table = _table(request)
        selection, names = self._selection(request), _names(request)
        limit, offset = _number(request, "limit", _DEFAULT_LIMIT), _number(request, "offset", 0)
        hidden = self._switches.unreadable
        # Access rules look at a page that is already cut, so it may come out short.
        read = list(dict.fromkeys([*names, "sys_id"])) if hidden else names
        rows = self._store.page(table.name, read, selection, limit=limit, offset=offset)
        headers: dict[str, str] = {}
        last, more = None, len(rows) == limit
        if not _flag(request, "no_count"):
            total = self._store.count(table.name, selection)
            headers["X-Total-Count"] = str(total)
            last, more = max(0, total - 1) // max(1, limit) * limit, offset + limit < total
        if not _flag(request, "suppress_pagination_header"):
            headers["Link"] = _links(request, limit, offset, last if more else None, more=more)
        if self._hooks.after_page:
            self._hooks.after_page(table.name, len(rows))
        readable = [row for row in rows if row["sys_id"] not in hidden] if hidden else rows
        documents = shown(table, names, readable, self._view(request))
        return answer_json({"result": documents}, 200, headers)

    async def _one(self, request: Request) -> Response:
        _, row = self._row(request)
        return self._answer(request, row["sys_id"])

    async def _create(self, request: Request) -> Response:
        table = _table(request)
        asked = await self._asked(request, table)
        row = self._records.create(table.name, asked, by=request.state.user)
        location = f"{_root(request)}/{table.name}/{row['sys_id']}"
        return self._answer(request, row["sys_id"], 201, {"Location": location})

    async def _edit(self, request: Request) -> Response:
        table, row = self._row(request)
        asked = await self._asked(request, TABLES[table])
        self._records.edit(table, row, asked, by=request.state.user)
        return self._answer(request, row["sys_id"])

    async def _delete(self, request: Request) -> Response:
        table, row = self._row(request)
        self._records.delete(table, row, by=request.state.user)
        return Response(status_code=204)

    async def _count(self, request: Request) -> Response:
        count = self._store.count(_table(request).name, self._selection(request))
        return answer_json({"result": {"stats": {"count": str(count)}}})

    def _answer(
        self,
        request: Request,
        sys_id: str,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Answer with a row as it now stands, and as the request wants it shown."""
        table, names = _table(request), _names(request)
        selection = Selection(where="sys_id = ?", order="sys_id", parameters=(sys_id,))
        rows = self._store.page(table.name, names, selection, limit=1, offset=0)
        (document,) = shown(table, names, rows, self._view(request))
        return answer_json({"result": document}, status, headers)

    def _row(self, request: Request) -> tuple[str, dict[str, str]]:
        """Return the row asked for and the table it is stored in; raise Refusal."""
        sys_id = request.path_params["sys_id"]
        found = self._records.row(_table(request).name, "sys_id", sys_id)
        if found is None or sys_id in self._switches.unreadable:
            detail = "Record doesn't exist or ACL restricts the record retrieval"
            raise Refusal(404, "No Record found", detail)
        return found

    def _selection(self, request: Request) -> Selection:
        dialect = Dialect(zone=self._switches.zone, strict=self._switches.strict_queries)
        query = request.query_params.get("sysparm_query", "")
        return translate(query, _table(request), dialect)

    def _view(self, request: Request) -> View:
        known: dict[tuple[str, str], str] = {}

        def label(table: str, sys_id: str) -> str:
            if (table, sys_id) not in known:
                row = self._store.one(table, "sys_id", sys_id)
                known[table, sys_id] = row[TABLES[table].label] if row else sys_id
            return known[table, sys_id]

        return View(
            display=_word(request, "display_value"),
            links=not _flag(request, "exclude_reference_link"),
            root=_root(request),
            zone=self._switches.zone,
            label=label,
        )

    async def _asked(self, request: Request, table: Table) -> dict[str, str]:
        """Return the fields of a body as text; raise Refusal when it is no JSON object."""
        body = await asked_object(request)
        if body is None:
            raise Refusal(400, "Exception while reading request", "The payload is not valid JSON")
        by_label = _flag(request, "input_display_value")
        return {
            name: self._found(table, name, _text(value), by_label=by_label)
            for name, value in body.items()
            if name not in self._switches.read_only_fields
        }

    def _found(self, table: Table, name: str, value: str, *, by_label: bool) -> str:
        """Return the sys_id for a reference, empty when there is no such row."""
        to = table.references.get(name)
        if not to or not value or name == "sys_domain":
            return value
        row = self._store.one(to, "sys_id", value)
        if row is None and by_label:
            row = self._store.one(to, TABLES[to].label, value)
        return row["sys_id"] if row else ""


def _table(request: Request) -> Table:
    return TABLES[request.path_params["table"]]


def _root(request: Request) -> str:
    return f"{str(request.base_url).rstrip('/')}/api/now/table"


def _names(request: Request) -> list[str]:
    """Return the fields asked for, paths like "account.name" too; unknown ones are left out."""
    table, asked = _table(request), request.query_params.get("sysparm_fields", "")
    if not asked:
        return list(table.fields)
    names = dict.fromkeys(name.strip() for name in asked.split(","))
    return [name for name in names if walked(table, name)]


def _word(request: Request, name: str) -> str:
    """Return a parameter in lower case: the platform takes "True" and "true" alike."""
    return request.query_params.get(f"sysparm_{name}", "").lower()


def _flag(request: Request, name: str) -> bool:
    return _word(request, name) == "true"


def _number(request: Request, name: str, default: int) -> int:
    """Return a parameter that should be a whole number; what is none is ignored."""
    text = request.query_params.get(f"sysparm_{name}", "")
    return int(text) if text.isdecimal() else default


def _text(value: Any) -> str:  # noqa: ANN401 — JSON
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case _:
            return str(value)


def _links(request: Request, limit: int, offset: int, last: int | None, *, more: bool) -> str:
    asked = dict(request.query_params) | {"sysparm_limit": str(limit)}
    address = str(request.url.replace(query=""))

    def link(start: int, rel: str) -> str:
        query = urlencode(asked | {"sysparm_offset": str(start)})
        return f'<{address}?{query}>;rel="{rel}"'

    links = [link(0, "first")]
    if offset:
        links.append(link(max(0, offset - limit), "prev"))
    if more:
        links.append(link(offset + limit, "next"))
    if last is not None:
        links.append(link(last, "last"))
    return ",".join(links)
