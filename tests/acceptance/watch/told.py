"""Tickets as they are told: now, late, ahead of time, and twice."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Final

from domain.records import Priority, TicketStatus
from domain.sla.history import History, placed
from operations.tickets.event import Mentioned, TicketEvent, checked
from tests.acceptance.watch.standing import Standing

KEYS: Final = ("T-1", "T-2", "T-3")
_NOBODY: Final = Mentioned(services=frozenset(), incidents=frozenset())
_STATUSES: Final = (TicketStatus.NEW, TicketStatus.OPEN, *TicketStatus)
# Seconds from now to the time of an update; some clocks are ahead of ours.
_AWAY: Final = (-12_000, -3_600, -900, -61, 300, 1_800)


@dataclass(slots=True, kw_only=True)
class Told:
    """A ticket as it was told so far, how it should be stored, and by which policy it was seen."""

    id: str
    created_at: datetime
    events: list[TicketEvent] = field(default_factory=list)
    history: History | None = None
    is_deleted: bool = False
    standing: Standing = field(default_factory=Standing)
    looked_by: str = ""

    @property
    def now_known(self) -> History | None:
        """Its history as watchers see it: none of what is deleted."""
        return None if self.is_deleted else self.history

    def take(self, event: TicketEvent) -> None:
        """Place an event; one that is known changes nothing."""
        self.events.append(event)
        update = checked(event, _NOBODY)
        became = placed(self.history, update.step, created_ms=update.created_ms)
        if became.history != self.history:
            self.history, self.standing = became.history, self.standing.marked


def made_up(chance: Random, now: datetime, tickets: Mapping[str, Told]) -> TicketEvent:
    """Make up an update, most often of now, or take one that was told before."""
    key = chance.choice(KEYS)
    told = tickets.get(key)
    if told is not None and chance.random() < 0.1:
        return chance.choice(told.events)
    made = now - timedelta(minutes=chance.choice((0, 5, 50, 200)))
    at = now
    if chance.random() < 0.5:
        at += timedelta(seconds=chance.choice(_AWAY))
    return TicketEvent(
        id=key,
        priority=chance.choice((Priority.P1, Priority.P1, Priority.P2, Priority.P5)),
        tier=chance.choice(("PREMIUM", "GOLD")),
        status=chance.choice(_STATUSES),
        created_at=made if told is None else told.created_at,
        updated_at=at,
    )
