"""The control door: what a test or a demonstration does to the account, over HTTP.

``POST /_control/{verb}`` with a JSON object, and the account's first key, which
opens this door even when it was revoked.
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
from simulators.pagerduty.answers import Refusal, answer_json
from simulators.pagerduty.events import InvalidEvent
from simulators.pagerduty.history import History
from simulators.pagerduty.subscriptions import INCIDENT_EVENTS
from simulators.pagerduty.webhook import Mishaps

if TYPE_CHECKING:
    from simulators.pagerduty.instance import PagerDuty

PREFIX: Final = "/_control"
Body = Mapping[str, Any]


class Control:
    """Maps verbs to what ``PagerDuty`` offers in Python."""

    def __init__(self, account: "PagerDuty") -> None:
        """Act on this account.

        Verbs that stand here by themselves take the parameters of the method of
        that name.
        """
        self._account = account
        self._verbs: dict[str, Callable[[Body], Any]] = {
            "trigger": lambda body: account.trigger(**body),
            "acknowledge": lambda body: account.acknowledge(**body),
            "resolve": lambda body: account.resolve(**body),
            "edit": lambda body: account.edit(**body),
            "note": lambda body: account.note(**body),
            "snooze": lambda body: account.snooze(**body),
            "merge": lambda body: account.merge(**body),
            "alert": lambda body: account.alert(**body),
            "change": lambda body: account.change(**body),
            "incident": lambda body: account.incident(**body),
            "service": lambda body: account.service(**body),
            "add_service": lambda body: account.add_service(**body),
            "delete_service": lambda body: account.delete_service(**body),
            "history": lambda body: account.load(History(**body)),
            "misfortunes": self._misfortunes,
            "clear": lambda _: account.misfortunes.clear(),
            "release": lambda _: account.misfortunes.release(),
            "skew": self._skew,
            "reopens": self._reopens,
            "priorities": self._priorities,
            "revoke": lambda _: account.login.revoke(),
            "restore": lambda _: account.login.restore(),
            "limit": self._limit,
            "webhook": self._webhook,
            "rotate": lambda body: account.webhooks.subscriptions.rotate(**body),
            "retire": lambda body: account.webhooks.subscriptions.retire(**body),
            "mishaps": self._mishaps,
            "served": lambda _: dict(account.served),
        }

    def route(self) -> Route:
        """Return the one route of the door."""
        return Route(f"{PREFIX}/{{verb}}", self._serve, methods=["POST"])

    async def _serve(self, request: Request) -> Response:
        if not self._account.login.owner(request):
            return Response(status_code=401)
        verb = self._verbs.get(request.path_params["verb"])
        if verb is None:
            return answer_json({"error": f"one of {', '.join(self._verbs)}"}, 404)
        raw = await request.body()
        try:
            result = verb(orjson.loads(raw) if raw else {})
        except (InvalidEvent, KeyError, Refusal, TypeError, ValueError) as fault:
            return answer_json({"error": f"{type(fault).__name__}: {fault}"}, 400)
        return answer_json({"result": result})

    def _misfortunes(self, body: Body) -> None:
        faults = [Fault(**fault | {"kind": Kind(fault["kind"])}) for fault in body["faults"]]
        self._account.misfortunes.push(*faults)

    def _skew(self, body: Body) -> None:
        self._account.switches.skew = timedelta(seconds=float(body["seconds"]))

    def _reopens(self, body: Body) -> None:
        self._account.switches.reopens = bool(body["on"])

    def _priorities(self, body: Body) -> None:
        self._account.switches.priorities = bool(body["on"])

    def _limit(self, body: Body) -> None:
        """Set the requests a minute, and whether answers tell; none lifts the limit."""
        requests, is_told = body.get("requests"), bool(body.get("is_told", True))
        minute = timedelta(minutes=1)
        self._account.switches.rate_limit = (
            None if requests is None else Limit(requests=requests, per=minute, is_told=is_told)
        )

    def _webhook(self, body: Body) -> Mapping[str, Any]:
        """Subscribe an address to all events of incidents; tell the id and the secret."""
        made = self._account.webhooks.subscriptions.add(
            {
                "delivery_method": {"type": "http_delivery_method", "url": body["url"]},
                "events": body.get("events", list(INCIDENT_EVENTS)),
                "filter": {"type": "account_reference"},
            },
            body.get("root", "https://api.pagerduty.com"),
        )
        return {"id": made["id"], "secret": made["secrets"][0]}

    def _mishaps(self, body: Body) -> None:
        seconds = float(body.get("delayed_by", 60))
        shares = dict(body) | {"delayed_by": timedelta(seconds=seconds)}
        self._account.webhooks.mishaps = Mishaps(**shares)
