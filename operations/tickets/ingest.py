"""Take updates of tickets that somebody sends, each known by its ticket and instant (rule S1)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import structlog

from domain.access.roles import Actor
from domain.errors import LimitExceeded, Refused
from domain.events.entry import NewEntry, RecordEventKind, Topic
from domain.sla.terms import IngestOutcome
from models.coding import MILLISECOND, dumps
from models.reads.asset import SERVICES
from models.reads.incident import INCIDENTS
from models.transaction import Transaction, commit
from operations.access.authorise import Action, authorise
from operations.access.scope import scope_of
from operations.runtime import Runtime
from operations.tickets.book import Book, opened
from operations.tickets.event import Mentioned, TicketEvent, Update, checked
from operations.tickets.steps import NewStep, store_steps

log = structlog.get_logger()

MOST_EVENTS: Final = 1_000
# What a token needs among its scopes to send tickets.
SCOPE: Final = "tickets"


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestTickets:
    """Updates of tickets, of any age and in any order."""

    events: Sequence[TicketEvent]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingested:
    """What became of one event.

    ticket_id: None when it was rejected.
    refused: why it was rejected; its path begins at the event's field.
    payload_differs: an event of the same ticket and instant is known, and said something else.
    """

    event: TicketEvent
    outcome: IngestOutcome
    ticket_id: str | None = None
    refused: Refused | None = None
    payload_differs: bool = False


async def ingest_tickets(runtime: Runtime, actor: Actor, ask: IngestTickets) -> list[Ingested]:
    """Place each event into its ticket's history; return what became of each, in order.

    One that is wrong is rejected alone. The others are written together, or none of them.
    Raises Forbidden, and LimitExceeded for more than 1,000 events.
    Cost: one transaction of some ten statements, 0.1 to 0.4 ms an event; it reads the
    histories of the tickets named. One at a time: two that bring the same new ticket
    would not see each other.
    """
    authorise(actor, Action.INGEST_TICKETS, integration_key=SCOPE)
    if len(ask.events) > MOST_EVENTS:
        raise LimitExceeded(
            f"{len(ask.events):,} events are too many at once: send at most {MOST_EVENTS:,}",
            path=("events",),
        )
    mentioned = await _mentioned(actor, ask.events)
    judged = [_judged(event, mentioned) for event in ask.events]

    async def write(tx: Transaction) -> list[Ingested]:
        await tx.alone("ingest tickets")
        updates = [one for one in judged if isinstance(one, Update)]
        books = await opened(tx, sorted({update.source_id for update in updates}))
        done = [
            _rejected(event, one)
            if isinstance(one, Refused)
            else _taken(runtime, books, event, one)
            for event, one in zip(ask.events, judged, strict=True)
        ]
        await _store(runtime, tx, actor, [book for book in books.values() if book.added])
        return done

    began = runtime.now()
    done = await commit(write)
    await runtime.wake("events")
    facts: dict[str, object] = dict(Counter(one.outcome.lower() for one in done))
    if len(tickets := {one.ticket_id for one in done}) == 1:
        facts["ticket_id"] = tickets.pop()
    log.info(
        "tickets_ingested",
        operation="tickets.ingest",
        actor_id=actor.id,
        latency_ms=(runtime.now() - began) // MILLISECOND,
        **facts,
    )
    return done


async def _mentioned(actor: Actor, events: Sequence[TicketEvent]) -> Mentioned:
    """Find the services and incidents that are named and may be seen. Cost: two reads at most."""
    scope = scope_of(actor)
    services = {one for event in events for one in event.service_ids or ()}
    incidents = {event.incident_id for event in events if event.incident_id is not None}
    return Mentioned(
        services=frozenset(await SERVICES.by_id(scope, services)) if services else frozenset(),
        incidents=frozenset(await INCIDENTS.by_id(scope, incidents)) if incidents else frozenset(),
    )


def _judged(event: TicketEvent, mentioned: Mentioned) -> Update | Refused:
    try:
        return checked(event, mentioned)
    except Refused as refused:
        return refused


def _rejected(event: TicketEvent, refused: Refused) -> Ingested:
    return Ingested(event=event, outcome=IngestOutcome.REJECTED, refused=refused)


def _taken(
    runtime: Runtime, books: dict[str, Book], event: TicketEvent, update: Update
) -> Ingested:
    """Place an update in its ticket's book, a new one if there is none."""
    book = books.get(update.source_id)
    if book is None:
        book = books[update.source_id] = Book(id=runtime.new_id(), source_id=update.source_id)
    done = book.take(update)
    return Ingested(
        event=event,
        outcome=done.outcome,
        ticket_id=book.id,
        payload_differs=done.payload_differs,
    )


async def _store(runtime: Runtime, tx: Transaction, actor: Actor, books: Sequence[Book]) -> None:
    """Write what is new of the tickets, and the word of it."""
    standings = {book.id: book.standing() for book in books}
    lines = {book.id: book.line(standings[book.id]) for book in books}
    await tx.upsert("ticket", list(lines.values()), key=("id",))
    steps = [
        NewStep(ticket_id=book.id, step=step, by=actor.name)
        for book in books
        for step in book.added
    ]
    await store_steps(tx, steps, overwrite=False)
    named = {key: now.extras.service_ids for key, now in standings.items()}
    await _concern(tx, {key: ids for key, ids in named.items() if ids is not None})
    now = runtime.now()
    for book in books:
        is_new = book.row is None
        tx.tell(
            NewEntry(
                topic=Topic.TICKET,
                kind=RecordEventKind.CREATED if is_new else RecordEventKind.UPDATED,
                occurred_at=now,
                record_id=book.id,
                changed=() if is_new else book.changed(lines[book.id]),
            )
        )


async def _concern(tx: Transaction, wanted: Mapping[str, Sequence[str]]) -> None:
    """Link tickets to the services that they name, as far as these are still there."""
    if not wanted:
        return
    named = sorted({one for services in wanted.values() for one in services})
    found = await tx.rows(
        f"SELECT id FROM asset WHERE {tx.one_of('id', '$1')}",  # noqa: S608 — names are ours
        dumps(named),
    )
    there = {row["id"] for row in found}
    await tx.rows(
        f"DELETE FROM ticket_asset WHERE {tx.one_of('ticket_id', '$1')} RETURNING id",  # noqa: S608 — as above
        dumps(sorted(wanted)),
    )
    await tx.upsert(
        "ticket_asset",
        [
            {"ticket_id": ticket_id, "asset_id": one}
            for ticket_id, services in wanted.items()
            for one in services
            if one in there
        ],
        key=("ticket_id", "asset_id"),
        overwrite=False,
    )
