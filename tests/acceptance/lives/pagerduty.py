"""A life of PagerDuty: a log for changes, lists by creation, and time that acts by itself."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from random import Random
from typing import Any, Final

from domain.records import RecordKind
from simulators.misfortune import Fault, Kind
from simulators.pagerduty.instance import PagerDuty
from simulators.pagerduty.login import Account
from simulators.pagerduty.store import EVERYTHING
from simulators.pagerduty.switches import Switches
from tests.acceptance.lives.life import SKEWS, Stamps, chosen, until
from tests.clock import Clock
from tests.world import EMAIL, PASSWORD

_OTHERS: Final = (RecordKind.CHANGE, RecordKind.EVENT, RecordKind.SERVICE)
_TABLES: Final = {
    RecordKind.INCIDENT: ("incident", "title"),
    RecordKind.CHANGE: ("change_event", "summary"),
    RecordKind.EVENT: ("alert", "summary"),
    RecordKind.SERVICE: ("service", "name"),
}
_SERVICES: Final = ("Web Shop", "Payments")
_PEOPLE: Final = ("ann.lee", "bo.day")
_RESOLVED: Final = "resolved"
# The log tells of people and urgencies, not of all that follows, nor of each title.
_UNTOLD: Final = frozenset({"title", "assignee", "severity", "priority", "resolvedAt"})
# An acknowledgement runs out, and an incident that nobody takes climbs, after half an hour.
_RUN_OUT: Final = 1_900


class PagerDutyLife:
    """An account without incidents at first."""

    provider = "pagerduty"
    untold: frozenset[str] = _UNTOLD
    # Incidents count no versions: one that is stamped earlier than another passes for the older.
    may_step_back = False
    waits: Sequence[float] = (1, 5, 40, 600, _RUN_OUT)

    def __init__(self, clock: Clock, chance: Random) -> None:
        """Found the account, with pages of some size."""
        self.site = PagerDuty(now=clock.now, account=Account(token=PASSWORD, email=EMAIL))
        self.sites: Mapping[str, PagerDuty] = {"pagerduty": self.site}
        self.switches.largest_page = chance.choice((2, 3, 100))
        self.switches.rate_limit = None
        self.kinds = chosen(chance, _OTHERS)
        self.switches.skew = timedelta(seconds=chance.choice(SKEWS))
        self._chance = chance
        self._spare = 0
        self._stamps = Stamps()

    @property
    def switches(self) -> Switches:
        """Its settings."""
        return self.site.switches

    def watch(self, asked: Callable[[], None], read: Callable[[], None]) -> None:
        """Tell of requests and pages."""
        self.site.hooks.before_request = lambda _: asked()
        self.site.hooks.after_page = lambda _, __: read()

    def act(self) -> str:
        """Trigger, answer, edit or annotate; do to other kinds what can be done to them."""
        incidents = self.site.store.page("incident", EVERYTHING)
        if not incidents or self._chance.random() < 0.25:
            return f"{self._create()} at {self.site.now()}"
        incident = self._chance.choice(incidents)
        is_open = incident["status"] != _RESOLVED
        what = self._chance.choices(
            (self._answer, self._edit, self._retitle, self._note, self._other),
            (6, 4, 4, 1, 2) if is_open else (2, 0, 0, 1, 2),
        )[0]
        return f"{what(incident)} at {self.site.now()}"

    def _create(self) -> str:
        service = self._chance.choice(_SERVICES)
        if self._chance.random() < 0.5:
            return f"trigger {self.site.trigger('It is broken', service=service)['id']}"
        return f"alert {self.site.alert(f'Alert {self._chance.randrange(5)}', service=service)}"

    def _answer(self, incident: Mapping[str, Any]) -> str:
        by = self._chance.choice(_PEOPLE)
        if not self._is_first(incident, "status"):
            return "nothing"
        if incident["status"] == _RESOLVED:
            self.site.edit(incident["id"], {"status": "triggered"}, by=by)
        elif self._chance.random() < 0.6:
            self.site.acknowledge(incident["id"], by=by)
        else:
            self.site.resolve(incident["id"], by=by)
        return f"answer {incident['id']}, which was {incident['status']}"

    def _edit(self, incident: Mapping[str, Any]) -> str:
        match self._chance.randrange(3):
            case 0:
                fields: dict[str, Any] = {"urgency": self._chance.choice(("high", "low"))}
            case 1:
                fields = {"priority": self._chance.choice(("P1", "P3"))}
            case _:
                fields = {"assignments": [self._chance.choice(_PEOPLE)]}
        if not self._is_first(incident, next(iter(fields))):
            return "nothing"
        self.site.edit(incident["id"], fields)
        return f"edit {incident['id']} {fields}"

    def _is_first(self, incident: Mapping[str, Any], field: str) -> bool:
        # Who is called changes with the status.
        group = "status" if field == "assignments" else field
        second = self.site.now().replace(microsecond=0)
        return self._stamps.is_first(incident["id"], group, second)

    def _retitle(self, incident: Mapping[str, Any]) -> str:
        """Change a title, which the log does not tell."""
        title = f"It is broken {self._chance.randrange(100)} times"
        self.site.store.put("incident", {**incident, "title": title})
        return f"retitle {incident['id']} to {title}"

    def _note(self, incident: Mapping[str, Any]) -> str:
        self.site.note(incident["id"], f"Note {self._chance.randrange(100)}")
        return f"note on {incident['id']}"

    def _other(self, _: Mapping[str, Any]) -> str:
        if RecordKind.CHANGE in self.kinds:
            return f"change {self.site.change('Deployed')['id']}"
        if RecordKind.EVENT in self.kinds:
            key = f"key {self._chance.randrange(3)}"
            action = self._chance.choice(("trigger", "resolve"))
            return f"{action} {self.site.alert('Too hot', action=action, dedup_key=key)}"
        return self._service() if RecordKind.SERVICE in self.kinds else "nothing"

    def _service(self) -> str:
        """Add a service that no incident is of, describe it anew, or delete it."""
        name = f"Spare {self._spare}"
        if name not in self.records(RecordKind.SERVICE).values():
            self.site.add_service(name)
        elif self._chance.random() < 0.6:
            description = f"Number {self._chance.randrange(100)}"
            self.site.directory.edit(
                "service", self.site.service(name)["id"], {"description": description}
            )
        else:
            self.site.delete_service(name)
            self._spare += 1
        return f"add, describe or delete {name}"

    def faults(self) -> Sequence[Fault]:
        """Return the refusals of this vendor, with its own header."""
        return (
            Fault(kind=Kind.HTML),
            Fault(kind=Kind.THROTTLED, headers={"ratelimit-reset": "7"}),
            until(self.site.now() + timedelta(seconds=30)),
        )

    def calm(self) -> None:
        """Nothing is late here."""

    def records(self, kind: RecordKind) -> Mapping[str, str]:
        """Return titles by id."""
        self.site.settle()
        table, title = _TABLES[kind]
        return {row["id"]: row[title] for row in self.site.store.page(table, EVERYTHING)}

    async def differences(self) -> Sequence[str]:
        """Nothing but what all vendors are compared by."""
        return ()
