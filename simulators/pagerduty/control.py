"""What a test or a demonstration does to the account, over HTTP; see ``simulators.control``."""

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from simulators.control import Body, Verb, door, limit
from simulators.pagerduty.answers import Refusal
from simulators.pagerduty.events import InvalidEvent
from simulators.pagerduty.history import History
from simulators.pagerduty.webhook import Mishaps

if TYPE_CHECKING:
    from simulators.pagerduty.instance import PagerDuty


class Control:
    """Maps verbs to what ``PagerDuty`` offers in Python."""

    def __init__(self, account: "PagerDuty") -> None:
        """Act on this account.

        Verbs that stand here by themselves take the parameters of the method of
        that name.
        """
        self._account = account
        self._verbs: dict[str, Verb] = {
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
            "reopens": self._reopens,
            "priorities": self._priorities,
            "limit": self._limit,
            "webhook": self._webhook,
            "rotate": lambda body: account.webhooks.subscriptions.rotate(**body),
            "retire": lambda body: account.webhooks.subscriptions.retire(**body),
            "mishaps": self._mishaps,
        }

    def route(self) -> Route:
        """Return the one route of the door."""
        return door(self._account, self._verbs, InvalidEvent, Refusal)

    def _reopens(self, body: Body) -> None:
        self._account.switches.reopens = bool(body["on"])

    def _priorities(self, body: Body) -> None:
        self._account.switches.priorities = bool(body["on"])

    def _limit(self, body: Body) -> None:
        self._account.switches.rate_limit = limit(body, seconds=60)

    def _webhook(self, body: Body) -> Mapping[str, Any]:
        """Subscribe an address to all events of incidents; tell the id and the secret."""
        made = self._account.subscribe(**body)
        return {"id": made["id"], "secret": made["secrets"][0]}

    def _mishaps(self, body: Body) -> None:
        seconds = float(body.get("delayed_by", 60))
        shares = dict(body) | {"delayed_by": timedelta(seconds=seconds)}
        self._account.webhooks.mishaps = Mishaps(**shares)
