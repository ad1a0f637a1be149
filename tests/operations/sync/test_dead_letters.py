"""What failed for good waits for a person, who sends it again or gives it up."""

from dataclasses import replace

import pytest

from domain.access.roles import Actor, Role
from domain.errors import Forbidden, Invalid, NotFound
from domain.exchange import DeadLetterStatus, DeliveryState, WriteKind, WriteState
from domain.records import Direction, Severity
from models.database import DatabaseAt
from models.reads.dead_letters import DeadLetter, dead_letters, oldest_dead
from models.reads.scope import Scope
from models.reads.statement import rows
from models.tables.inbound import InboundRow
from models.tables.incident import IncidentRow
from models.tables.integration import IntegrationRow
from models.tables.outbox import LaneRow, OutboxRow
from operations.incidents.create import CreateIncident, create_incident
from operations.incidents.edit import EditIncident, edit_incident
from operations.sync.discard_dead_letter import DiscardDeadLetter, discard_dead_letter
from operations.sync.push import push_due
from operations.sync.retry_dead_letter import (
    RetryDeadLetter,
    RetryDeadLetters,
    retry_dead_letter,
    retry_dead_letters,
)
from simulators.misfortune import Fault, Kind
from tests import given
from tests.clock import Clock
from tests.world import ADMIN, VIEWER, World, simulated

ALL = Scope(keys=None)
AWAY = Fault(kind=Kind.ERROR, times=None)
MANAGER = Actor(
    id="mia",
    name="mia",
    roles=frozenset({Role.INTEGRATION_MANAGER}),
    scopes=frozenset({"prod-snow"}),
)


@pytest.fixture
async def world(database: DatabaseAt) -> World:
    """An instance with its own default owners, both ways."""
    clock = Clock()
    world = World(at=database, clock=clock, servicenow=simulated(clock))
    await world.register(direction=Direction.BIDIRECTIONAL, follows=False)
    return world


async def letter(letter_id: str) -> DeadLetter:
    return (await dead_letters(ALL, [letter_id]))[letter_id]


async def dead(world: World) -> list[DeadLetter]:
    return await oldest_dead(ALL, world.integration_id, 100)


async def buried(world: World) -> DeadLetter:
    """Let a vendor be away until what waits is dead; return the first that is."""
    world.servicenow.misfortunes.push(AWAY)
    for _ in range(5):
        await push_due(world.runtime)
        world.clock.move(minutes=31)
    world.servicenow.misfortunes.clear()
    return (await dead(world))[0]


async def mirrored(world: World) -> str:
    """Mirror an incident, and return its id."""
    world.servicenow.create({"short_description": "It is slow"})
    await world.sync()
    (row,) = await rows("SELECT id FROM incident")
    return str(row["id"])


async def edit(world: World, incident_id: str, title: str) -> None:
    world.clock.move(seconds=30)
    ask = EditIncident(incident_id=incident_id, fields={"title": title})
    await edit_incident(world.runtime, ADMIN, ask)


async def title(world: World) -> str:
    """Return what the vendor calls the only incident."""
    (row,) = await rows("SELECT external_id FROM incident_link")
    return world.servicenow.record(row["external_id"])["short_description"]


async def test_five_failures_make_a_dead_letter_that_tells_each_of_them(world: World) -> None:
    await edit(world, await mirrored(world), "It burns")
    found = await buried(world)
    assert (found.number, found.status, found.fields) == (1, DeadLetterStatus.DEAD, ("title",))
    assert [one.http_status for one in found.attempts] == [500] * 5
    assert found.code == "VENDOR_ERROR"
    assert found.external_id is not None
    assert await title(world) == "It is slow"


async def test_a_retry_sends_what_holds_by_then(world: World) -> None:
    incident = await mirrored(world)
    await edit(world, incident, "It burns")
    found = await buried(world)
    # Straight into the table: an edit would send the title by itself.
    await IncidentRow.filter(id=incident).update(title="It burns higher")
    for _ in range(2):
        await retry_dead_letter(world.runtime, ADMIN, RetryDeadLetter(id=found.id))
    assert (await letter(found.id)).status is DeadLetterStatus.RETRYING
    assert "push" in world.hints
    assert await push_due(world.runtime) == 1
    assert await title(world) == "It burns higher"
    assert (await letter(found.id)).status is DeadLetterStatus.DELIVERED
    # A retry of what has arrived does nothing.
    await retry_dead_letter(world.runtime, ADMIN, RetryDeadLetter(id=found.id))
    assert (await letter(found.id)).status is DeadLetterStatus.DELIVERED
    assert await push_due(world.runtime) == 0


async def test_a_retry_has_all_attempts_before_it_and_keeps_its_number(world: World) -> None:
    await edit(world, await mirrored(world), "It burns")
    found = await buried(world)
    await retry_dead_letter(world.runtime, ADMIN, RetryDeadLetter(id=found.id))
    again = await buried(world)
    assert (again.id, again.number) == (found.id, found.number)
    assert len(again.attempts) == 10


async def test_a_retry_goes_before_newer_writes_of_its_record_and_these_right_behind(
    world: World,
) -> None:
    # given a dead write of the title, and a newer one of the severity that has failed just now
    incident = await mirrored(world)
    await edit(world, incident, "It burns")
    found = await buried(world)
    ask = EditIncident(incident_id=incident, fields={"severity": Severity.SEV1})
    await edit_incident(world.runtime, ADMIN, ask)
    once = Fault(kind=Kind.ERROR, times=1)
    world.servicenow.misfortunes.push(once)
    assert await push_due(world.runtime) == 0

    # when the dead one is retried, it comes first, and where it fails the other waits
    world.servicenow.misfortunes.push(once)
    await retry_dead_letter(world.runtime, ADMIN, RetryDeadLetter(id=found.id))
    assert await push_due(world.runtime) == 0
    waiting = [row.attempt for row in await OutboxRow.all().order_by("seq")]
    assert waiting == [1, 1]

    # then both go, in this order
    world.clock.move(seconds=30)
    assert await push_due(world.runtime) == 2
    assert await title(world) == "It burns"


async def test_a_later_write_of_its_fields_takes_its_place(world: World) -> None:
    incident = await mirrored(world)
    await edit(world, incident, "It burns")
    found = await buried(world)
    await edit(world, incident, "It burns higher")
    assert await push_due(world.runtime) == 1
    assert (await letter(found.id)).status is DeadLetterStatus.SUPERSEDED
    await retry_dead_letter(world.runtime, ADMIN, RetryDeadLetter(id=found.id))
    assert (await letter(found.id)).status is DeadLetterStatus.SUPERSEDED


async def created(world: World) -> str:
    ask = CreateIncident(
        title="It burns",
        severity=Severity.SEV1,
        key="r1",
        integration_ids=[world.integration_id],
    )
    return await create_incident(world.runtime, ADMIN, ask)


async def test_a_retried_create_lets_the_incidents_later_writes_go_on(world: World) -> None:
    incident = await created(world)
    found = await buried(world)
    assert found.kind is WriteKind.CREATE
    await IncidentRow.filter(id=incident).update(title="It burns higher")
    await given.write(await IncidentRow.get(id=incident), await only(world))
    assert await push_due(world.runtime) == 0

    await retry_dead_letter(world.runtime, ADMIN, RetryDeadLetter(id=found.id))
    assert await push_due(world.runtime) == 1
    assert await title(world) == "It burns higher"
    states = [row.state for row in await OutboxRow.all().order_by("seq")]
    assert states == [WriteState.DONE, WriteState.DROPPED]


async def only(world: World) -> IntegrationRow:
    return await IntegrationRow.get(id=world.integration_id)


async def test_a_discarded_create_holds_the_lane_until_it_is_retried(world: World) -> None:
    await created(world)
    found = await buried(world)
    ask = DiscardDeadLetter(id=found.id, reason=" a drill ")
    assert (await discard_dead_letter(world.runtime, ADMIN, ask)).is_create
    assert (await LaneRow.get()).is_blocked
    kept = await letter(found.id)
    assert (kept.status, kept.discarded_by) == (DeadLetterStatus.DISCARDED, "ada")
    assert kept.discard_reason == "a drill"

    await discard_dead_letter(world.runtime, MANAGER, replace(ask, reason="again"))
    assert (await letter(found.id)).discard_reason == "a drill"

    await retry_dead_letter(world.runtime, ADMIN, RetryDeadLetter(id=found.id))
    taken_back = await letter(found.id)
    assert (taken_back.status, taken_back.discard_reason) == (DeadLetterStatus.RETRYING, None)
    with pytest.raises(Invalid, match="is RETRYING: only what is dead"):
        await discard_dead_letter(world.runtime, ADMIN, ask)
    assert await push_due(world.runtime) == 1


async def test_an_inbound_delivery_is_tried_again_or_given_up(world: World) -> None:
    dead_one = {"state": DeliveryState.DEAD, "due_at": None, "attempt": 5, "starts": 3}
    row = await given.delivery(await only(world), number=1, code="BAD_ANSWER", **dead_one)
    other = await given.delivery(await only(world), number=2, code="BAD_ANSWER", **dead_one)
    (found, _) = await dead(world)
    assert (found.id, found.fields, found.lane_id) == (row.id, (), None)
    await retry_dead_letter(world.runtime, ADMIN, RetryDeadLetter(id=row.id))
    again = await InboundRow.get(id=row.id)
    assert (again.state, again.attempt, again.starts) == (DeliveryState.READY, 0, 0)
    assert again.due_at == world.clock.now()
    assert "apply" in world.hints

    ask = DiscardDeadLetter(id=other.id, reason="known")
    assert not (await discard_dead_letter(world.runtime, ADMIN, ask)).is_create
    assert (await letter(other.id)).status is DeadLetterStatus.DISCARDED


async def test_a_delivery_that_is_no_longer_kept_cannot_be_retried(world: World) -> None:
    gone = {"state": DeliveryState.DEAD, "due_at": None, "body": None}
    row = await given.delivery(await only(world), number=1, **gone)
    with pytest.raises(Invalid, match="no longer kept"):
        await retry_dead_letter(world.runtime, ADMIN, RetryDeadLetter(id=row.id))
    known = await given.delivery(await only(world), number=2, external_id="x", **gone)
    await retry_dead_letter(world.runtime, ADMIN, RetryDeadLetter(id=known.id))
    assert (await letter(known.id)).status is DeadLetterStatus.RETRYING


async def _six(world: World) -> list[OutboxRow]:
    incident = await given.incident()
    return [
        await given.write(incident, await only(world), number=number, state=WriteState.DEAD)
        for number in range(1, 7)
    ]


async def test_all_that_is_dead_is_retried_at_once_or_what_is_named(world: World) -> None:
    letters = await _six(world)
    ids = [one.id for one in letters]
    named = RetryDeadLetters(integration_id=world.integration_id, ids=[ids[4], ids[1], ids[4]])
    assert await retry_dead_letters(world.runtime, MANAGER, named) == [ids[4], ids[1]]
    ask = RetryDeadLetters(integration_id=world.integration_id)
    rest = [one for one in ids if one not in (ids[4], ids[1])]
    assert await retry_dead_letters(world.runtime, MANAGER, ask) == rest
    assert await retry_dead_letters(world.runtime, MANAGER, ask) == []


async def test_one_that_is_not_the_integrations_keeps_all_as_they_are(world: World) -> None:
    letters = await _six(world)
    other = await given.delivery(
        await given.integration("other"), number=9, state=DeliveryState.DEAD
    )
    ids = [letters[0].id, other.id]
    for named in (ids, [letters[0].id, "nonsense"]):
        ask = RetryDeadLetters(integration_id=world.integration_id, ids=named)
        with pytest.raises(NotFound) as refused:
            await retry_dead_letters(world.runtime, ADMIN, ask)
        assert refused.value.path == ("ids", "1")
    assert len(await dead(world)) == 6


async def test_only_who_keeps_the_integration_may_retry_or_discard(world: World) -> None:
    one = (await _six(world))[0]
    retry = RetryDeadLetter(id=one.id)
    many = RetryDeadLetters(integration_id=world.integration_id)
    with pytest.raises(Forbidden):
        await retry_dead_letter(world.runtime, VIEWER, retry)
    with pytest.raises(Forbidden):
        await retry_dead_letters(world.runtime, VIEWER, many)
    with pytest.raises(Forbidden):
        await discard_dead_letter(world.runtime, VIEWER, DiscardDeadLetter(id=one.id, reason="x"))
    elsewhere = replace(MANAGER, scopes=frozenset({"other"}))
    with pytest.raises(NotFound):
        await retry_dead_letter(world.runtime, elsewhere, retry)
    with pytest.raises(NotFound):
        await retry_dead_letters(world.runtime, elsewhere, many)


@pytest.mark.parametrize("reason", ["", "  ", "x" * 1_001])
async def test_a_reason_is_asked_for(world: World, reason: str) -> None:
    one = (await _six(world))[0]
    with pytest.raises(Invalid) as refused:
        await discard_dead_letter(world.runtime, ADMIN, DiscardDeadLetter(id=one.id, reason=reason))
    assert refused.value.path == ("reason",)
    assert (await letter(one.id)).status is DeadLetterStatus.DEAD
