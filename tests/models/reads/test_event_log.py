"""The event log as it is read back."""

from models.database import DatabaseAt
from models.reads.event_log import entries_after, head
from tests import given
from tests.database import EPOCH


async def test_an_empty_log_has_a_head(database: DatabaseAt) -> None:  # noqa: ARG001 — it has to be open
    found = await head()
    assert (found.epoch, found.newest, found.oldest) == (EPOCH, 0, 1)


async def test_entries_come_in_order_and_no_more_than_asked(database: DatabaseAt) -> None:  # noqa: ARG001 — it has to be open
    entry = given.about(await given.incident(), edits=["e1", "e2"])
    for _ in range(3):
        await given.told(entry)
    assert [one.number for one in await entries_after(0, limit=2)] == [1, 2]
    (last,) = await entries_after(2, limit=2)
    assert (last.number, last.topic, last.kind) == (3, entry.topic, entry.kind)
    assert (last.record_id, last.edit_ids) == (entry.record_id, ("e1", "e2"))
    assert last.occurred_at == given.NOW
    assert (await head()).newest == 3
