"""Sent tickets: what becomes of each event, and of the ticket."""

import asyncio
from random import Random
from typing import Final

import pytest

from domain.access.roles import Actor, Role
from domain.errors import Forbidden, LimitExceeded
from domain.records import Priority, TicketStatus
from models.database import DatabaseAt
from models.reads.statement import rows
from models.tables.ticket import TicketRow
from operations.runtime import Runtime
from operations.tickets.event import TicketEvent
from operations.tickets.ingest import IngestTickets, ingest_tickets
from tests import given
from tests.gql.asking import ADA, Graph
from tests.operations.tickets.sending import at, event, held, sent

_SEEDS: Final = 20


async def test_a_ticket_is_created_and_updated_by_what_is_sent(runtime: Runtime) -> None:
    first = event(0, title="I cannot pay")
    later = event(5, status=TicketStatus.OPEN, priority=Priority.P1, tier="PREMIUM")
    assert await sent(runtime, first, later) == ["CREATED", "UPDATED"]

    (row,) = await rows("SELECT * FROM ticket")
    assert (row["source_id"], row["title"]) == ("T-1", "I cannot pay")
    assert (row["status"], row["priority"], row["tier"]) == ("OPEN", "P1", "PREMIUM")
    assert row["version"] == 2


async def test_the_same_batch_twice_changes_nothing(runtime: Runtime) -> None:
    batch = [event(minute, id=f"T-{minute % 3}") for minute in range(9)]
    await sent(runtime, *batch)
    before, told = await held(), await rows("SELECT * FROM event_log")

    assert set(await sent(runtime, *batch)) == {"DUPLICATE"}
    assert await held() == before
    assert await rows("SELECT * FROM event_log") == told


async def test_a_late_event_takes_its_place_and_leaves_the_ticket_as_it_is(
    runtime: Runtime,
) -> None:
    await sent(runtime, event(0), event(10, status=TicketStatus.RESOLVED))

    assert await sent(runtime, event(5, status=TicketStatus.PENDING)) == ["LATE"]

    steps = await rows("SELECT status FROM ticket_step ORDER BY at")
    assert [step["status"] for step in steps] == ["NEW", "PENDING", "RESOLVED"]
    (row,) = await rows("SELECT status, updated_at, version FROM ticket")
    assert row["status"] == "RESOLVED"
    assert row["version"] == 3


async def test_an_event_that_is_known_is_not_taken_when_it_says_something_else(
    runtime: Runtime,
) -> None:
    await sent(runtime, event(0, title="I cannot pay"))
    ask = IngestTickets(events=[event(0, title="I can pay"), event(0, title="I cannot pay")])
    done = await ingest_tickets(runtime, ADA, ask)

    assert [one.outcome for one in done] == ["DUPLICATE", "DUPLICATE"]
    assert [one.payload_differs for one in done] == [True, False]
    assert [row["title"] for row in await rows("SELECT title FROM ticket")] == ["I cannot pay"]


def _story(dice: Random, services: list[str], incident: str) -> list[TicketEvent]:
    """Return events of a few tickets, one content a key, some of which say more than others."""
    return [
        event(
            minute,
            id=f"T-{ticket}",
            created_at=at(-dice.randrange(3)),
            status=dice.choice(list(TicketStatus)),
            priority=dice.choice(list(Priority)),
            tier=dice.choice(["standard", "PREMIUM"]),
            title=dice.choice([None, f"Title {minute}"]),
            service_ids=dice.choice([None, [], dice.sample(services, 2)]),
            incident_id=dice.choice([None, incident]),
        )
        for ticket in range(3)
        for minute in dice.sample(range(30), 6)
    ]


async def test_any_order_and_multiplicity_of_events_ends_in_the_same_tickets(
    runtime: Runtime,
) -> None:
    # the property P17, over stories in random orders, cut into random batches
    services = [(await given.service(f"s{number}")).id for number in range(3)]
    incident = (await given.incident()).id
    for seed in range(_SEEDS):
        dice = Random(seed)  # noqa: S311 — repeatable, protects nothing
        story = _story(dice, services, incident)
        ends: list[object] = []
        for order in range(2):
            events = [*story, *dice.sample(story, 5)]
            if order:
                dice.shuffle(events)
            while events:
                size = dice.randrange(1, 9)
                await sent(runtime, *events[:size])
                del events[:size]
            ends.append(await held())
            await TicketRow.all().delete()
        assert ends[0] == ends[1], seed


async def test_it_is_resolved_since_the_first_of_the_last_steps_at_rest(runtime: Runtime) -> None:
    steps = [
        (0, TicketStatus.RESOLVED),
        (1, TicketStatus.OPEN),
        (2, TicketStatus.RESOLVED),
        (3, TicketStatus.CLOSED),
    ]
    await sent(runtime, *(event(minute, status=status) for minute, status in steps))
    (row,) = await rows("SELECT resolved_at FROM ticket")
    assert row["resolved_at"] == int(at(2).timestamp() * 1_000)

    await sent(runtime, event(4, status=TicketStatus.OPEN))
    (row,) = await rows("SELECT resolved_at FROM ticket")
    assert row["resolved_at"] is None


async def test_two_senders_of_the_same_new_tickets_make_each_once(database: DatabaseAt) -> None:
    assert database
    runtime = Graph().runtime
    batch = [event(0, id=f"T-{number}") for number in range(20)]

    both = await asyncio.gather(sent(runtime, *batch), sent(runtime, *reversed(batch)))

    assert (
        sorted(outcome for one in both for outcome in one) == ["CREATED"] * 20 + ["DUPLICATE"] * 20
    )
    (counted,) = await rows("SELECT count(*) AS n FROM ticket")
    assert counted["n"] == 20


async def test_a_mirrored_ticket_of_the_same_name_is_another(runtime: Runtime) -> None:
    mirrored = await given.ticket(source_id="T-1")

    assert await sent(runtime, event(0)) == ["CREATED"]
    found = await rows("SELECT id FROM ticket WHERE source_id = 'T-1'")
    assert len(found) == 2
    assert await rows("SELECT id FROM ticket_step WHERE ticket_id = $1", mirrored.id) == []


async def test_more_than_1000_events_are_refused_and_1000_are_taken(runtime: Runtime) -> None:
    many = [event(minute) for minute in range(1_001)]
    with pytest.raises(LimitExceeded, match=r"1,001 events .* at most 1,000") as refused:
        await sent(runtime, *many)
    assert refused.value.path == ("events",)
    assert await held() == []

    assert len(await sent(runtime, *many[:1_000])) == 1_000


async def test_who_sends_a_ticket_is_kept_with_the_step(runtime: Runtime) -> None:
    keeper = Actor(
        id="kim",
        name="kim",
        roles=frozenset({Role.INTEGRATION_MANAGER}),
        scopes=frozenset({"tickets"}),
    )
    await ingest_tickets(runtime, keeper, IngestTickets(events=[event(0)]))
    assert [step["by"] for step in await rows("SELECT s.by FROM ticket_step s")] == ["kim"]


@pytest.mark.parametrize(
    ("role", "scope"),
    [
        (Role.INTEGRATION_MANAGER, "prod-snow"),
        (Role.INCIDENT_COMMANDER, "*"),
        (Role.VIEWER, "tickets"),
    ],
)
async def test_only_those_who_keep_tickets_may_send_them(
    runtime: Runtime, role: Role, scope: str
) -> None:
    actor = Actor(id="no", name="no", roles=frozenset({role}), scopes=frozenset({scope}))
    with pytest.raises(Forbidden):
        await ingest_tickets(runtime, actor, IngestTickets(events=[event(0)]))
    assert await held() == []
