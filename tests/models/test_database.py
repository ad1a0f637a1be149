"""How the database is opened."""

import asyncio
import sqlite3
import sys

import pytest
from tortoise.exceptions import OperationalError

from domain.events.entry import NewEntry, SyncEventKind, Topic
from models.database import DatabaseAt, PostgresAt, SqliteAt, opened
from models.reads.statement import rows
from models.transaction import Transaction, commit
from tests import given


async def test_reads_see_the_last_commit_and_wait_for_nobody(database: DatabaseAt) -> None:
    assert database
    is_written, may_commit = asyncio.Event(), asyncio.Event()

    async def write(tx: Transaction) -> None:
        await tx.rows("UPDATE event_head SET epoch = 'new' WHERE id = 1 RETURNING id")
        is_written.set()
        await may_commit.wait()

    writing = asyncio.create_task(commit(write))
    await is_written.wait()
    assert [row["epoch"] for row in await rows("SELECT epoch FROM event_head")] == ["e1"]
    may_commit.set()
    await writing
    assert [row["epoch"] for row in await rows("SELECT epoch FROM event_head")] == ["new"]


@pytest.mark.parametrize("database_at", ["sqlite"], indirect=True)
async def test_reads_cannot_write(database: DatabaseAt) -> None:
    assert database
    with pytest.raises(OperationalError, match="readonly"):
        await rows("DELETE FROM event_log")


@pytest.mark.parametrize("database_at", ["sqlite"], indirect=True)
async def test_a_commit_survives_a_power_cut_and_rows_keep_what_they_refer_to(
    database_at: DatabaseAt,
) -> None:
    assert isinstance(database_at, SqliteAt)

    async def pragma(tx: Transaction, name: str) -> object:
        return next(iter((await tx.rows(f"PRAGMA {name}"))[0].values()))

    async def read(tx: Transaction) -> list[object]:
        return [await pragma(tx, name) for name in ("synchronous", "foreign_keys", "busy_timeout")]

    async with opened(database_at):
        assert await commit(read) == [2, 1, 5000]
    with sqlite3.connect(database_at.path) as file:
        assert file.execute("PRAGMA journal_mode").fetchone() == ("wal",)


@pytest.mark.parametrize("database_at", ["sqlite"], indirect=True)
async def test_a_writer_waits_for_another_process(database: DatabaseAt) -> None:
    # given a process that holds the write lock until its standard input ends
    assert isinstance(database, SqliteAt)
    program = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None);"
        "c.execute('BEGIN IMMEDIATE'); print('held', flush=True); sys.stdin.read();"
        "c.execute('COMMIT')"
    )
    other = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", program, str(database.path)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert other.stdout is not None
    assert other.stdin is not None
    assert await other.stdout.readline() == b"held\n"

    # when we write meanwhile, then reads go on, and the write follows
    writing = asyncio.create_task(commit(_tell))
    assert await rows("SELECT * FROM event_log") == []
    assert not writing.done()
    other.stdin.close()
    await writing
    assert len(await rows("SELECT * FROM event_log")) == 1
    assert await other.wait() == 0


async def _tell(tx: Transaction) -> None:
    kind, at = SyncEventKind.PAGE_DONE, given.NOW
    tx.tell(NewEntry(topic=Topic.SYNC, kind=kind, occurred_at=at))


def test_a_password_is_not_in_what_is_shown_of_an_address() -> None:
    at = PostgresAt(host="db", port=5432, name="n", user="u", password="secret")  # noqa: S106 — made up
    assert "secret" not in repr(at)
