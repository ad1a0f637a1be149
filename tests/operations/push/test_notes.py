"""A note whose answer was lost is there once, however late it is looked for (rule K2)."""

from datetime import timedelta

import pytest

from adapters.contract import Vendor
from adapters.exchange import CommentAsk, Failed
from domain.inbound import InboundNote
from domain.records import Owner
from models.reads.statement import rows
from operations.incidents.comment import AddNote, add_note
from operations.integrations.ownership import SetFieldOwnership, set_field_ownership
from operations.sync.retry_dead_letter import RetryDeadLetter, retry_dead_letter
from simulators.jira import adf
from simulators.misfortune import Fault, Kind
from tests.operations.push.pair import Pair
from tests.world import ADMIN, Pages

LATE = timedelta(minutes=11)


@pytest.fixture
async def noted(at_jira: Pair) -> Pair:
    """The incident at Jira, which takes notes from here."""
    world = at_jira.world
    ask = SetFieldOwnership(
        integration_id=world.integration_id, field="notes", owner=Owner.PLATFORM
    )
    await set_field_ownership(world.runtime, ADMIN, ask)
    return at_jira


def fail(pair: Pair, kind: Kind) -> None:
    """Let the next comment, or its answer, come to nothing."""
    assert pair.world.jira is not None
    fault = Fault(kind=kind, status=503, method="POST", path="/rest/api/3/issue")
    pair.world.jira.misfortunes.push(fault)


async def add(pair: Pair, key: str) -> None:
    """Write a note, always in the same words."""
    ask = AddNote(incident_id=(await pair.ours())["id"], body="rebooted", key=key)
    await add_note(pair.world.runtime, ADMIN, ask)


def there(pair: Pair) -> list[str]:
    """Return the ids of the notes that the vendor has."""
    site = pair.world.jira
    assert site is not None
    found = site.records.store.children("comment", int(site.issue(pair.number)["id"]))
    assert {adf.plain(one["body"]).rstrip() for one in found} == {"rebooted"}
    return [str(one["id"]) for one in found]


async def known() -> list[str]:
    """Return the ids under which our notes are there, in the order in which we wrote them."""
    found = await rows(
        "SELECT c.external_id FROM note n JOIN note_copy c ON c.note_id = n.id ORDER BY n.id"
    )
    return [row["external_id"] for row in found]


async def test_one_whose_answer_was_lost_is_found_after_more_than_ten_minutes(
    noted: Pair,
) -> None:
    fail(noted, Kind.LOST)
    await add(noted, "first")
    assert await noted.push() == 0
    assert len(there(noted)) == 1

    assert await noted.push(after=LATE) == 1

    assert await known() == there(noted)
    (write,) = await noted.writes()
    assert write["state"] == "DONE"


async def test_one_that_never_arrived_is_not_taken_for_another_in_the_same_words(
    noted: Pair,
) -> None:
    # given a note that has arrived, and a second in its words that has not
    await add(noted, "first")
    assert await noted.push() == 1
    fail(noted, Kind.ERROR)
    await add(noted, "second")
    assert await noted.push() == 0
    assert len(there(noted)) == 1

    # when it is tried again, then both are there
    assert await noted.push(after=LATE) == 1
    assert await known() == there(noted)
    assert len(there(noted)) == 2


async def test_one_in_the_words_of_an_old_note_of_our_account_is_written(noted: Pair) -> None:
    # given words that a person wrote there by our account long ago
    assert noted.world.jira is not None
    noted.world.jira.comment(noted.number, "rebooted")
    noted.world.clock.move(minutes=30)

    # when our note in the same words is tried twice
    fail(noted, Kind.ERROR)
    await add(noted, "first")
    assert await noted.push() == 0
    assert await noted.push(after=LATE) == 1

    # then it is there too
    old, ours = there(noted)
    assert await known() == [ours]
    assert old != ours


class Dies(Pages):
    """A vendor that takes a note, and whose worker does not live to hear it."""

    def __init__(self, vendor: Vendor) -> None:
        super().__init__(vendor, 500)
        self._comment = vendor.comment
        self.comment = self._die

    async def _die(self, ask: CommentAsk) -> InboundNote | Failed:
        await self._comment(ask)
        raise KilledError


class KilledError(Exception):
    """The worker's end."""


async def test_one_whose_worker_died_is_looked_for_even_after_a_look_that_was_refused(
    noted: Pair,
) -> None:
    # given a note that has arrived, and a worker that did not live to know
    noted.world.stand_between(Dies)
    await add(noted, "one")
    with pytest.raises(ExceptionGroup):
        await noted.push()
    assert len(there(noted)) == 1

    # when the next worker is told that it asks too often
    noted.world.stand_between(lambda vendor: vendor)
    site = noted.world.jira
    assert site is not None
    site.misfortunes.push(Fault(kind=Kind.THROTTLED, path="/rest/api/3"))
    assert await noted.push(after=timedelta(seconds=61)) == 0
    (write,) = await noted.writes()
    assert (write["state"], write["attempt"]) == ("READY", 0)

    # then the one after it still knows that it may be there
    await noted.push(after=timedelta(minutes=10))
    assert await known() == there(noted)
    assert len(there(noted)) == 1


async def test_one_that_may_have_arrived_before_it_was_dead_is_looked_for_when_retried(
    noted: Pair,
) -> None:
    # given a note that has arrived, and a vendor that answers nothing more until it is dead
    site = noted.world.jira
    assert site is not None
    fail(noted, Kind.LOST)
    await add(noted, "one")
    await noted.push()
    site.misfortunes.push(Fault(kind=Kind.ERROR, status=503, path="/rest/api/3", times=None))
    for seconds in (30, 120, 480, 1800):
        await noted.push(after=timedelta(seconds=seconds))
    (write,) = await noted.writes()
    assert write["state"] == "DEAD"

    # when it is sent again
    site.misfortunes.clear()
    ask = RetryDeadLetter(id=write["id"])
    await retry_dead_letter(noted.world.runtime, ADMIN, ask)
    assert await noted.push(after=timedelta(seconds=1)) == 1

    # then it is there once
    assert await known() == there(noted)
    assert len(there(noted)) == 1
