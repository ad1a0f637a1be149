"""The control door: what a test or a demonstration does to the instance, over HTTP.

``POST /_control/{verb}`` with a JSON object, and the first account's password,
which opens this door even when it was revoked.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulators.limit import Limit
from simulators.misfortune import Fault, Kind
from simulators.servicenow.answers import NOT_AUTHENTICATED
from simulators.servicenow.gate import answer_json
from simulators.servicenow.replay import MAX
from simulators.servicenow.webhook import Mishaps, Target
from simulators.servicenow.writing import Aborted, Mandatory

if TYPE_CHECKING:
    from simulators.servicenow.instance import ServiceNow

PREFIX: Final = "/_control"
Body = Mapping[str, Any]


class Control:
    """Maps verbs to what ``ServiceNow`` offers in Python."""

    def __init__(self, instance: "ServiceNow") -> None:
        """Act on this instance."""
        self._instance = instance
        self._verbs: dict[str, Callable[[Body], Any]] = {
            "edit": self._edit,
            "create": self._create,
            "delete": self._delete,
            "note": self._note,
            "relate": lambda body: instance.relate(body["parent"], body["child"]),
            "record": lambda body: instance.record(body["record"], table=_table(body)),
            "step": self._step,
            "speed": self._speed,
            "misfortunes": self._misfortunes,
            "clear": lambda _: instance.misfortunes.clear(),
            "release": lambda _: instance.misfortunes.release(),
            "skew": self._skew,
            "unreadable": self._unreadable,
            "closed": self._closed,
            "revoke": lambda _: instance.login.revoke(),
            "restore": lambda _: instance.login.restore(),
            "limit": self._limit,
            "busiest": self._busiest,
            "webhook": self._webhook,
            "mishaps": self._mishaps,
            "deliver": lambda _: instance.webhook.release(),
            "served": lambda _: dict(instance.served),
        }

    def route(self) -> Route:
        """Return the one route of the door."""
        return Route(f"{PREFIX}/{{verb}}", self._serve, methods=["POST"])

    async def _serve(self, request: Request) -> Response:
        if not self._instance.login.owner(request):
            return answer_json(NOT_AUTHENTICATED, 401)
        verb = self._verbs.get(request.path_params["verb"])
        if verb is None:
            return answer_json({"error": f"one of {', '.join(self._verbs)}"}, 404)
        raw = await request.body()
        try:
            result = verb(orjson.loads(raw) if raw else {})
        except (KeyError, TypeError, ValueError, Mandatory, Aborted) as fault:
            return answer_json({"error": f"{type(fault).__name__}: {fault}"}, 400)
        return answer_json({"result": result})

    def _edit(self, body: Body) -> dict[str, str]:
        by = body.get("by", "admin")
        return self._instance.edit(body["record"], body["fields"], by=by, table=_table(body))

    def _create(self, body: Body) -> dict[str, str]:
        by = body.get("by", "admin")
        return self._instance.create(body["fields"], by=by, table=_table(body))

    def _delete(self, body: Body) -> None:
        by = body.get("by", "admin")
        self._instance.delete(body["record"], by=by, table=_table(body))

    def _note(self, body: Body) -> dict[str, str]:
        return self._instance.note(
            body["record"],
            body["text"],
            by=body.get("by", "admin"),
            is_public=bool(body.get("is_public", False)),
            table=str(body.get("table", "task")),
        )

    def _limit(self, body: Body) -> None:
        """Set a limit, or none when no number of requests is given."""
        if "requests" not in body:
            self._instance.switches.limit = None
            return
        self._instance.switches.limit = Limit(
            requests=int(body["requests"]),
            per=timedelta(seconds=float(body.get("seconds", 3_600))),
            is_told=bool(body.get("is_told", True)),
        )

    def _busiest(self, _: Body) -> dict[str, int]:
        limit = self._instance.switches.limit
        return {"requests": 0 if limit is None else limit.busiest}

    def _mishaps(self, body: Body) -> None:
        self._instance.webhook.mishaps = Mishaps(**{name: int(n) for name, n in body.items()})

    def _step(self, body: Body) -> dict[str, int]:
        written = self._instance.step(int(body.get("rows", 1)))
        return {"written": written, "remaining": self._instance.replay.remaining}

    def _speed(self, body: Body) -> None:
        speed = body["speed"]
        self._instance.replay.speed = MAX if speed == "max" else float(speed)

    def _misfortunes(self, body: Body) -> None:
        faults = [Fault(**fault | {"kind": Kind(fault["kind"])}) for fault in body["faults"]]
        self._instance.misfortunes.push(*faults)

    def _skew(self, body: Body) -> None:
        self._instance.switches.skew = timedelta(seconds=float(body["seconds"]))

    def _unreadable(self, body: Body) -> None:
        instance = self._instance
        ids = {instance.record(key, table=_table(body))["sys_id"] for key in body["records"]}
        instance.switches.unreadable = ids

    def _webhook(self, body: Body) -> None:
        self._instance.webhook.install(Target(url=body["url"], secret=body["secret"]))

    def _closed(self, body: Body) -> None:
        self._instance.switches.closed_tables = set(body["tables"])


def _table(body: Body) -> str:
    return str(body.get("table", "incident"))
