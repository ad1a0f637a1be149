"""An update of a ticket as somebody sends it, and whether it can be taken."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from domain.errors import Invalid, NotFound
from domain.records import Priority, TicketStatus
from domain.sla.history import Step, is_believable
from models.coding import dumps, loads, to_milliseconds

LONGEST_ID: Final = 100
LONGEST_TIER: Final = 80
LONGEST_TITLE: Final = 1_000
MOST_SERVICES: Final = 100
# What no line of text holds; NUL and half of a surrogate pair cannot even be stored.
_CONTROL: Final = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_UNBELIEVABLE: Final = "an instant is from 1990 to 2099"


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketEvent:
    """How a ticket stands since ``updated_at``, in the words of its sender.

    id: what the sender calls the ticket.
    created_at, updated_at: None where what was sent is no instant.
    title, service_ids, incident_id: None says nothing of them.
    """

    id: str
    priority: Priority
    tier: str
    status: TicketStatus
    created_at: datetime | None
    updated_at: datetime | None
    title: str | None = None
    service_ids: Sequence[str] | None = None
    incident_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """An event that can be taken: the step that it adds to its ticket's history."""

    source_id: str
    created_ms: int
    step: Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Mentioned:
    """The services and incidents that events name and the sender may see, by our ids."""

    services: frozenset[str]
    incidents: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Extras:
    """What an event says beside the step; None where it says nothing."""

    title: str | None = None
    service_ids: Sequence[str] | None = None
    incident_id: str | None = None


def checked(event: TicketEvent, mentioned: Mentioned) -> Update:
    """Return the update that an event makes.

    Raises Invalid and NotFound at the first field that is wrong, whose path begins there.
    """
    _check_texts(event)
    created_ms = _milliseconds("createdAt", event.created_at)
    at_ms = _milliseconds("updatedAt", event.updated_at)
    services = None if event.service_ids is None else _services(event.service_ids, mentioned)
    if event.incident_id is not None and event.incident_id not in mentioned.incidents:
        raise NotFound("incident", event.incident_id, path=("incidentId",))
    said: dict[str, Any] = {
        "createdAt": created_ms,
        "incidentId": event.incident_id,
        "priority": event.priority,
        "serviceIds": services,
        "status": event.status,
        "tier": event.tier,
        "title": event.title,
    }
    step = Step(
        at_ms=at_ms,
        status=event.status,
        priority=event.priority,
        tier=event.tier,
        content=dumps({name: value for name, value in said.items() if value is not None}),
    )
    if not is_believable(step, created_ms=at_ms):
        raise Invalid(_UNBELIEVABLE, path=("updatedAt",))
    if not is_believable(step, created_ms=created_ms):
        raise Invalid(_UNBELIEVABLE, path=("createdAt",))
    return Update(source_id=event.id, created_ms=created_ms, step=step)


def extras_of(step: Step) -> Extras:
    """Return what the event behind a step said besides; nothing where a vendor told it."""
    said = loads(step.content) if step.content else {}
    return Extras(
        title=said.get("title"),
        service_ids=said.get("serviceIds"),
        incident_id=said.get("incidentId"),
    )


def _check_texts(event: TicketEvent) -> None:
    _check_line("id", event.id, most=LONGEST_ID)
    if not event.id or event.id != event.id.strip():
        raise Invalid("an id is not empty, and has no blanks around it", path=("id",))
    _check_line("tier", event.tier, most=LONGEST_TIER)
    if event.title is None:
        return
    _check_line("title", event.title, most=LONGEST_TITLE)
    if not event.title.strip():
        raise Invalid("a title is not empty; leave it out to say nothing of it", path=("title",))


def _check_line(name: str, text: str, *, most: int) -> None:
    if len(text) > most:
        raise Invalid(f"{name} has at most {most:,} characters", path=(name,))
    if _CONTROL.search(text):
        raise Invalid(f"{name} is one line of text", path=(name,))


def _milliseconds(name: str, at: datetime | None) -> int:
    if at is None:
        raise Invalid(
            f"{name} is RFC 3339 with a zone, for example 2026-03-02T13:24:00.000Z", path=(name,)
        )
    return to_milliseconds(at)


def _services(ids: Sequence[str], mentioned: Mentioned) -> list[str]:
    """Return the services in one order, each once."""
    if len(ids) > MOST_SERVICES:
        raise Invalid(f"a ticket concerns at most {MOST_SERVICES} services", path=("serviceIds",))
    for place, one in enumerate(ids):
        if one not in mentioned.services:
            raise NotFound("service", one, path=("serviceIds", str(place)))
    return sorted(set(ids))
