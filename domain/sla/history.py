"""What a subject went through, and where a further update belongs in it (rules S1, S13)."""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from domain.records import IncidentStatus, Priority, TicketStatus
from domain.sla.terms import IngestOutcome, SlaSubjectKind

# As what an incident's status counts (rule S13).
COUNTS_AS: Final[Mapping[IncidentStatus, TicketStatus]] = {
    IncidentStatus.NEW: TicketStatus.NEW,
    IncidentStatus.ACKNOWLEDGED: TicketStatus.OPEN,
    IncidentStatus.IN_PROGRESS: TicketStatus.OPEN,
    IncidentStatus.ON_HOLD: TicketStatus.ON_HOLD,
    IncidentStatus.RESOLVED: TicketStatus.RESOLVED,
    IncidentStatus.CLOSED: TicketStatus.CLOSED,
    IncidentStatus.CANCELLED: TicketStatus.CANCELLED,
}
# Instants before 1990 and after 2100 are mistakes, and calendars are not worked out for them.
_EARLIEST_MS: Final = 631_152_000_000
_LATEST_MS: Final = 4_102_444_800_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """How a subject stood from an instant on.

    content: a fingerprint of all that the update said, to tell two of one instant apart;
        empty where nobody sends updates.
    """

    at_ms: int
    status: TicketStatus
    priority: Priority | None
    tier: str
    content: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """A subject's steps, at least one, by rising instants.

    Before the first it was NEW, with that step's priority and tier (rule S1).
    """

    created_ms: int
    steps: tuple[Step, ...]
    subject: SlaSubjectKind = SlaSubjectKind.TICKET

    def step_at(self, now_ms: int) -> Step:
        """Return the step by whose priority and tier the subject is measured at an instant."""
        known = [step for step in self.steps if step.at_ms <= now_ms]
        return known[-1] if known else self.steps[0]

    def next_ms(self, now_ms: int) -> int | None:
        """Return when a step begins that is dated later than now, by a clock ahead of ours."""
        return min((step.at_ms for step in self.steps if step.at_ms > now_ms), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """What became of an update, and the history with it.

    payload_differs: an update of the same instant is known, but it said something else.
    """

    outcome: IngestOutcome
    history: History
    payload_differs: bool = False


def is_believable(step: Step, *, created_ms: int) -> bool:
    """Say whether the instants of an update can be meant; else it is to be REJECTED."""
    return all(_EARLIEST_MS <= at_ms < _LATEST_MS for at_ms in (step.at_ms, created_ms))


def placed(history: History | None, step: Step, *, created_ms: int) -> Placed:
    """Put a ticket's update where it belongs; one that is known changes nothing (rule S1).

    Updates that disagree about the creation agree on the earliest. So any order of the same
    updates, however often each is told, ends in the same history.
    """
    if history is None:
        new = History(created_ms=created_ms, steps=(step,))
        return Placed(outcome=IngestOutcome.CREATED, history=new)
    steps = history.steps
    place = bisect_left(steps, step.at_ms, key=lambda known: known.at_ms)
    if place < len(steps) and steps[place].at_ms == step.at_ms:
        differs = steps[place].content != step.content
        return Placed(outcome=IngestOutcome.DUPLICATE, history=history, payload_differs=differs)
    longer = replace(
        history,
        created_ms=min(history.created_ms, created_ms),
        steps=(*steps[:place], step, *steps[place:]),
    )
    is_last = place == len(steps)
    outcome = IngestOutcome.UPDATED if is_last else IngestOutcome.LATE
    return Placed(outcome=outcome, history=longer)
