"""What cannot be measured is set aside, and all else is looked at in time."""

import pytest
from structlog.testing import capture_logs

from models.reads.statement import rows
from models.transaction import Transaction, commit
from operations.sla.tick import evaluate_due
from tests.operations.sla.watched import POLICY, Watched, alerts

KEYS = ("a", "b", "c", "d", "e")


async def step_is(status: str, key: str = "c") -> None:
    """Let the past of a ticket be of a status, as if another program had written it."""

    async def write(tx: Transaction) -> None:
        await tx.rows(
            """
            UPDATE ticket_step SET status = $1
            WHERE ticket_id = (SELECT id FROM ticket WHERE source_id = $2) RETURNING id
            """,
            status,
            key,
        )

    await commit(write)


async def alerted() -> list[str]:
    found = await rows(
        """
        SELECT t.source_id FROM alert a JOIN ticket t ON t.id = a.subject_id
        ORDER BY t.source_id
        """
    )
    return [row["source_id"] for row in found]


async def aside() -> dict[str, str]:
    """Return why tickets are set aside, by their keys."""
    found = await rows(
        """
        SELECT t.source_id, f.error FROM sla_fault f JOIN ticket t ON t.id = f.subject_id
        """
    )
    return {row["source_id"]: row["error"] for row in found}


@pytest.fixture
async def spoilt(watched: Watched) -> Watched:
    """Five tickets that come close to their targets, of which the third has an unknown past."""
    for key in KEYS:
        await watched.send("10:00", "NEW", key=key)
    await watched.look("10:01")
    await step_is("LIMBO")
    return watched


async def test_one_that_cannot_be_measured_keeps_no_other_from_its_alert(spoilt: Watched) -> None:
    with capture_logs() as logged:
        await spoilt.look("13:24")
    assert await alerted() == ["a", "b", "d", "e"]
    (fault,) = (await aside()).items()
    assert fault == ("c", "ValueError: 'LIMBO' is not a valid TicketStatus")
    (told,) = [one for one in logged if one["event"] == "clocks_not_measured"]
    (third,) = await rows("SELECT id FROM ticket WHERE source_id = 'c'")
    assert (told["log_level"], told["ticket_id"]) == ("error", third["id"])


async def test_it_is_looked_at_again_after_an_hour_and_then_its_alert_comes_late(
    spoilt: Watched,
) -> None:
    await spoilt.look("13:24")
    await step_is("NEW")
    await spoilt.look("14:23")
    assert "c" not in await alerted()
    await spoilt.look("14:24")
    assert "c" in await alerted()
    assert await aside() == {}
    late = (await alerts())[-1]
    assert (late["level"], late["raised_at"] - late["crossed_at"]) == ("BREACH", 24 * 60_000)


async def test_it_is_looked_at_again_as_soon_as_it_changes(spoilt: Watched) -> None:
    await spoilt.look("13:24")
    await step_is("NEW")
    spoilt.clock.move(minutes=1)
    await spoilt.send("13:25", "OPEN", key="c")
    await evaluate_due(spoilt.runtime)
    assert "c" in await alerted()


@pytest.mark.parametrize("batch", [1, 2, 3, 500])
async def test_a_walk_for_another_policy_goes_on_behind_it(
    spoilt: Watched, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr("operations.sla.tick.BATCH", batch)
    await spoilt.go_by(POLICY.replace("240m", "200m"))
    await spoilt.look("13:00")
    assert await alerted() == ["a", "b", "d", "e"]
    assert list(await aside()) == ["c"]
    (schedule,) = await rows("SELECT walk_after FROM schedule WHERE name = 'sla'")
    assert schedule["walk_after"] is None


async def test_several_of_them_are_set_aside_one_by_one(spoilt: Watched) -> None:
    for key in ("a", "e"):
        await step_is("LIMBO", key)
    await spoilt.look("13:24")
    assert await alerted() == ["b", "d"]
    assert sorted(await aside()) == ["a", "c", "e"]


async def test_what_is_wrong_with_no_subject_ends_the_round(spoilt: Watched) -> None:
    async def forget(tx: Transaction) -> None:
        await tx.rows("DELETE FROM event_head RETURNING id")

    await step_is("NEW")
    await commit(forget)
    with pytest.raises(ValueError, match="no head row"):
        await spoilt.look("13:24")
    assert await aside() == {}
