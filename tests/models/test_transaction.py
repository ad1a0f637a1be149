"""All of a piece of work or nothing, and a log whose numbers are the order of commits."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from domain.errors import StorageFull
from domain.events.entry import NewEntry, SyncEventKind, Topic
from models.database import DatabaseAt
from models.reads.statement import rows
from models.transaction import Transaction, commit
from tests.clock import Clock
from tests.models.writing import write_all
from tests.operations.sync.dying import address

_PROCESSES, _COMMITS = 4, 200
pytestmark = pytest.mark.usefixtures("database")


def entry(message: str) -> NewEntry:
    return NewEntry(
        topic=Topic.SYNC,
        kind=SyncEventKind.PAGE_DONE,
        occurred_at=Clock().now(),
        message=message,
    )


def told(message: str) -> Callable[[Transaction], Awaitable[None]]:
    async def write(tx: Transaction) -> None:
        tx.tell(entry(message))

    return write


async def log() -> list[tuple[int, str]]:
    found = await rows("SELECT number, message FROM event_log ORDER BY number")
    return [(row["number"], row["message"]) for row in found]


async def newest() -> int:
    (head,) = await rows("SELECT newest FROM event_head")
    return int(head["newest"])


async def test_what_raises_leaves_nothing_behind() -> None:
    async def write(tx: Transaction) -> None:
        tx.tell(entry("never"))
        await tx.flush()
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await commit(write)
    assert (await log(), await newest()) == ([], 0)


async def test_facts_are_told_in_the_order_of_the_calls() -> None:
    async def write(tx: Transaction) -> None:
        for word in ("a", "b", "c"):
            tx.tell(entry(word))

    await commit(write)
    assert await log() == [(1, "a"), (2, "b"), (3, "c")]


async def test_a_cancelled_caller_gets_its_work_whole() -> None:
    # given work that is half done when its caller is cancelled
    is_half, may_go_on = asyncio.Event(), asyncio.Event()

    async def write(tx: Transaction) -> None:
        tx.tell(entry("first"))
        await tx.rows("UPDATE event_head SET epoch = 'e2' WHERE id = 1 RETURNING id")
        is_half.set()
        await may_go_on.wait()

    caller = asyncio.create_task(commit(write))
    await is_half.wait()
    caller.cancel()
    may_go_on.set()

    # then the caller learns of it after the commit, and the connection still works
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert await log() == [(1, "first")]
    await commit(told("later"))
    assert await log() == [(1, "first"), (2, "later")]


async def test_readers_never_meet_a_number_out_of_order_while_tasks_write() -> None:
    writing = [asyncio.create_task(write_all(f"task{n}", 40)) for n in range(4)]
    seen: list[int] = []
    async for batch in _tail(asyncio.gather(*writing)):
        seen += batch
    assert seen == list(range(1, 161)) == [number for number, _ in await log()]
    assert await newest() == 160


async def test_four_processes_write_without_holes_and_without_finding_the_database_locked(
    database: DatabaseAt,
) -> None:
    processes = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.models.writing"),
            *(address(database), f"writer{number}", str(_COMMITS)),
            stderr=asyncio.subprocess.PIPE,
        )
        for number in range(_PROCESSES)
    ]
    ending = asyncio.gather(*(process.communicate() for process in processes))
    seen: list[int] = []
    async for batch in _tail(ending):
        seen += batch

    assert [error.decode() for _, error in await ending] == [""] * _PROCESSES
    assert [process.returncode for process in processes] == [0] * _PROCESSES
    assert seen == list(range(1, _PROCESSES * _COMMITS + 1))
    words = [message.split() for _, message in await log()]
    for number in range(_PROCESSES):
        own = [int(count) for writer, count in words if writer == f"writer{number}"]
        assert own == list(range(_COMMITS))


async def _tail(until: "asyncio.Future[Any]") -> AsyncIterator[list[int]]:
    """Read the log past a cursor, as a subscriber does, until the writers have ended."""
    cursor, is_over = 0, False
    while True:
        found = await rows("SELECT number FROM event_log WHERE number > $1 ORDER BY number", cursor)
        if found:
            cursor = found[-1]["number"]
            yield [row["number"] for row in found]
        elif is_over:
            return
        is_over = until.done()
        await asyncio.wait({asyncio.ensure_future(until)}, timeout=0.005)


@pytest.mark.parametrize("database_at", ["sqlite"], indirect=True)
async def test_a_full_disk_is_named_nothing_is_written_and_room_heals() -> None:
    async def limit(pages: int) -> None:
        async def write(tx: Transaction) -> None:
            await tx.rows(f"PRAGMA max_page_count = {pages}")

        await commit(write)

    async def write(tx: Transaction) -> None:
        for number in range(200):
            tx.tell(entry(f"{number}" * 500))

    await limit(1)
    with pytest.raises(StorageFull):
        await commit(write)
    assert (await log(), await newest()) == ([], 0)

    await limit(1_000_000)
    await commit(write)
    assert await newest() == 200
