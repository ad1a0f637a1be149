"""The platform's interface to comments."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulators.documents import answer_json
from simulators.jira.answers import Refusal
from simulators.jira.gate import Gate, body, number
from simulators.jira.issue_api import ISSUE, rich
from simulators.jira.listing import Document

# Beyond it the platform answers 413.
MOST_COMMENTS = 5_000
_PAGE = 5_000


class CommentApi:
    """Serves ``/issue/{key}/comment``."""

    def __init__(self, gate: Gate) -> None:
        """Write through the gate's records."""
        self._gate = gate
        self._records = gate.records

    def routes(self) -> list[Route]:
        """Return the routes of this interface."""
        every, route = f"{ISSUE}/{{key}}/comment", self._gate.route
        return [
            route("GET", every, self._all),
            route("POST", every, self._add),
            route("GET", f"{every}/{{id}}", self._one),
            route("PUT", f"{every}/{{id}}", self._edit),
            route("DELETE", f"{every}/{{id}}", self._delete),
        ]

    async def _all(self, request: Request) -> Response:
        issue, view = self._gate.issue(request), self._gate.view(request)
        comments = self._records.store.children("comment", issue["id"])
        if request.query_params.get("orderBy", "").startswith("-"):
            comments.reverse()
        start, size = (
            number(request, "startAt", 0, 10**9),
            number(request, "maxResults", 100, _PAGE),
        )
        page = [view.comment(issue["id"], one) for one in comments[start : start + size]]
        return answer_json(
            {"startAt": start, "maxResults": size, "total": len(comments), "comments": page}
        )

    async def _add(self, request: Request) -> Response:
        issue, document = self._gate.written(request), await body(request)
        if len(self._records.store.children("comment", issue["id"])) >= MOST_COMMENTS:
            raise Refusal(413, "The number of comments on this issue has reached its limit.")
        account = self._gate.account(request)
        properties = {one.get("key"): one.get("value") for one in document.get("properties", [])}
        # An agent's comment reaches the customer unless it is marked as internal.
        internal = (properties.get("sd.public.comment") or {}).get("internal", False)
        text = rich(request, document.get("body"))
        comment = self._records.comment(issue, text, by=account, public=not internal)
        return answer_json(self._gate.view(request).comment(issue["id"], comment), 201)

    async def _one(self, request: Request) -> Response:
        issue, comment = self._found(request)
        return answer_json(self._gate.view(request).comment(issue["id"], comment))

    async def _edit(self, request: Request) -> Response:
        self._gate.written(request)
        issue, comment = self._found(request)
        text = rich(request, (await body(request)).get("body"))
        account = self._gate.account(request)
        after = self._records.edit_comment(issue, comment, text, by=account)
        return answer_json(self._gate.view(request).comment(issue["id"], after))

    async def _delete(self, request: Request) -> Response:
        self._gate.written(request)
        issue, comment = self._found(request)
        self._records.delete_comment(issue, comment, by=self._gate.account(request))
        return Response(status_code=204)

    def _found(self, request: Request) -> tuple[Document, Document]:
        issue, wanted = self._gate.issue(request), request.path_params["id"]
        for comment in self._records.store.children("comment", issue["id"]):
            if str(comment["id"]) == wanted:
                return issue, comment
        raise Refusal(404, f"Can not find a comment for the id: {wanted}.")
