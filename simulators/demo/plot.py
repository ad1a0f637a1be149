"""What a ServiceNow incident brings about at the other vendors, and when. Pure.

All is drawn by the incident's number, so that every start tells the same.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum, auto
from types import MappingProxyType
from typing import Final

from simulators.company import CUSTOMERS, SERVICES, Customer, Service
from simulators.servicenow.incident_rules import State
from simulators.servicenow.surroundings import drawn, service_id

_BY_ID: Final[Mapping[str, Service]] = MappingProxyType(
    {service_id(service): service for service in SERVICES}
)
_SEVERE: Final = ("1", "2")
_MODERATE: Final = "3"
_DONE: Final = (State.RESOLVED, State.CLOSED, State.CANCELED)
_PEOPLE: Final = ("robin.meyer", "sam.okafor", "kim.larsen", "alex.costa", "noor.haddad")
# Changes are planned so long before they begin.
_AHEAD: Final = timedelta(days=1)


class Act(StrEnum):
    """What happens around an incident, in the order of acts at one moment."""

    PLAN = auto()
    """A change of its service is planned."""
    START = auto()
    """The change begins."""
    END = auto()
    """The change is over."""
    DEPLOY = auto()
    """A pipeline puts a new version of its service into production."""
    OPEN = auto()
    """It is opened: somebody is called, or the service desk opens a twin."""
    ASK = auto()
    """Customers ask for help."""
    FOLLOW = auto()
    """Its state has changed, and the others follow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """What the story needs of a ServiceNow incident; state: by its number."""

    number: str
    title: str
    priority: str
    state: str
    service: Service
    opened_at: datetime

    @property
    def is_done(self) -> bool:
        """Whether nobody works on it any more."""
        return self.state in _DONE

    @property
    def is_waiting(self) -> bool:
        """Whether somebody else has to do something."""
        return self.state == State.ON_HOLD

    @property
    def is_taken(self) -> bool:
        """Whether somebody works on it, or did."""
        return self.state != State.NEW

    @property
    def is_paged(self) -> bool:
        """Whether somebody is called for it as it is opened: for severe ones, and some others."""
        return self.priority in _SEVERE or (self.priority == _MODERATE and self._one_in(6, "page"))

    @property
    def has_twin(self) -> bool:
        """Whether the service desk has it too; a row can name one other record only."""
        return not self.is_paged and self._one_in(8, "twin")

    @property
    def has_change(self) -> bool:
        """Whether a change of its service ended before it."""
        return self._one_in(5, "planned change")

    @property
    def has_deployment(self) -> bool:
        """Whether its service was deployed before it."""
        return self._one_in(4, "deployment")

    @property
    def customers(self) -> tuple[Customer, ...]:
        """Who asks for help while it lasts."""
        known_to_others = self.is_paged or self.has_twin
        count = self.drawn("customers", 3) if known_to_others else self._one_in(12, "customers")
        first = self.drawn("first customer", len(CUSTOMERS))
        return tuple(CUSTOMERS[(first + turn * 3) % len(CUSTOMERS)] for turn in range(count))

    @property
    def responder(self) -> str:
        """Who works on it at the other vendors."""
        return _PEOPLE[self.drawn("responder", len(_PEOPLE))]

    @property
    def window(self) -> tuple[datetime, datetime]:
        """From when to when its change went."""
        end = self.opened_at - timedelta(minutes=10 + self.drawn("gap", 110))
        return end - timedelta(minutes=30 + self.drawn("length", 60)), end

    def drawn(self, what: str, count: int) -> int:
        """Return a number from 0 to ``count`` - 1 that is always the same."""
        return drawn(what, self.number, count)

    def _one_in(self, count: int, what: str) -> bool:
        return self.drawn(what, count) == 0


def incident(row: Mapping[str, str]) -> Incident | None:
    """Read a row; None for one that affects no service of the company."""
    service = _BY_ID.get(row["business_service"])
    if service is None:
        return None
    return Incident(
        number=row["number"],
        title=row["short_description"],
        priority=row["priority"],
        state=row["state"],
        service=service,
        opened_at=moment(row["opened_at"] or row["sys_created_on"]),
    )


def moment(text: str) -> datetime:
    """Read a time as ServiceNow stores it."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def at_once(told: Incident) -> list[Act]:
    """Return what happens when an incident is opened now, in order.

    A change that would have come before it is still going on.
    """
    before = [Act.PLAN, Act.START] if told.has_change else []
    deployed = [Act.DEPLOY] if told.has_deployment else []
    return [*before, *deployed, Act.OPEN, Act.ASK, Act.FOLLOW]


def timeline(
    new: Incident, moves: Sequence[tuple[datetime, str]]
) -> Iterator[tuple[datetime, Act, Incident]]:
    """Yield what happened around an incident of the past, each with the incident as it was.

    new: as it was opened; moves: when it came to which state, in order.
    """
    opened_at = new.opened_at
    if new.has_change:
        start, end = new.window
        yield start - _AHEAD, Act.PLAN, new
        yield start, Act.START, new
        yield end, Act.END, new
    if new.has_deployment:
        yield opened_at - timedelta(minutes=3 + new.drawn("deployed", 50)), Act.DEPLOY, new
    yield opened_at, Act.OPEN, new
    # Nobody asks after the last that is known of it.
    last = max([opened_at, *(at for at, _ in moves)])
    yield min(opened_at + timedelta(minutes=1 + new.drawn("asked", 30)), last), Act.ASK, new
    yield opened_at, Act.FOLLOW, new
    for at, state in moves:
        yield max(at, opened_at), Act.FOLLOW, replace(new, state=state)
