"""Changes that a record shows and nothing told with it: the vendor's history has them."""

from datetime import timedelta
from typing import Any

import pytest

from models.coding import to_milliseconds
from models.database import DatabaseAt
from models.reads.statement import rows
from operations.incidents.edit import EditIncident, edit_incident
from simulators.misfortune import Fault, Kind
from tests.operations.conflicts.quarrel import Quarrel, beginning
from tests.operations.sync.jira_mail import deliver, subscribed
from tests.postbox import Postbox
from tests.world import ADMIN

HISTORY = "/rest/api/3/changelog/bulkfetch"


@pytest.fixture
async def calm(database: DatabaseAt) -> Quarrel:
    """An incident of which both sides hold the same, a."""
    return await beginning(database)


async def edits(field: str) -> list[tuple[str, int]]:
    """Return the values that a field was given at the vendor, and when."""
    found = await rows(
        'SELECT "after", at FROM edit WHERE integration_id IS NOT NULL AND field = $1 ORDER BY id',
        field,
    )
    return [(row["after"], row["at"]) for row in found]


def now(calm: Quarrel) -> int:
    return to_milliseconds(calm.world.clock.now())


def edit_unheard(calm: Quarrel) -> int:
    """Let somebody there give a title b that nothing tells of; return when, ten seconds later."""
    assert calm.world.jira is not None
    calm.world.clock.move(seconds=30)
    calm.world.jira.edit(calm.key, {"summary": "b"})
    edited_at = now(calm)
    calm.world.clock.move(seconds=10)
    return edited_at


async def lose_one(calm: Quarrel, box: Postbox, *fields: dict[str, Any]) -> None:
    """Let people there edit one after the other; only of the last the vendor's webhook comes."""
    jira = calm.world.jira
    assert jira is not None
    for one in fields:
        jira.edit(calm.key, one)
    await jira.webhook.send()
    *_, last = box.take()
    await deliver(calm.world, last)


async def test_of_a_lost_webhook_the_history_tells_when_it_was(calm: Quarrel) -> None:
    box = await subscribed(calm.world)
    edited_at = edit_unheard(calm)
    await lose_one(calm, box, {"labels": ["mail"]})
    assert await edits("title") == [('"b"', edited_at)]
    assert await edits("labels") == [('["mail"]', now(calm))]


async def test_a_webhook_that_tells_all_there_is_is_not_read(calm: Quarrel) -> None:
    box = await subscribed(calm.world)
    calm.world.clock.move(seconds=30)
    await lose_one(calm, box, {"summary": "b"})
    assert calm.world.jira is not None
    before = dict(calm.world.jira.served)
    calm.world.clock.move(seconds=30)
    await lose_one(calm, box, {"summary": "c"})
    assert [value for value, _ in await edits("title")] == ['"b"', '"c"']
    assert dict(calm.world.jira.served) == before


async def test_of_what_an_answer_shows_too(calm: Quarrel) -> None:
    edited_at = edit_unheard(calm)

    # when a field of ours, which needs no look, is written
    await severe(calm)
    assert await calm.push() == 1

    # then the edit is known as it was made, and told but once
    assert await edits("title") == [('"b"', edited_at)]
    await calm.sync()
    assert await edits("title") == [('"b"', edited_at)]


async def test_where_the_history_cannot_be_read_the_write_is_looked_for(calm: Quarrel) -> None:
    edited_at = edit_unheard(calm)
    fault = Fault(kind=Kind.ERROR, status=503, path=HISTORY)
    assert calm.world.jira is not None
    calm.world.jira.misfortunes.push(fault)
    await severe(calm)
    assert await calm.push() == 0
    (write,) = await rows("SELECT state, code FROM outbox")
    assert (write["state"], write["code"]) == ("READY", "VENDOR_ERROR")

    # when it is tried again
    calm.world.clock.move(seconds=timedelta(minutes=1).total_seconds())
    await calm.push()

    # then it is found to have arrived, and nothing was lost
    (write,) = await rows("SELECT state, code FROM outbox")
    assert (write["state"], write["code"]) == ("DROPPED", "SKIPPED_EQUAL")
    assert (await calm.ours())["severity"] == "SEV1"
    assert await edits("title") == [('"b"', edited_at)]
    told = await rows("SELECT reason FROM edit WHERE source = 'PULL' AND field = 'severity'")
    assert [one["reason"] for one in told] == ["ECHO"]


@pytest.mark.parametrize("is_answer", [False, True], ids=["webhook", "answer"])
async def test_what_is_only_taken_may_wait_and_is_kept_once(
    calm: Quarrel, *, is_answer: bool
) -> None:
    # given a field that the vendor does not take, changed within a second with another
    box = await subscribed(calm.world)
    assert calm.world.jira is not None
    calm.world.clock.move(seconds=30)
    due = {"duedate": "2026-03-09"}
    if is_answer:
        calm.world.jira.edit(calm.key, due)
        await severe(calm)
        await calm.push()
    else:
        await lose_one(calm, box, due, {"labels": ["mail"]})
    assert [value for value, _ in await edits("duedate")] == ['"2026-03-09"']

    # when the history tells of it
    await calm.sync()

    # then that is the same edit
    assert [value for value, _ in await edits("duedate")] == ['"2026-03-09"']


async def test_what_was_changed_and_changed_back_within_a_second_is_kept(calm: Quarrel) -> None:
    assert calm.world.jira is not None
    calm.world.clock.move(seconds=30)
    for title in ("b", "a"):
        calm.world.jira.edit(calm.key, {"summary": title})
    calm.world.clock.move(seconds=30)
    await calm.sync()
    assert [value for value, _ in await edits("title")] == ['"b"', '"a"']


async def severe(calm: Quarrel) -> None:
    """Raise the severity here: the platform owns it."""
    ask = EditIncident(incident_id=(await calm.ours())["id"], fields={"severity": "SEV1"})
    await edit_incident(calm.world.runtime, ADMIN, ask)
