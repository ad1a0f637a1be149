"""A process that writes to the event log: ``python -m tests.models.writing``.

Arguments: the database (as JSON), a name for the writer, and how many commits.
"""

import asyncio
import sys
from contextlib import suppress
from functools import partial

from domain.events.entry import NewEntry, SyncEventKind, Topic
from models.database import DatabaseAt, opened
from models.transaction import Transaction, commit
from tests.clock import Clock
from tests.operations.sync.dying import at_of


class TakenBackError(Exception):
    """A writer that changes its mind."""


async def write_all(name: str, commits: int) -> None:
    """Commit entries named ``name 0`` …; every tenth transaction is taken back first."""
    now = Clock().now()

    async def write(tx: Transaction, number: int, *, is_taken_back: bool) -> None:
        tx.tell(
            NewEntry(
                topic=Topic.SYNC,
                kind=SyncEventKind.PAGE_DONE,
                occurred_at=now,
                message=f"{name} {number}",
            )
        )
        if is_taken_back:
            await tx.flush()
            raise TakenBackError

    for number in range(commits):
        if number % 10 == 0:
            with suppress(TakenBackError):
                await commit(partial(write, number=number, is_taken_back=True))
        await commit(partial(write, number=number, is_taken_back=False))


async def _main(at: DatabaseAt, name: str, commits: int) -> None:
    async with opened(at):
        await write_all(name, commits)


if __name__ == "__main__":
    asyncio.run(_main(at_of(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
