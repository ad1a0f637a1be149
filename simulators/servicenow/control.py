"""What a test or a demonstration does to the instance, over HTTP; see ``simulators.control``."""

from typing import TYPE_CHECKING

from starlette.routing import Route

from simulators.control import Body, Verb, door, limit
from simulators.servicenow.replay import MAX
from simulators.servicenow.webhook import Mishaps, Target
from simulators.servicenow.writing import Aborted, Mandatory

if TYPE_CHECKING:
    from simulators.servicenow.instance import ServiceNow


class Control:
    """Maps verbs to what ``ServiceNow`` offers in Python."""

    def __init__(self, instance: "ServiceNow") -> None:
        """Act on this instance."""
        self._instance = instance
        self._verbs: dict[str, Verb] = {
            "edit": self._edit,
            "create": self._create,
            "delete": self._delete,
            "note": self._note,
            "relate": lambda body: instance.relate(body["parent"], body["child"]),
            "record": lambda body: instance.record(body["record"], table=_table(body)),
            "step": self._step,
            "speed": self._speed,
            "unreadable": self._unreadable,
            "closed": self._closed,
            "limit": self._limit,
            "busiest": self._busiest,
            "webhook": self._webhook,
            "mishaps": self._mishaps,
            "deliver": lambda _: instance.webhook.release(),
        }

    def route(self) -> Route:
        """Return the one route of the door."""
        return door(self._instance, self._verbs, Aborted, Mandatory)

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
        self._instance.switches.limit = limit(body, seconds=3_600)

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
