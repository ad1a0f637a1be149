"""What people say to alerts, and what the watch makes of it (rule S10)."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from domain.access.roles import Actor, Role
from domain.errors import Forbidden, Invalid, NotFound, Refused
from models.reads.statement import rows
from models.tables.ticket import TicketRow
from operations.sla.acknowledge import AcknowledgeAlert, acknowledge_alert
from operations.sla.snooze import SnoozeAlert, snooze_alert
from operations.sla.tick import evaluate_due
from tests import given
from tests.operations.sla.watched import Watched, alerts, at, raised
from tests.world import ADMIN, VIEWER, commander

FIRST = [("ALERT", "13:24", "13:24", 1), ("BREACH", "14:00", "14:00", 2)]


async def acknowledge(watched: Watched, number: int, actor: Actor = ADMIN) -> str:
    ask = AcknowledgeAlert(alert_id=(await alerts())[number]["id"])
    return await acknowledge_alert(watched.runtime, actor, ask)


async def snooze(watched: Watched, number: int, until: str, actor: Actor = ADMIN) -> str:
    ask = SnoozeAlert(alert_id=(await alerts())[number]["id"], until=at(until))
    return await snooze_alert(watched.runtime, actor, ask)


async def told() -> list[dict[str, Any]]:
    return await rows(
        "SELECT kind, record_id, message FROM event_log WHERE topic = 'ALERT' ORDER BY number"
    )


async def test_what_is_acknowledged_breaches_and_does_not_escalate(watched: Watched) -> None:
    await watched.send("10:00", "OPEN")
    await watched.minutely("13:20", "13:30")
    await acknowledge(watched, 0)
    await watched.minutely("13:31", "18:00")
    assert await raised() == FIRST
    (alert, _) = await alerts()
    assert alert["acknowledged_by"] == "ada"
    assert alert["acknowledged_at"] == int(at("13:30").timestamp() * 1000)


async def test_the_first_who_acknowledges_is_kept_and_nothing_is_told_twice(
    watched: Watched,
) -> None:
    await watched.send("10:00", "OPEN")
    await watched.look("13:24")
    names = ("dana", "vi")
    await asyncio.gather(*(acknowledge(watched, 0, commander(name)) for name in names))
    (before,) = await alerts()
    watched.clock.move(minutes=1)
    await acknowledge(watched, 0)
    assert await alerts() == [before]
    assert [row["kind"] for row in await told()] == ["RAISED", "ACKNOWLEDGED"]
    assert (await told())[-1]["message"] == before["acknowledged_by"]
    assert (await told())[-1]["record_id"] == before["id"]


async def test_a_snooze_defers_the_escalation_to_its_end(watched: Watched) -> None:
    await watched.send("10:00", "OPEN")
    await watched.minutely("13:24", "14:00")
    await snooze(watched, 0, "17:00")
    await watched.minutely("14:01", "17:01")
    # six hours of a target of four were used at 16:00
    assert await raised() == [*FIRST, ("ESCALATION", "16:00", "17:00", 3)]


async def test_an_escalation_that_is_due_later_comes_in_time_after_a_snooze(
    watched: Watched,
) -> None:
    await watched.send("10:00", "OPEN")
    await watched.look("13:24", "14:00")
    await snooze(watched, 1, "15:00")
    await watched.look("14:01", "15:00")
    assert await raised() == FIRST
    await watched.look("15:59", "16:00")
    assert (await raised())[-1] == ("ESCALATION", "16:00", "16:00", 3)


async def test_the_last_snooze_counts_and_the_same_again_is_not_told(watched: Watched) -> None:
    await watched.send("10:00", "OPEN")
    await watched.look("13:24", "14:00")
    for until in ("17:00", "17:00", "16:30"):
        await snooze(watched, 1, until)
    assert [row["kind"] for row in await told()] == ["RAISED", "RAISED", "SNOOZED", "SNOOZED"]
    await watched.look("14:01", "16:29")
    assert await raised() == FIRST
    await watched.look("16:30")
    assert (await raised())[-1] == ("ESCALATION", "16:00", "16:30", 3)


async def test_an_answer_has_the_subject_looked_at_and_wakes_who_listens(
    watched: Watched,
) -> None:
    await watched.send("10:00", "OPEN")
    await watched.look("13:24")
    await acknowledge(watched, 0)
    (subject,) = await rows("SELECT look_at FROM sla_subject")
    assert subject["look_at"] == 0
    await evaluate_due(watched.runtime)
    assert (await rows("SELECT look_at FROM sla_subject"))[0]["look_at"] > 0


@pytest.mark.parametrize("until", ["13:24", "09:00"])
async def test_a_snooze_ends_in_the_future(watched: Watched, until: str) -> None:
    await watched.send("10:00", "OPEN")
    await watched.look("13:24")
    with pytest.raises(Invalid) as refused:
        await snooze(watched, 0, until)
    assert tuple(refused.value.path) == ("until",)


async def test_a_snooze_ends_within_a_month(watched: Watched) -> None:
    await watched.send("10:00", "OPEN")
    await watched.look("13:24")
    (alert,) = await alerts()
    ask = SnoozeAlert(alert_id=alert["id"], until=at("13:24") + timedelta(days=31))
    assert await snooze_alert(watched.runtime, ADMIN, ask) == alert["id"]
    late = SnoozeAlert(alert_id=alert["id"], until=ask.until + timedelta(milliseconds=1))
    with pytest.raises(Invalid):
        await snooze_alert(watched.runtime, ADMIN, late)


def leader(role: Role, *scopes: str) -> Actor:
    return Actor(id="lee", name="lee", roles=frozenset({role}), scopes=frozenset(scopes))


@pytest.mark.parametrize(
    ("actor", "refusal"),
    [
        (leader(Role.INCIDENT_COMMANDER, "other", "desk"), None),
        (leader(Role.INCIDENT_COMMANDER, "*"), None),
        (leader(Role.INCIDENT_COMMANDER, "other"), NotFound),
        (leader(Role.INTEGRATION_MANAGER, "desk"), Forbidden),
        (leader(Role.INTEGRATION_MANAGER, "other"), NotFound),
        (VIEWER, Forbidden),
    ],
    ids=["commander", "commander of all", "elsewhere", "manager", "manager elsewhere", "viewer"],
)
async def test_a_commander_in_scope_may_answer(
    watched: Watched, actor: Actor, refusal: type[Refused] | None
) -> None:
    await watched.send("10:00", "OPEN")
    await watched.look("13:24")
    (ticket,) = await rows("SELECT id FROM ticket")
    desk = await given.integration("desk")
    await given.link(await TicketRow.get(id=ticket["id"]), desk)
    for answer in (acknowledge(watched, 0, actor), snooze(watched, 0, "15:00", actor)):
        if refusal is None:
            await answer
        else:
            with pytest.raises(refusal):
                await answer
    (alert,) = await alerts()
    assert (alert["acknowledged_by"], alert["snoozed_by"]) == (
        (None, None) if refusal else ("lee", "lee")
    )


async def test_what_is_no_alert_is_not_found(watched: Watched) -> None:
    with pytest.raises(NotFound):
        await acknowledge_alert(watched.runtime, ADMIN, AcknowledgeAlert(alert_id="nothing"))
