"""The watch over the clocks raises each alert once, whenever and by whomever it is done.

The letters are those of the vectors.
"""

import asyncio
from datetime import timedelta

import pytest

from models.reads.statement import rows
from models.transaction import Transaction, commit
from operations.sla.tick import evaluate_due
from tests.operations.sla.watched import POLICY, Watched, alerts, raised

LOOK = "SELECT look_at, is_at_rest, state, escalation_level FROM sla_subject"


async def test_d_a_an_alert_and_a_breach_are_raised_once_each(watched: Watched) -> None:
    await watched.send("10:00", "NEW")
    await watched.minutely("10:00", "14:00")
    assert await raised() == [("ALERT", "13:24", "13:24", 1), ("BREACH", "14:00", "14:00", 2)]
    assert [row["percent"] for row in await alerts()] == [85, 100]
    (subject,) = await rows(LOOK)
    assert (subject["state"], subject["escalation_level"]) == ("BREACH", 2)


async def test_d_b_a_late_look_raises_the_highest_and_says_when_it_was_reached(
    watched: Watched,
) -> None:
    await watched.send("10:00", "NEW")
    await watched.minutely("10:00", "13:20")
    await watched.look("14:05")
    assert await raised() == [("BREACH", "14:00", "14:05", 1)]
    (schedule,) = await rows("SELECT * FROM schedule")
    assert schedule["late_ms"] == timedelta(minutes=41) / timedelta(milliseconds=1)


async def test_d_c_of_several_workers_one_raises_it(watched: Watched) -> None:
    await watched.send("10:00", "NEW")
    await watched.look("10:01", "13:23")
    watched.clock.move(minutes=1)
    workers = [watched.world.start(f"worker-{number}") for number in range(3)]
    await asyncio.gather(*(evaluate_due(worker) for worker in workers))
    assert await raised() == [("ALERT", "13:24", "13:24", 1)]
    assert len(await rows("SELECT id FROM notification")) == 1


async def test_d_d_a_priority_that_goes_and_comes_back_raises_nothing_anew(
    watched: Watched,
) -> None:
    await watched.send("10:00", "NEW")
    await watched.minutely("10:00", "13:24")
    watched.clock.move(minutes=1)
    await watched.send("13:25", "NEW", "P2")
    await watched.look("13:25")
    assert [row["state"] for row in await rows(LOOK)] == ["OK"]
    watched.clock.move(minutes=1)
    await watched.send("13:26", "NEW", "P1")
    await watched.look("13:26")
    assert await raised() == [("ALERT", "13:24", "13:24", 1)]
    assert [row["state"] for row in await rows(LOOK)] == ["ALERT"]


async def test_d_e_the_like_within_the_window_is_stored_and_not_told(watched: Watched) -> None:
    await watched.send("10:00", "NEW")
    await watched.minutely("10:00", "13:27")
    await watched.go_by(POLICY.replace("target: 240m", "target: 230m"))
    await watched.minutely("13:27", "13:50")
    assert await raised() == [
        ("ALERT", "13:24", "13:24", 1),
        ("ALERT", "13:27", "13:27", 1),
        ("BREACH", "13:50", "13:50", 2),
    ]
    assert [bool(row["is_suppressed"]) for row in await alerts()] == [False, True, False]
    told = await rows(
        "SELECT n.channel FROM notification n JOIN alert a ON a.id = n.alert_id"
        " ORDER BY a.raised_at, n.channel"
    )
    assert [row["channel"] for row in told] == ["slack", "email", "slack"]


async def test_a_paused_clock_is_left_alone_until_it_runs_again(watched: Watched) -> None:
    await watched.send("10:00", "OPEN")
    watched.clock.move(hours=2)
    await watched.send("12:00", "PENDING")
    await watched.look("12:00")
    assert (await rows(LOOK))[0]["look_at"] is None
    await watched.look("14:30")
    assert await raised() == []
    watched.clock.move(minutes=30)
    await watched.send("15:00", "OPEN")
    await watched.minutely("15:00", "17:00")
    assert await raised() == [("ALERT", "16:24", "16:24", 1), ("BREACH", "17:00", "17:00", 2)]


async def test_what_is_resolved_is_at_rest_and_goes_on_when_reopened(watched: Watched) -> None:
    await watched.send("10:00", "OPEN")
    await watched.look("10:01")
    watched.clock.move(minutes=119)
    await watched.send("12:00", "RESOLVED")
    await watched.look("12:00")
    (subject,) = await rows(LOOK)
    assert (subject["look_at"], bool(subject["is_at_rest"])) == (None, True)
    watched.clock.move(hours=8)
    await watched.send("20:00", "OPEN")
    await watched.minutely("20:00", "21:24")
    assert await raised() == [("ALERT", "21:24", "21:24", 1)]


async def test_what_is_cancelled_raises_nothing(watched: Watched) -> None:
    await watched.send("10:00", "OPEN")
    watched.clock.move(hours=3)
    await watched.send("13:00", "CANCELLED")
    await watched.minutely("13:00", "14:10")
    assert await raised() == []
    assert [row["phase"] for row in await rows("SELECT phase FROM sla_clock")] == ["CANCELLED"]


async def test_a_late_update_moves_the_clock_to_where_it_belongs(watched: Watched) -> None:
    await watched.send("10:00", "NEW")
    await watched.look("10:01", "13:20")
    # it had been waiting for an hour, which is told late
    await watched.send("12:00", "OPEN")
    await watched.send("11:00", "PENDING")
    await watched.minutely("13:20", "14:30")
    assert await raised() == [("ALERT", "14:24", "14:24", 1)]


async def test_after_the_breach_come_the_escalations(watched: Watched) -> None:
    await watched.send("10:00", "NEW")
    await watched.look("10:01", "13:24", "14:00", "15:59", "16:00")
    assert await raised() == [
        ("ALERT", "13:24", "13:24", 1),
        ("BREACH", "14:00", "14:00", 2),
        ("ESCALATION", "16:00", "16:00", 3),
    ]
    assert (await rows(LOOK))[0]["look_at"] is None


async def test_a_stricter_policy_reaches_what_is_open_and_not_what_is_done(
    watched: Watched,
) -> None:
    # given more open tickets than one transaction looks at, and one that was done in time
    for number in range(12):
        await watched.send("10:00", "NEW", key=f"T-{number}")
    await watched.look("10:01")
    watched.clock.move(minutes=149)
    await watched.send("12:30", "RESOLVED", key="T-0")
    await watched.look("12:40")
    before = await rows("SELECT * FROM sla_clock WHERE phase = 'STOPPED'")

    # when the target becomes shorter than what they have used
    await watched.go_by(POLICY.replace("target: 240m", "target: 120m"))
    await watched.look("12:40")

    # then each of the open ones has breached now, not before the policy was in force
    assert await raised() == [("BREACH", "12:40", "12:40", 1)] * 11
    assert await rows("SELECT * FROM sla_clock WHERE phase = 'STOPPED'") == before


async def test_a_policy_reaches_all_however_many(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("operations.sla.tick.BATCH", 5)
    for number in range(12):
        await watched.send("10:00", "NEW", key=f"T-{number}")
    await watched.look("10:01")
    await watched.go_by(POLICY.replace("target: 240m", "target: 300m"))
    await watched.look("10:01")
    assert [row["n"] for row in await rows("SELECT count(*) AS n FROM sla_clock")] == [12]
    targets = await rows("SELECT DISTINCT target_ms FROM sla_clock")
    assert [row["target_ms"] for row in targets] == [300 * 60_000]
    (schedule,) = await rows("SELECT walk_after FROM schedule")
    assert schedule["walk_after"] is None


async def test_a_clock_set_back_stops_no_watch_and_repeats_nothing(watched: Watched) -> None:
    await watched.send("10:00", "NEW")
    await watched.look("10:01", "13:24", "13:14", "13:20", "13:24", "13:40", "15:40", "15:41")
    assert await raised() == [("ALERT", "13:24", "13:24", 1), ("BREACH", "14:00", "15:40", 2)]


async def test_what_changes_is_looked_at_before_the_next_round(watched: Watched) -> None:
    await watched.look("10:00")
    watched.clock.move(seconds=5)
    await watched.send("10:00", "NEW")
    await evaluate_due(watched.runtime)
    assert [row["state"] for row in await rows(LOOK)] == ["OK"]


async def test_a_state_is_told_when_it_becomes_another(watched: Watched) -> None:
    await watched.send("10:00", "NEW")
    await watched.minutely("10:00", "14:00")
    told = await rows(
        "SELECT topic, kind, message FROM event_log WHERE topic IN ('CLOCK', 'ALERT')"
    )
    assert [tuple(row.values()) for row in told] == [
        ("CLOCK", "STATE_CHANGED", "OK"),
        ("ALERT", "RAISED", "ALERT"),
        ("CLOCK", "STATE_CHANGED", "ALERT"),
        ("ALERT", "RAISED", "BREACH"),
        ("CLOCK", "STATE_CHANGED", "BREACH"),
    ]


async def test_incidents_are_measured_by_their_edits_where_a_policy_does(
    watched: Watched,
) -> None:
    world = watched.world
    await world.register()
    made = world.servicenow.create({"short_description": "a", "impact": "1", "urgency": "1"})
    other = world.servicenow.create({"short_description": "b", "impact": "3", "urgency": "3"})
    watched.clock.move(minutes=1)
    await world.sync()
    await watched.look("10:02")
    clocks = await rows(
        """
        SELECT k.external_key, c.kind FROM sla_clock c
        JOIN incident_link k ON k.incident_id = c.subject_id ORDER BY c.kind
        """
    )
    assert [tuple(row.values()) for row in clocks] == [
        (made["number"], "RESOLUTION"),
        (made["number"], "RESPONSE"),
    ]
    await watched.look("10:15")
    assert [row["level"] for row in await alerts()] == ["BREACH"]

    # when somebody takes it on, its response rests as it stands
    world.servicenow.edit(made["number"], {"state": "2"})
    await world.sync()
    await watched.look("10:20")
    phases = await rows("SELECT kind, phase FROM sla_clock ORDER BY kind")
    assert [tuple(row.values()) for row in phases] == [
        ("RESOLUTION", "RUNNING"),
        ("RESPONSE", "STOPPED"),
    ]
    assert other["number"]


async def test_a_deleted_record_has_no_clocks(watched: Watched) -> None:
    await watched.send("10:00", "NEW")
    await watched.look("10:01")

    async def delete(tx: Transaction) -> None:
        await tx.rows("UPDATE ticket SET deleted_at = 1 RETURNING id")
        await tx.rows("UPDATE sla_subject SET look_at = 0 RETURNING id")

    await commit(delete)
    await watched.look("14:30")
    assert await rows("SELECT id FROM sla_clock") == []
    assert await raised() == []
