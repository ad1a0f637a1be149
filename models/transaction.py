"""The one way to write: all of a piece of work, or nothing of it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.exceptions import OperationalError
from tortoise.transactions import in_transaction

from domain.errors import StorageFull
from domain.events.entry import NewEntry, RecordEventKind, Topic
from models import bulk, dialect
from models.coding import dumps, to_milliseconds

T = TypeVar("T")

# What service levels measure, and when something of it is looked at that has changed.
_MEASURED = frozenset({Topic.TICKET, Topic.INCIDENT})
AT_ONCE = 0

_COLUMNS = (
    "number",
    "topic",
    "kind",
    "occurred_at",
    "integration_id",
    "record_id",
    "run_id",
    "edit_ids",
    "changed",
    "message",
)


class Transaction:
    """An open transaction: raw statements, and the facts to tell when it commits.

    Tortoise models used inside of the same task take part in it too.
    """

    def __init__(self, connection: BaseDBAsyncClient) -> None:
        """Wrap the connection that Tortoise has begun the transaction on."""
        self._connection = connection
        self._entries: list[NewEntry] = []

    def one_of(self, column: str, place: str) -> str:
        """Return a condition: the column is one of a JSON list given as ``place``."""
        return dialect.one_of(self._connection, column, place)

    @property
    def for_update(self) -> str:
        """The words that lock the rows of a SELECT until the commit."""
        return dialect.for_update(self._connection)

    def skip_locked_of(self, alias: str) -> str:
        """Return the words that lock a table's rows and pass over those that others hold."""
        return dialect.skip_locked(self._connection, alias)

    async def alone(self, what: str) -> None:
        """Wait until no other transaction does ``what``, and keep others out until the commit."""
        await self.rows(dialect.alone(self._connection), what)

    def tell(self, entry: NewEntry) -> None:
        """Put a fact into the event log, in the order of the calls."""
        self._entries.append(entry)

    async def rows(self, sql: str, *values: object) -> list[dict[str, Any]]:
        """Return the rows of a statement with ``$1`` … in it."""
        return await bulk.rows(self._connection, sql, values)

    async def insert(self, table: str, rows: Sequence[dict[str, object]]) -> None:
        """Insert rows of equal columns, which may be none."""
        if rows:
            await bulk.insert(self._connection, table, rows)

    async def upsert(
        self,
        table: str,
        rows: Sequence[dict[str, object]],
        *,
        key: Sequence[str],
        guard: str = "",
        overwrite: bool = True,
    ) -> None:
        """Insert rows of equal columns, or overwrite those that have the same key."""
        await bulk.upsert(self._connection, table, rows, key=key, guard=guard, overwrite=overwrite)

    async def flush(self) -> None:
        """Write the facts. The head row is the last lock taken before the commit.

        Its lock lasts until the commit, so the order of numbers is the order of
        commits, without holes (rule E2).
        """
        if not self._entries:
            return
        await self._mark()
        head = await self.rows(
            "UPDATE event_head SET newest = newest + $1 WHERE id = 1 RETURNING newest",
            len(self._entries),
        )
        if not head:
            raise ValueError("the event log has no head row; run `im migrate`")
        first = head[0]["newest"] - len(self._entries) + 1
        lines = [
            dict(
                zip(
                    _COLUMNS,
                    (
                        first + place,
                        entry.topic,
                        entry.kind,
                        to_milliseconds(entry.occurred_at),
                        entry.integration_id,
                        entry.record_id,
                        entry.run_id,
                        dumps(entry.edit_ids),
                        dumps(entry.changed),
                        entry.message,
                    ),
                    strict=True,
                )
            )
            for place, entry in enumerate(self._entries)
        ]
        await bulk.insert(self._connection, "event_log", lines)

    async def _mark(self) -> None:
        """Have the clocks looked at of each ticket and incident that is told to have changed.

        In the order of ids, as all lock them. Cost: one statement, an index probe a record.
        """
        subjects = {
            entry.record_id: entry.topic
            for entry in self._entries
            if entry.topic in _MEASURED
            and entry.record_id is not None
            and entry.kind != RecordEventKind.NOTE_ADDED
        }
        lines: list[dict[str, object]] = [
            {"id": record_id, "kind": subjects[record_id], "look_at": AT_ONCE}
            for record_id in sorted(subjects)
        ]
        await self.upsert("sla_subject", lines, key=("id",))


async def commit(work: Callable[[Transaction], Awaitable[T]]) -> T:
    """Run ``work`` in a transaction and commit it; raise what it raises, undone.

    The transaction is a task of its own that no cancellation reaches: cancelling
    Tortoise while it enters or leaves a transaction would hang the connection.
    A caller that is cancelled waits for the end of the transaction first.
    Raises StorageFull when the disk is full.
    """

    async def run() -> T:
        try:
            async with in_transaction("default") as connection:
                transaction = Transaction(connection)
                result = await work(transaction)
                await transaction.flush()
                return result
        except OperationalError as error:
            if dialect.is_full(error):
                raise StorageFull("the database has no room; free disk space") from error
            raise

    task = asyncio.create_task(run())
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        raise
