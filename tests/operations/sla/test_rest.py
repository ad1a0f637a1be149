"""What rests stays as it came to rest, and what is dated ahead begins when its time comes."""

from models.reads.statement import rows
from tests.operations.sla.watched import POLICY, Watched, raised

RESPONDING = POLICY.replace(
    "    resolution: {target: 240m, calendar: always}",
    "    response: {target: 60m, calendar: always}\n"
    "    resolution: {target: 240m, calendar: always}",
)
SUBJECT = "SELECT state, look_at, is_at_rest FROM sla_subject"


async def test_a_stricter_policy_changes_no_verdict_on_a_clock_at_rest(watched: Watched) -> None:
    # given a response in time
    await watched.go_by(RESPONDING)
    await watched.send("10:00", "NEW")
    await watched.look("10:30")
    await watched.send("10:30", "OPEN")
    await watched.look("10:31")
    before = await rows("SELECT * FROM sla_clock WHERE kind = 'RESPONSE'")

    # when it would have been too late for the next policy
    await watched.go_by(RESPONDING.replace("60m", "20m"))
    await watched.look("10:32")

    # then the clock, and the subject with it, stay as they were
    assert await rows("SELECT * FROM sla_clock WHERE kind = 'RESPONSE'") == before
    assert [row["state"] for row in await rows(SUBJECT)] == ["OK"]


async def test_a_breach_at_rest_is_kept_when_nothing_is_promised_any_more(
    watched: Watched,
) -> None:
    await watched.go_by(RESPONDING.replace("60m", "20m"))
    await watched.send("10:00", "NEW")
    await watched.look("10:30")
    await watched.send("10:30", "OPEN")
    await watched.look("10:31")
    await watched.go_by(POLICY)
    await watched.look("10:32")
    kinds = await rows("SELECT kind FROM sla_clock ORDER BY kind")
    assert [row["kind"] for row in kinds] == ["RESOLUTION", "RESPONSE"]
    assert [row["state"] for row in await rows(SUBJECT)] == ["BREACH"]


async def test_clocks_that_run_are_dropped_when_nothing_is_promised_any_more(
    watched: Watched,
) -> None:
    for key in ("T-1", "T-2"):
        await watched.send("10:00", "NEW", key=key)
    await watched.look("10:01")
    await watched.go_by(
        POLICY.replace("priority: [P1]}\n    resolution", "tier: [GOLD]}\n    resolution")
    )
    await watched.look("10:02")
    assert await rows("SELECT id FROM sla_clock") == []
    assert [row["state"] for row in await rows(SUBJECT)] == [None, None]


async def test_what_will_be_resolved_is_not_at_rest_before(watched: Watched) -> None:
    # given an update by a clock that is ahead of ours
    await watched.send("10:00", "NEW")
    await watched.send("13:00", "RESOLVED")
    await watched.look("10:01")
    assert [bool(row["is_at_rest"]) for row in await rows(SUBJECT)] == [False]

    # then a policy that it has breached until then reaches it
    await watched.go_by(POLICY.replace("target: 240m", "target: 90m"))
    await watched.look("12:00", "13:00")
    assert await raised() == [("BREACH", "11:30", "12:00", 1)]
    assert [bool(row["is_at_rest"]) for row in await rows(SUBJECT)] == [True]


async def test_what_will_be_measured_is_looked_at_when_it_begins(watched: Watched) -> None:
    await watched.send("10:00", "NEW", "P5")
    await watched.send("13:30", "NEW", "P1")
    await watched.look("10:01")
    assert await rows("SELECT id FROM sla_clock") == []
    await watched.minutely("13:25", "17:30")
    assert await raised() == [("ALERT", "16:54", "16:54", 1), ("BREACH", "17:30", "17:30", 2)]
