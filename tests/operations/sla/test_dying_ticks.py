"""A watcher that dies at any statement leaves nothing half done, and the next does the rest."""

from collections.abc import Iterator

import pytest

from models.transaction import Transaction, commit
from operations.sla.tick import evaluate_due
from tests.mortal import Fate, living, mortality
from tests.operations.sla.stored import emptied, kept
from tests.operations.sla.watched import POLICY, Watched

# The next policy shortens the one promise, and takes back the other.
_BEFORE = POLICY
_AFTER = POLICY.replace("240m", "218m").replace("priority: [P2]", "tier: [GOLD]")


@pytest.fixture(autouse=True)
def _mortals(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    # Several transactions for a few tickets.
    monkeypatch.setattr("operations.sla.tick.BATCH", 4)
    with mortality():
        yield


async def _everything_is_due(watched: Watched) -> None:
    """Let there be something to do for every statement of a tick."""
    await emptied()
    watched.world.start("worker")
    watched.clock.at = watched.clock.at.replace(hour=10, minute=0)
    await watched.go_by(_BEFORE)
    for key in ("breaches", "pauses", "is deleted"):
        await watched.send("10:00", "NEW", key=key)
    for key in ("is dropped", "is dropped too"):
        await watched.send("10:00", "NEW", "P2", key=key)
    await watched.look("10:01", "13:24")
    watched.clock.move(minutes=1)
    await watched.send("13:25", "PENDING", key="pauses")
    await watched.send("13:25", "NEW", key="is new")
    await commit(_delete)
    watched.clock.move(minutes=13)
    await watched.go_by(_AFTER)


async def _delete(tx: Transaction) -> None:
    await tx.rows("UPDATE ticket SET deleted_at = 1 WHERE source_id = 'is deleted' RETURNING id")
    await tx.rows(
        """
        UPDATE sla_subject SET look_at = 0 WHERE id IN (SELECT id FROM ticket WHERE deleted_at = 1)
        RETURNING id
        """
    )


async def test_a_tick_that_dies_at_any_statement_is_made_good_by_the_next(
    watched: Watched,
) -> None:
    # given what comes of a tick that nothing disturbs
    await _everything_is_due(watched)
    undisturbed = Fate()
    assert await living(evaluate_due(watched.runtime), undisturbed)
    expected = await kept()
    raised = {(row["source_id"], row["level"], row["is_suppressed"]) for row in expected["alerts"]}
    assert {("breaches", "BREACH", False), ("pauses", "ALERT", True)} <= raised
    assert {row["source_id"] for row in expected["clocks"]} == {"breaches", "pauses", "is new"}

    # when watchers die one after the other, each a moment later than the one before
    await _everything_is_due(watched)
    states, deaths, dies_at = [await kept()], 0, 1
    while not await living(evaluate_due(watched.world.start("next")), Fate(dies_at=dies_at)):
        deaths += 1
        dies_at += 1
        found = await kept()
        if found != states[-1]:
            # this one had committed something: the next begins with the rest
            states.append(found)
            dies_at = 1

    # then each has left all or nothing of a transaction, and in the end it is as if undisturbed
    assert deaths >= undisturbed.passed
    assert len(states) == 3
    assert await kept() == states[-1] == expected
