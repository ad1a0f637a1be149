"""What is foreseen is what the clocks come to, without looking at them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

import pytest

from domain.errors import BadCursor, Invalid
from domain.records import Priority
from domain.sla.clock import clocks
from domain.sla.forecast import HourLoad, forecast
from domain.sla.terms import SlaClockKind, SlaSubjectKind
from models.coding import from_milliseconds, to_milliseconds
from models.reads.keyset import Key, Keyset
from models.reads.scope import Scope
from models.reads.sla_forecast import Coming, coming, coming_count
from models.reads.statement import COMMITTED, rows
from models.reads.ticket import TicketFilter
from models.tables.incident import IncidentRow
from operations.sla.histories import histories
from operations.sla.look_ahead import LookAhead, Outlook, hourly_load, look_ahead
from operations.sla.policy_in_force import policy_in_force
from tests import given
from tests.operations.sla.watched import Watched, at

EVERYWHERE = Scope(keys=None)


async def outlook_of(watched: Watched, until: str, wanted: TicketFilter | None = None) -> Outlook:
    ask = LookAhead(at=watched.clock.at, until=at(until), wanted=wanted)
    return await look_ahead(watched.runtime, ask)


async def foreseen(
    watched: Watched,
    until: str,
    *,
    wanted: TicketFilter | None = None,
    scope: Scope = EVERYWHERE,
) -> list[Coming]:
    outlook = await outlook_of(watched, until, wanted)
    return await coming(scope, outlook.ahead, rows_past(None, limit=100))


def rows_past(position: Key | None, *, limit: int) -> Keyset:
    return Keyset(limit=limit, position=position, is_descending=False)


def instants(found: Sequence[Coming]) -> list[tuple[str | None, str | None]]:
    return [(_time(one.alert_ms), _time(one.breach_ms)) for one in found]


def _time(milliseconds: int | None) -> str | None:
    return None if milliseconds is None else f"{from_milliseconds(milliseconds):%H:%M}"


async def counted(watched: Watched, until: str) -> int:
    return await coming_count(EVERYWHERE, (await outlook_of(watched, until)).ahead)


async def incident_is_new() -> IncidentRow:
    made = await given.incident(
        priority=Priority.P1, started_at=at("10:00"), updated_at=at("10:00")
    )
    await given.told(given.about(made))
    return made


async def test_a_running_clock_is_foreseen_until_it_has_breached(watched: Watched) -> None:
    await watched.send("10:00", "NEW")
    await watched.look("10:01")
    assert instants(await foreseen(watched, "13:23")) == []
    assert instants(await foreseen(watched, "13:24")) == [("13:24", "14:00")]
    # time passes, and nobody looks
    watched.clock.at = at("13:24")
    assert instants(await foreseen(watched, "13:59")) == []
    assert instants(await foreseen(watched, "14:00")) == [(None, "14:00")]
    watched.clock.at = at("14:00")
    assert instants(await foreseen(watched, "23:00")) == []


async def test_the_sooner_of_both_instants_orders_the_list(watched: Watched) -> None:
    for key, minute in (("T-1", 30), ("T-2", 0), ("T-3", 15)):
        watched.clock.at = at(f"10:{minute:02}")
        await watched.send(f"10:{minute:02}", "NEW", "P2", key=key)
    await watched.send("10:30", "NEW", "P1", key="T-4")
    await watched.look("10:31")
    watched.clock.at = at("13:30")
    found = await foreseen(watched, "23:00")
    # the one of P1 has alerted; what it reaches next is its breach
    assert instants(found)[0] == (None, "14:00")
    nexts = [one.alert_ms or one.breach_ms or 0 for one in found]
    assert nexts == sorted(nexts)
    assert len(found) == await counted(watched, "23:00") == 4


async def test_a_page_goes_on_where_the_one_before_ended(watched: Watched) -> None:
    for number in range(7):
        await watched.send("10:00", "NEW" if number % 2 else "PENDING", key=f"T-{number}")
    await watched.look("10:01")
    whole = await foreseen(watched, "23:00")
    assert len(whole) == 7
    pages: list[Coming] = []
    while True:
        # the present moves on from page to page; what was on none before is on the next
        watched.clock.move(seconds=1)
        ahead = (await outlook_of(watched, "23:00")).ahead
        rest = rows_past(pages[-1].key if pages else None, limit=2)
        page = await coming(EVERYWHERE, ahead, rest)
        if not page:
            break
        pages += page
    assert [one.id for one in pages] == [one.id for one in whole]
    with pytest.raises(BadCursor):
        await coming(EVERYWHERE, ahead, rows_past(("a", 1, 2), limit=2))


async def test_a_paused_clock_is_foreseen_as_if_it_ran_on(watched: Watched) -> None:
    await watched.send("10:00", "OPEN")
    watched.clock.at = at("12:00")
    await watched.send("12:00", "PENDING")
    await watched.look("12:00")
    watched.clock.at = at("14:00")
    assert await foreseen(watched, "15:59") == []
    (found,) = await foreseen(watched, "16:00")
    assert (found.alert_ms, found.breach_ms) == (None, None)
    outlook = await outlook_of(watched, "16:00")
    assert outlook.if_resumed_ms(found) == to_milliseconds(at("16:00"))
    assert await counted(watched, "15:59") == 0
    assert await counted(watched, "16:00") == 1


async def test_a_clock_at_rest_has_nothing_to_come(watched: Watched) -> None:
    for number, status in enumerate(("RESOLVED", "CANCELLED")):
        await watched.send("10:00", status, key=f"T-{number}")
    await watched.look("10:01")
    assert await foreseen(watched, "23:00") == []


async def test_incidents_are_foreseen_with_the_tickets_unless_tickets_are_asked_for(
    watched: Watched,
) -> None:
    await incident_is_new()
    await watched.send("10:00", "NEW")
    await watched.look("10:01")
    found = await foreseen(watched, "23:00")
    assert [(one.subject_kind.value, one.kind) for one in found] == [
        ("INCIDENT", SlaClockKind.RESPONSE),
        ("TICKET", SlaClockKind.RESOLUTION),
        ("INCIDENT", SlaClockKind.RESOLUTION),
    ]
    (ticket,) = await foreseen(watched, "23:00", wanted=TicketFilter(priorities={Priority.P1}))
    assert ticket.subject_kind == "TICKET"
    assert await foreseen(watched, "23:00", wanted=TicketFilter(priorities={Priority.P2})) == []


async def test_what_is_out_of_scope_or_gone_is_not_foreseen(watched: Watched) -> None:
    snow = await given.integration()
    theirs, gone = await incident_is_new(), await incident_is_new()
    await given.link(theirs, snow)
    await watched.look("10:01")
    gone.deleted_at = at("10:01")
    await gone.save(update_fields=["deleted_at"])
    found = await foreseen(watched, "10:14", scope=Scope(keys=frozenset({snow.key})))
    assert [one.subject_id for one in found] == [theirs.id]
    assert await foreseen(watched, "10:14", scope=Scope(keys=frozenset({"another"}))) == []


async def test_the_load_says_how_much_comes_in_each_hour(watched: Watched) -> None:
    for number in range(3):
        await watched.send("10:00", "NEW", key=f"T-{number}")
    await watched.send("10:00", "NEW", "P2", key="T-9")
    await watched.look("10:05")
    found = await hourly_load(
        watched.runtime, EVERYWHERE, LookAhead(at=watched.clock.at, until=at("17:30"))
    )
    ten = to_milliseconds(at("10:00"))
    hour_ms = 3_600_000
    loads = {(one.start_ms - ten) // hour_ms + 10: (one.alerts, one.breaches) for one in found}
    some = {13: (3, 0), 14: (0, 3), 16: (1, 0)}
    assert loads == dict.fromkeys(range(10, 18), (0, 0)) | some
    assert found[0] == HourLoad(start_ms=ten, alerts=0, breaches=0)


@pytest.mark.parametrize(
    ("until", "hourly_too"),
    [
        (at("10:00"), True),
        (at("10:00") + timedelta(days=93), True),
        (at("10:00") + timedelta(days=15), False),
    ],
)
async def test_it_is_looked_into_the_near_future_only(
    watched: Watched, until: datetime, hourly_too: bool
) -> None:
    ask = LookAhead(at=watched.clock.at, until=until)
    with pytest.raises(Invalid, match="until must be in the future"):
        await hourly_load(watched.runtime, EVERYWHERE, ask)
    if hourly_too:
        with pytest.raises(Invalid, match="until must be in the future"):
            await look_ahead(watched.runtime, ask)


async def test_what_is_listed_is_what_each_clock_foresees(watched: Watched) -> None:
    # given tickets with all kinds of pasts
    chance = Random(7)  # noqa: S311 — the same each time
    times = [f"{10 + minute // 60}:{minute % 60:02}" for minute in range(0, 180, 9)]
    for number in range(40):
        told = sorted(chance.sample(times, chance.randint(1, 3)))
        for time in told:
            status = chance.choice(["NEW", "OPEN", "PENDING", "RESOLVED"])
            await watched.send(time, status, chance.choice(["P1", "P2"]), key=f"T-{number}")
    await watched.look("13:00")
    for now, until in (("13:00", "14:30"), ("14:10", "18:00"), ("17:00", "23:00")):
        watched.clock.at = at(now)
        # then the list holds what the clocks say of themselves at any moment
        expected = []
        now_ms, until_ms = to_milliseconds(at(now)), to_milliseconds(at(until))
        policy = (await policy_in_force(watched.runtime)).policy
        ids = [row["id"] for row in await rows("SELECT id FROM ticket ORDER BY id")]
        past = await histories(COMMITTED, SlaSubjectKind.TICKET, ids)
        for subject_id, history in past.items():
            for clock in clocks(history, policy, now_ms):
                one = forecast(clock, policy, now_ms)
                soonest = one.alert_ms or one.breach_ms or one.if_resumed_ms
                if soonest is not None and soonest <= until_ms:
                    expected.append((subject_id, one.alert_ms, one.breach_ms, one.if_resumed_ms))
        outlook = await outlook_of(watched, until)
        found = [
            (one.subject_id, one.alert_ms, one.breach_ms, outlook.if_resumed_ms(one))
            for one in await foreseen(watched, until)
        ]
        assert expected
        assert sorted(found, key=str) == sorted(expected, key=str)
