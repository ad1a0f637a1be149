"""The platform's interface to search, and to many issues at a time."""

import base64
import binascii
import hashlib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulators.documents import answer_json
from simulators.jira.answers import NO_ISSUE, Refusal
from simulators.jira.gate import Gate, body, number
from simulators.jira.index import Index, milliseconds
from simulators.jira.issue_api import ISSUE, names
from simulators.jira.jql import Query, parse
from simulators.jira.listing import Document
from simulators.jira.selection import Reader, Selection, select
from simulators.jira.view import View

_API: Final = "/rest/api/{version}"
# The most issues of a page: bare ids are cheap, fields are not.
_MOST_IDS: Final = 5_000
_MOST_ISSUES: Final = 100
_MOST_RECONCILED: Final = 50
_MOST_HISTORIES: Final = 10_000
_MOST_FETCHED: Final = 1_000
_TOKEN_LIVES: Final = timedelta(days=7)
_UNBOUNDED: Final = (
    "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."
)
_GONE: Final = (
    "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. A full"
    " migration guideline is available at https://developer.atlassian.com/changelog/#CHANGE-2046"
)
_BAD_PLACE: Final = "The provided next page token is invalid or expired."
_BARE: Final = ("id", "key", "self")


class SearchApi:
    """Serves ``/search``, and issues and changelogs in bulk."""

    def __init__(self, gate: Gate, index: Index) -> None:
        """Let the index catch up before each search."""
        self._gate = gate
        self._index = index
        self._store = gate.records.store

    def routes(self) -> list[Route]:
        """Return the routes of this interface."""
        route = self._gate.route
        return [
            route("GET", f"{_API}/search/jql", self._search),
            route("POST", f"{_API}/search/jql", self._search),
            route("POST", f"{_API}/search/approximate-count", self._count),
            route("GET", f"{_API}/search", self._gone),
            route("POST", f"{_API}/search", self._gone),
            route("POST", f"{ISSUE}/bulkfetch", self._fetch),
            route("GET", f"{ISSUE}/{{key}}/changelog", self._changelog),
            route("POST", f"{_API}/changelog/bulkfetch", self._changelogs),
        ]

    def selection(self, query: Query, account: str) -> Selection:
        """Return what an account's query selects.

        Raises Unreadable.
        """
        now, zone = self._gate.now(), self._gate.switches.zone
        return select(query, Reader(account=account, zone=zone, now=now, find=self._store.find))

    async def _search(self, request: Request) -> Response:
        asked = await _asked(request)
        jql = str(asked.get("jql") or "")
        selection = self._bounded(request, jql)
        if request.state.caller is None:
            return answer_json({"issues": [], "isLast": True})
        self._index.catch_up()
        forced = [_whole(issue) for issue in asked.get("reconcileIssues") or ()]
        if len(forced) > _MOST_RECONCILED:
            raise Refusal(400, f"reconcileIssues takes at most {_MOST_RECONCILED} issues.")
        self._index.reconcile(forced)
        fields = [str(name) for name in asked.get("fields") or ["id"]]
        most = _MOST_IDS if set(fields) <= set(_BARE) else _MOST_ISSUES
        size = self._gate.switches.page(max(1, min(_whole(asked.get("maxResults") or 50), most)))
        after = self._place(str(asked.get("nextPageToken") or ""), jql)
        # One more than the page holds tells whether another follows.
        rows = self._store.search(selection, limit=size + 1, after=after)
        page, more = rows[:size], len(rows) > size
        if self._gate.hooks.after_page:
            self._gate.hooks.after_page(len(page))
        expand = str(asked.get("expand") or "").split(",")
        view = self._gate.view(request)
        answer: dict[str, Any] = {
            "issues": [_found(issue, fields, expand, view) for issue, _ in page],
            "isLast": not more,
        }
        if more:
            answer["nextPageToken"] = self._token(jql, page[-1][1] if page else after)
        return answer_json(answer)

    async def _count(self, request: Request) -> Response:
        selection = self._bounded(request, str((await body(request)).get("jql") or ""))
        self._index.catch_up()
        return answer_json({"count": self._store.count(selection)})

    async def _gone(self, _: Request) -> Response:
        raise Refusal(410, _GONE)

    async def _fetch(self, request: Request) -> Response:
        asked = await body(request)
        keys = [str(key) for key in asked.get("issueIdsOrKeys") or ()]
        if not 0 < len(keys) <= _MOST_ISSUES:
            raise Refusal(400, f"Between 1 and {_MOST_ISSUES} issues can be fetched at a time.")
        issues, missing = self._found(keys)
        wanted = names(asked.get("fields") or ["*navigable"])
        view, expand = self._gate.view(request), asked.get("expand") or ()
        return answer_json(
            {
                "expand": "schema,names",
                "issues": [view.issue(issue, wanted, expand) for issue in issues],
                "issueErrors": [{"id": key, "errorMessage": NO_ISSUE} for key in missing],
            }
        )

    async def _changelog(self, request: Request) -> Response:
        issue, view = self._gate.issue(request), self._gate.view(request)
        start, size = number(request, "startAt", 0, 10**9), number(request, "maxResults", 100, 100)
        histories = self._store.children("history", issue["id"])
        place = f"{view.api}/issue/{issue['key']}/changelog"
        page = histories[start : start + size]
        answer = {
            "self": f"{place}?maxResults={size}&startAt={start}",
            "maxResults": size,
            "startAt": start,
            "total": len(histories),
            "isLast": start + size >= len(histories),
            "values": [view.history(history) for history in page],
        }
        if not answer["isLast"]:
            answer["nextPage"] = f"{place}?maxResults={size}&startAt={start + size}"
        return answer_json(answer)

    async def _changelogs(self, request: Request) -> Response:
        asked = await body(request)
        keys = [str(key) for key in asked.get("issueIdsOrKeys") or ()]
        if not 0 < len(keys) <= _MOST_FETCHED:
            raise Refusal(400, f"Between 1 and {_MOST_FETCHED} issues can be fetched at a time.")
        fields = set(asked.get("fieldIds") or ())
        told = [
            (issue["id"], history)
            for issue in sorted(self._found(keys)[0], key=lambda issue: int(issue["id"]))
            for history in self._store.children("history", issue["id"])
            if not fields or any(item["fieldId"] in fields for item in history["items"])
        ]
        question = ",".join([*keys, "/", *sorted(fields)])
        place = self._place(str(asked.get("nextPageToken") or ""), question)
        start = int(place[0]) if place else 0
        size = max(1, min(_whole(asked.get("maxResults") or 1_000), _MOST_HISTORIES))
        answer: dict[str, Any] = {"issueChangeLogs": _grouped(told[start : start + size])}
        if start + size < len(told):
            answer["nextPageToken"] = self._token(question, [start + size])
        view = self._gate.view(request)
        for log in answer["issueChangeLogs"]:
            log["changeHistories"] = [view.history(one) for one in log["changeHistories"]]
        return answer_json(answer)

    def _bounded(self, request: Request, jql: str) -> Selection:
        query = parse(jql)
        if query.where is None:
            raise Refusal(400, _UNBOUNDED)
        return self.selection(query, self._gate.account(request))

    def _found(self, keys: Sequence[str]) -> tuple[list[Document], list[str]]:
        issues: list[Document] = []
        missing: list[str] = []
        for key in keys:
            found = self._store.find(key)
            issue = None if found is None else self._store.issue(found)
            if issue is None:
                missing.append(key)
            elif issue not in issues:
                issues.append(issue)
        return issues, missing

    def _token(self, question: str, place: Sequence[str | int]) -> str:
        document = [milliseconds(self._gate.now()), _digest(question), *place]
        return base64.urlsafe_b64encode(orjson.dumps(document)).decode()

    def _place(self, token: str, question: str) -> list[str | int]:
        """Return where a token goes on; raise Refusal when it is of another query, or too old."""
        if not token:
            return []
        try:
            document: list[Any] = orjson.loads(base64.urlsafe_b64decode(token))
            made, digest = document[:2]
        except (binascii.Error, orjson.JSONDecodeError, TypeError, ValueError) as fault:
            raise Refusal(400, _BAD_PLACE) from fault
        age = timedelta(milliseconds=milliseconds(self._gate.now()) - made)
        if digest != _digest(question) or age > _TOKEN_LIVES:
            raise Refusal(400, _BAD_PLACE)
        return document[2:]


async def _asked(request: Request) -> Mapping[str, Any]:
    """Return the parameters of a search, wherever they are; lists may be comma-separated."""
    if request.method == "POST":
        return await body(request)
    asked: dict[str, Any] = dict(request.query_params)
    for name in ("fields", "reconcileIssues"):
        values = ",".join(request.query_params.getlist(name))
        asked[name] = [value.strip() for value in values.split(",") if value.strip()]
    number(request, "maxResults", 0, 0)
    return asked


def _whole(value: object) -> int:
    """Return a whole number; raise Refusal when a body has something else in its place."""
    try:
        return int(str(value))
    except ValueError as fault:
        raise Refusal(400, "Invalid request payload. Refer to the documentation.") from fault


def _found(
    issue: Document, fields: Sequence[str], expand: Sequence[str], view: View
) -> dict[str, Any]:
    wanted = [name for name in fields if name not in _BARE]
    if not wanted and fields == ["id"]:
        return {"id": str(issue["id"])}
    found = view.issue(issue, names(wanted) if wanted else [], expand)
    if not wanted:
        del found["fields"]
    return found


def _grouped(told: Sequence[tuple[int, Document]]) -> list[dict[str, Any]]:
    logs: dict[int, list[Document]] = {}
    for issue, history in told:
        logs.setdefault(issue, []).append(history)
    return [{"issueId": str(issue), "changeHistories": told} for issue, told in logs.items()]


def _digest(question: str) -> str:
    return hashlib.sha256(question.encode()).hexdigest()[:16]
