"""The control door: what a test or a demonstration does to the site, over HTTP.

``POST /_control/{verb}`` with a JSON object, and the first account's token,
which opens this door even when it was revoked.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulators.jira.answers import Refusal, answer_json
from simulators.jira.registry import EVENTS, Registrant
from simulators.limit import Limit
from simulators.misfortune import Fault, Kind

if TYPE_CHECKING:
    from simulators.jira.instance import Jira

PREFIX: Final = "/_control"
Body = Mapping[str, Any]


class Control:
    """Maps verbs to what ``Jira`` offers in Python."""

    def __init__(self, instance: "Jira") -> None:
        """Act on this site."""
        self._instance = instance
        self._verbs: dict[str, Callable[[Body], Any]] = {
            "create": self._create,
            "edit": self._edit,
            "transition": self._transition,
            "comment": self._comment,
            "delete": self._delete,
            "link": self._link,
            "issue": lambda body: instance.issue(body["key"]),
            "misfortunes": self._misfortunes,
            "clear": lambda _: instance.misfortunes.clear(),
            "release": lambda _: instance.misfortunes.release(),
            "skew": self._skew,
            "lag": self._lag,
            "short_pages": self._short_pages,
            "off_screen": self._off_screen,
            "revoke": lambda _: instance.login.revoke(),
            "restore": lambda _: instance.login.restore(),
            "webhook": self._webhook,
            "limit": self._limit,
            "served": lambda _: dict(instance.served),
        }

    def route(self) -> Route:
        """Return the one route of the door."""
        return Route(f"{PREFIX}/{{verb}}", self._serve, methods=["POST"])

    async def _serve(self, request: Request) -> Response:
        if not self._instance.login.owner(request):
            return Response(status_code=401)
        verb = self._verbs.get(request.path_params["verb"])
        if verb is None:
            return answer_json({"error": f"one of {', '.join(self._verbs)}"}, 404)
        raw = await request.body()
        try:
            result = verb(orjson.loads(raw) if raw else {})
        except Refusal as refusal:
            return answer_json({"error": refusal.body(desk=False)}, 400)
        except (KeyError, TypeError, ValueError) as fault:
            return answer_json({"error": f"{type(fault).__name__}: {fault}"}, 400)
        return answer_json({"result": result})

    def _create(self, body: Body) -> dict[str, Any]:
        return self._instance.create(body["type"], body["fields"], **_chosen(body, "by", "project"))

    def _edit(self, body: Body) -> dict[str, Any]:
        return self._instance.edit(body["key"], body["fields"], **_chosen(body, "by"))

    def _transition(self, body: Body) -> dict[str, Any]:
        chosen = _chosen(body, "by", "resolution")
        return self._instance.transition(body["key"], body["status"], **chosen)

    def _comment(self, body: Body) -> int:
        return self._instance.comment(body["key"], body["text"], **_chosen(body, "by", "public"))

    def _delete(self, body: Body) -> None:
        self._instance.delete(body["key"], **_chosen(body, "by"))

    def _link(self, body: Body) -> int:
        source, target = body["source"], body["target"]
        return self._instance.link(body["type"], source, target, **_chosen(body, "by"))

    def _misfortunes(self, body: Body) -> None:
        faults = [Fault(**fault | {"kind": Kind(fault["kind"])}) for fault in body["faults"]]
        self._instance.misfortunes.push(*faults)

    def _skew(self, body: Body) -> None:
        self._instance.switches.skew = timedelta(seconds=float(body["seconds"]))

    def _lag(self, body: Body) -> None:
        self._instance.switches.lag_seconds = float(body["seconds"])

    def _short_pages(self, body: Body) -> None:
        self._instance.switches.short_pages = float(body["share"])

    def _off_screen(self, body: Body) -> None:
        self._instance.switches.off_screen = set(body["fields"])

    def _webhook(self, body: Body) -> int:
        hook = self._instance.webhook.install(
            body["url"],
            body.get("secret", ""),
            events=tuple(body.get("events", EVENTS)),
            jql=body.get("jql", ""),
            registrant=Registrant(body.get("registrant", Registrant.ADMIN)),
            client_key=body.get("client_key", ""),
        )
        return hook.id

    def _limit(self, body: Body) -> None:
        limit = Limit(
            requests=int(body["requests"]),
            per=timedelta(seconds=float(body["seconds"])),
            rule=body.get("rule", "jira-burst-based"),
        )
        # No number of requests is none at all.
        self._instance.switches.limit = limit if limit.requests else None


def _chosen(body: Body, *names: str) -> dict[str, Any]:
    """Return those of the named options that a body has."""
    return {name: body[name] for name in names if name in body}
