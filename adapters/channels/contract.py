"""What a channel is told, and what it has to offer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

import httpx

from adapters.exchange import Failed
from domain.sla.terms import AlertLevel, SlaClockKind, SlaSubjectKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Maintenance:
    """A change that was under way when the level was reached; it may be the cause.

    number, title: of the change; ends_at: when its window ends, None without an end.
    """

    number: str
    title: str
    ends_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertNotice:
    """An alert, as it is told; the same at each try.

    id: of the message, by which a receiver knows one that comes twice.
    alert_id, subject_id: as the graph has them.
    number, title, priority: of the ticket or the incident.
    percent, left: how much of the target was used when the alert was raised, and what was
        left of it; below zero, how much too much was used.
    breach_at: when the target is used up, as far as that is known.
    link, acknowledge: pages that show the record, and that acknowledge the alert.
    during: the changes that were under way on the record's services, the first begun first.
    """

    id: str
    alert_id: str
    subject: SlaSubjectKind
    subject_id: str
    number: str
    title: str
    priority: str
    clock: SlaClockKind
    level: AlertLevel
    percent: float
    target: timedelta
    left: timedelta
    crossed_at: datetime
    raised_at: datetime
    breach_at: datetime | None
    escalation_level: int
    link: str
    acknowledge: str
    during: Sequence[Maintenance] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyNotice:
    """What became of the file of the service levels, as it is told; the same at each try.

    id: of the message.
    path: the file. fault: what is wrong with it, with the place; None when it is good again.
    version, in_force_since: of the service levels that are in force.
    at: when it was found.
    link: a page that shows them.
    """

    id: str
    path: str
    fault: str | None
    version: str
    in_force_since: datetime
    at: datetime
    link: str


Notice = AlertNotice | PolicyNotice


class Channel(Protocol):
    """An open channel. It raises nothing for what goes wrong outside, and tells no address."""

    @property
    def most(self) -> int:
        """How many notices one message can tell; with more than one, it is a digest."""
        ...

    @property
    def pause(self) -> timedelta:
        """How long it is left alone after a message, by all workers together."""
        ...

    async def send(self, notices: Sequence[Notice]) -> Failed | None:
        """Tell one notice or more in one message; None when it was taken."""
        ...

    async def close(self) -> None:
        """Let go of the connections."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """What channels are opened with.

    settings: by name; those that are not set are empty.
    now: our time, which messages are dated by.
    deadline: of one message, from its first byte out to its last byte in.
    transport: None for the network; a test passes a simulator's.
    """

    settings: Mapping[str, str] = field(repr=False)
    now: Callable[[], datetime]
    deadline: timedelta
    transport: httpx.AsyncBaseTransport | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelKind:
    """A channel that can be opened.

    key: what policies call it.
    settings: the names of those that it needs; it is open when all of them are set.
    open: raises ValueError for a setting that it cannot go by.
    """

    key: str
    settings: tuple[str, ...]
    open: Callable[[Way], Channel] = field(repr=False)

    @property
    def keys(self) -> str:
        """Its settings as a person writes them, to be named in a sentence."""
        names = [name.upper() for name in self.settings]
        return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
