"""A life of Jira: search that lags and answers in small pages, zones, tokens that end."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta, timezone
from random import Random
from typing import Any, Final

from domain.records import RecordKind
from simulators.jira.instance import Jira
from simulators.jira.login import Account
from simulators.jira.switches import Switches
from simulators.jira.workflows import INCIDENT, STATUSES
from simulators.misfortune import Fault, Kind
from tests.acceptance.lives.life import SKEWS, Stamps, chosen, until
from tests.clock import Clock
from tests.world import EMAIL, PASSWORD

_TYPES: Final = {
    RecordKind.INCIDENT: "[System] Incident",
    RecordKind.CHANGE: "[System] Change",
    RecordKind.TICKET: "[System] Service request",
}
_OTHERS: Final = (RecordKind.CHANGE, RecordKind.TICKET)
_ZONES: Final = (-8, 3)
_PEOPLE: Final = ("ann.lee", "bo.day")
_PRIORITIES: Final = ("Highest", "Medium", "Low")
_LONGEST_LAG_SECONDS: Final = 60
# A search's token lives for seven.
_EIGHT_DAYS: Final = 8 * 24 * 3600


class JiraLife:
    """A site without issues at first."""

    provider = "jira"
    untold: frozenset[str] = frozenset({"resolvedAt"})
    # Issues count no versions: one that is stamped earlier than another passes for the older.
    may_step_back = False
    waits: Sequence[float] = (1, 5, 40, 40, 600, _EIGHT_DAYS)

    def __init__(self, clock: Clock, chance: Random) -> None:
        """Build the site, with a zone, a lag and a share of short pages."""
        self.site = Jira(
            now=clock.now,
            account=Account(email=EMAIL, token=PASSWORD),
            zone=timezone(timedelta(hours=chance.choice(_ZONES))),
        )
        self.sites: Mapping[str, Jira] = {"jira": self.site}
        self.switches.chances = chance
        self.switches.lag_seconds = chance.choice((0, 5, _LONGEST_LAG_SECONDS))
        self.switches.short_pages = chance.choice((0, 0.5))
        self.kinds = chosen(chance, _OTHERS)
        self.switches.skew = timedelta(seconds=chance.choice(SKEWS))
        self._chance = chance
        self._made: dict[str, RecordKind] = {}
        self._stamps = Stamps()

    @property
    def switches(self) -> Switches:
        """Its settings."""
        return self.site.switches

    def watch(self, asked: Callable[[], None], read: Callable[[], None]) -> None:
        """Tell of requests and pages."""
        self.site.hooks.before_request = lambda _: asked()
        self.site.hooks.after_page = lambda _: read()

    def act(self) -> str:
        """Create, edit, move or comment; seldom delete."""
        what = self._chance.choices(
            (self._edit, self._create, self._move, self._comment, self._delete),
            (16, 8, 6, 2, 1) if self._made else (0, 1, 0, 0, 0),
        )[0]
        return f"{what()} at {self.site.now()}"

    def _create(self) -> str:
        kind = self._chance.choice(sorted(self.kinds))
        made = self.site.create(_TYPES[kind], {"summary": "It is broken"})
        self._made[str(made["id"])] = kind
        return f"create {made['id']}"

    def _edit(self) -> str:
        key = self._chance.choice(sorted(self._made))
        told = [f"edit {key}"]
        # More than one change may fall on the same instant.
        for _ in range(self._chance.choice((1, 1, 2))):
            fields, by = self._fields(), self._chance.choice(_PEOPLE)
            if self._stamps.is_first(key, next(iter(fields)), self.site.now()):
                self.site.edit(key, fields, by=by)
                told.append(str(fields))
        return " ".join(told)

    def _fields(self) -> dict[str, Any]:
        match self._chance.randrange(4):
            case 0:
                return {"summary": f"It is broken {self._chance.randrange(100)} times"}
            case 1:
                return {"priority": {"name": self._chance.choice(_PRIORITIES)}}
            case 2:
                person = self.site.records.people.person(self._chance.choice(_PEOPLE))
                return {"assignee": {"accountId": person}}
            case _:
                return {"labels": [f"label-{self._chance.randrange(3)}"]}

    def _move(self) -> str:
        incidents = sorted(key for key, kind in self._made.items() if kind is RecordKind.INCIDENT)
        if not incidents:
            return "nothing"
        key = self._chance.choice(incidents)
        status = self.site.issue(key)["fields"]["status"]["id"]
        way = self._chance.choice(INCIDENT.leading(status) or [None])
        if way is None or not self._stamps.is_first(key, "status", self.site.now()):
            return "nothing"
        self.site.transition(key, STATUSES[way.to].name, by=self._chance.choice(_PEOPLE))
        return f"{way.name} {key}"

    def _comment(self) -> str:
        key = self._chance.choice(sorted(self._made))
        self.site.comment(key, f"Note {self._chance.randrange(100)}", by=_PEOPLE[0])
        return f"comment on {key}"

    def _delete(self) -> str:
        key = self._chance.choice(sorted(self._made))
        self.site.delete(key)
        del self._made[key]
        return f"delete {key}"

    def faults(self) -> Sequence[Fault]:
        """Return a search that is refused, as a token is, and a refusal until a time."""
        return (
            Fault(kind=Kind.HTML),
            Fault(kind=Kind.ERROR, status=400, path="/rest/api/3/search/jql"),
            until(self.site.now() + timedelta(seconds=30)),
        )

    def calm(self) -> None:
        """Let search lag no more."""
        self.switches.lag_seconds = 0

    def records(self, kind: RecordKind) -> Mapping[str, str]:
        """Return summaries by id."""
        store = self.site.records.store
        issues = {key: store.issue(int(key)) for key, made in self._made.items() if made is kind}
        return {key: issue["fields"]["summary"] for key, issue in issues.items() if issue}

    async def differences(self) -> Sequence[str]:
        """Nothing but what all vendors are compared by."""
        return ()
