"""What a test or a demonstration does to the site, over HTTP; see ``simulators.control``."""

from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from simulators.control import Body, Verb, door, limit
from simulators.jira.answers import Refusal
from simulators.jira.registry import EVENTS, Registrant

if TYPE_CHECKING:
    from simulators.jira.instance import Jira


class Control:
    """Maps verbs to what ``Jira`` offers in Python."""

    def __init__(self, instance: "Jira") -> None:
        """Act on this site."""
        self._instance = instance
        self._verbs: dict[str, Verb] = {
            "create": self._create,
            "edit": self._edit,
            "transition": self._transition,
            "comment": self._comment,
            "delete": self._delete,
            "link": self._link,
            "issue": lambda body: instance.issue(body["key"]),
            "lag": self._lag,
            "short_pages": self._short_pages,
            "off_screen": self._off_screen,
            "webhook": self._webhook,
            "limit": self._limit,
        }

    def route(self) -> Route:
        """Return the one route of the door."""
        return door(self._instance, self._verbs, Refusal)

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
        asked = limit(body, seconds=1, rule="jira-burst-based")
        # No requests at all lift the limit, too.
        self._instance.switches.limit = asked if asked and asked.requests else None


def _chosen(body: Body, *names: str) -> dict[str, Any]:
    """Return those of the named options that a body has."""
    return {name: body[name] for name in names if name in body}
