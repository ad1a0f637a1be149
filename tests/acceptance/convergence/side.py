"""One vendor of an incident: its people's edits, its webhooks, and what it holds."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any, Final, Protocol

import httpx

from domain.records import FieldValue
from simulators.jira.instance import Jira
from simulators.jira.login import Account as JiraAccount
from simulators.jira.workflows import INCIDENT, STATUSES
from simulators.misfortune import Misfortunes
from simulators.pagerduty.instance import PagerDuty
from simulators.pagerduty.login import Account as PagerDutyAccount
from simulators.servicenow.instance import ServiceNow
from simulators.servicenow.webhook import Target
from tests.clock import Clock
from tests.world import EMAIL, PASSWORD, simulated

SECRET: Final = "a webhook secret of enough length"  # noqa: S105 — of a simulator
DOOR: Final = "http://watchpane.test/webhooks"
_SERVICENOW: Final = {"title": "short_description", "description": "description"}
_JIRA: Final = {"title": "summary", "labels": "labels"}


class Site(Protocol):
    """What all simulators have."""

    misfortunes: Misfortunes


class Side(Protocol):
    """A vendor, as a schedule plays with it.

    fields: ours that its people edit here; the vendor takes all of them.
    told: those of them whose every change its history tells.
    """

    key: str
    provider: str
    fields: Sequence[str]
    told: frozenset[str]

    @property
    def site(self) -> Site:
        """The simulator."""
        ...

    @property
    def webhooks(self) -> deque[Any]:
        """What it is about to tell; may be edited."""
        ...

    def listen(self, http: httpx.AsyncClient) -> str:
        """Tell of all changes from now on, through this client; return what signs that."""
        ...

    async def send(self) -> int:
        """Send the webhooks that are due."""
        ...

    def set_clock(self, ahead: timedelta) -> None:
        """Let the vendor's clock be so far ahead."""
        ...

    def watch(self, asked: Callable[[], None]) -> None:
        """Tell of each request before it is served."""
        ...

    def edit(self, external_id: str, name: str, value: FieldValue) -> None:
        """Edit as one of its people, by our name of the field."""
        ...

    def move(self, external_id: str, chance: Random) -> str:
        """Bring it into another status that may follow, as one of its people; return which."""
        ...

    def note(self, external_id: str, text: str) -> None:
        """Note something on it, as one of its people."""
        ...

    def holds(self, external_id: str) -> Mapping[str, FieldValue]:
        """Return the fields as it holds them, by our names."""
        ...


@dataclass(slots=True, kw_only=True)
class ServiceNowSide:
    """An instance: it counts versions, audits each field, and tells through a business rule."""

    site: ServiceNow
    key: str = "prod-snow"
    provider: str = "servicenow"
    fields: Sequence[str] = ("title", "description")
    told: frozenset[str] = frozenset()

    @property
    def webhooks(self) -> deque[Any]:
        return self.site.webhook.queue

    def listen(self, http: httpx.AsyncClient) -> str:
        target = Target(url=f"{DOOR}/{self.provider}/{self.key}", secret=SECRET)
        self.site.webhook.install(target, http)
        return SECRET

    async def send(self) -> int:
        return await self.site.webhook.send()

    def set_clock(self, ahead: timedelta) -> None:
        self.site.switches.skew = ahead

    def watch(self, asked: Callable[[], None]) -> None:
        self.site.hooks.before_request = lambda _: asked()

    def edit(self, external_id: str, name: str, value: FieldValue) -> None:
        self.site.edit(external_id, {_SERVICENOW[name]: str(value)})

    def move(self, external_id: str, chance: Random) -> str:
        state = chance.choice(("1", "2", "3"))
        self.site.edit(external_id, {"state": state})
        return state

    def note(self, external_id: str, text: str) -> None:
        self.site.note(external_id, text)

    def holds(self, external_id: str) -> Mapping[str, FieldValue]:
        row = self.site.record(external_id)
        return {name: row[_SERVICENOW[name]] for name in self.fields}


@dataclass(slots=True, kw_only=True)
class JiraSide:
    """A site: it counts no versions, and its changelog tells each change."""

    site: Jira
    key: str = "prod-jira"
    provider: str = "jira"
    fields: Sequence[str] = ("title", "labels")
    told: frozenset[str] = frozenset({"title", "labels"})

    @property
    def webhooks(self) -> deque[Any]:
        return self.site.webhook.queue

    def listen(self, http: httpx.AsyncClient) -> str:
        self.site.webhook.install(f"{DOOR}/{self.provider}/{self.key}", SECRET, http=http)
        return SECRET

    async def send(self) -> int:
        return await self.site.webhook.send()

    def set_clock(self, ahead: timedelta) -> None:
        self.site.switches.skew = ahead

    def watch(self, asked: Callable[[], None]) -> None:
        self.site.hooks.before_request = lambda _: asked()

    def edit(self, external_id: str, name: str, value: FieldValue) -> None:
        self.site.edit(external_id, {_JIRA[name]: value})

    def move(self, external_id: str, chance: Random) -> str:
        status = self.site.issue(external_id)["fields"]["status"]["id"]
        # Nothing leads out of what is cancelled.
        ways = [way for way in INCIDENT.leading(status) if way.name != "Cancel"]
        name = STATUSES[chance.choice(ways).to].name
        self.site.transition(external_id, name)
        return name

    def note(self, external_id: str, text: str) -> None:
        self.site.comment(external_id, text)

    def holds(self, external_id: str) -> Mapping[str, FieldValue]:
        fields = self.site.issue(external_id)["fields"]
        # One of the labels is our own id of the issue (rule I4).
        labels = sorted(one for one in fields["labels"] if not one.startswith("wp-"))
        return {"title": fields["summary"], "labels": labels}


@dataclass(slots=True, kw_only=True)
class PagerDutySide:
    """An account: it counts no versions, and its log leaves out titles."""

    site: PagerDuty
    key: str = "prod-pd"
    provider: str = "pagerduty"
    fields: Sequence[str] = ("title",)
    told: frozenset[str] = frozenset()

    @property
    def webhooks(self) -> deque[Any]:
        return self.site.webhooks.queue

    def listen(self, http: httpx.AsyncClient) -> str:
        self.site.subscribe(f"{DOOR}/{self.provider}/{self.key}", SECRET, http=http)
        return SECRET

    async def send(self) -> int:
        return await self.site.webhooks.send()

    def set_clock(self, ahead: timedelta) -> None:
        self.site.switches.skew = ahead

    def watch(self, asked: Callable[[], None]) -> None:
        self.site.hooks.before_request = lambda _: asked()

    def edit(self, external_id: str, name: str, value: FieldValue) -> None:
        self.site.edit(external_id, {name: value})

    def move(self, external_id: str, chance: Random) -> str:
        # What is resolved may only be opened again.
        is_open = self.site.incident(external_id)["status"] != "resolved"
        status = chance.choice(("acknowledged", "resolved")) if is_open else "triggered"
        self.site.edit(external_id, {"status": status})
        return status

    def note(self, external_id: str, text: str) -> None:
        self.site.note(external_id, text)

    def holds(self, external_id: str) -> Mapping[str, FieldValue]:
        return {"title": self.site.incident(external_id)["title"]}


def sides(clock: Clock) -> list[Side]:
    """Return one of each vendor, without incidents."""
    return [
        ServiceNowSide(site=simulated(clock)),
        JiraSide(site=Jira(now=clock.now, account=JiraAccount(email=EMAIL, token=PASSWORD))),
        PagerDutySide(
            site=PagerDuty(now=clock.now, account=PagerDutyAccount(token=PASSWORD, email=EMAIL))
        ),
    ]
