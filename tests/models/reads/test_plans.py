"""How the databases answer: by an index in the order asked for, never by reading a table."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from itertools import pairwise
from random import Random
from typing import Any, Final

import pytest
from tortoise.backends.base.client import BaseDBAsyncClient

from domain.records import ENDED, IncidentStatus, Severity
from models import bulk
from models.database import DatabaseAt, SqliteAt
from models.reads.incident_page import (
    EVERYTHING,
    IncidentFilter,
    IncidentOrderField,
    incident_page,
)
from models.reads.keyset import Keyset
from models.reads.overview import incident_counts
from models.reads.scope import Scope
from tests import given
from tests.bench.seed import key, seed

# Enough for PostgreSQL to find an index worth its while; SQLite plans without counting.
INCIDENTS: Final = {True: 50, False: 5_000}
EVERYWHERE: Final = Scope(keys=None)
SCOPED: Final = Scope(keys=frozenset({"prod-snow"}))
OPEN: Final = frozenset(IncidentStatus) - ENDED
WEEK: Final = timedelta(days=7)

Plan = Callable[[Callable[[], Awaitable[object]]], Awaitable[list[str]]]


@pytest.fixture
async def plan(database: DatabaseAt, monkeypatch: pytest.MonkeyPatch) -> Plan:
    """Explains the statements of a read over a database with some work in it."""
    is_sqlite = isinstance(database, SqliteAt)
    await seed(INCIDENTS[is_sqlite], now=given.NOW, chance=Random(1))  # noqa: S311 — the same work each time
    words = "EXPLAIN QUERY PLAN" if is_sqlite else "EXPLAIN"
    run = bulk.rows
    lines: list[str] = []

    async def explained(
        connection: BaseDBAsyncClient, sql: str, values: Sequence[object]
    ) -> list[dict[str, Any]]:
        steps = await run(connection, f"{words} {sql}", values)
        lines.extend(str(step["detail" if is_sqlite else "QUERY PLAN"]) for step in steps)
        return await run(connection, sql, values)

    async def of(read: Callable[[], Awaitable[object]]) -> list[str]:
        lines.clear()
        await read()
        return list(lines)

    monkeypatch.setattr(bulk, "rows", explained)
    return of


def whole_tables(lines: Sequence[str]) -> list[str]:
    """Return the lines of a plan that read all incidents, or sort what they read of them.

    A walk has been cut to a page's length already: sorting that is no matter.
    """
    return [
        line
        for before, line in pairwise(["", *lines])
        if "Seq Scan on incident i" in line
        or line == "SCAN i"
        or (line.startswith("USE TEMP B-TREE FOR ORDER BY") and before != "SCAN walk")
    ]


@pytest.mark.parametrize("scope", [EVERYWHERE, SCOPED], ids=["everywhere", "scoped"])
async def test_each_order_is_read_from_its_index(plan: Plan, scope: Scope) -> None:
    for order in IncidentOrderField:
        for is_descending in (True, False):
            keyset = Keyset(limit=51, position=None, is_descending=is_descending)

            async def read(order: IncidentOrderField = order, keyset: Keyset = keyset) -> object:
                return await incident_page(scope, EVERYTHING, order, keyset)

            lines = await plan(read)
            assert lines
            assert not whole_tables(lines), (order, lines)


@pytest.mark.parametrize(
    "wanted",
    [
        IncidentFilter(statuses=OPEN),
        IncidentFilter(statuses=[IncidentStatus.NEW], severities=[Severity.SEV3]),
        IncidentFilter(assignee="person3"),
        IncidentFilter(integration_id=key(1, 1)),
        IncidentFilter(updated_from=given.NOW - WEEK),
    ],
    ids=["open", "new and bad", "assignee", "integration", "updated"],
)
async def test_a_filtered_page_reads_no_whole_table(plan: Plan, wanted: IncidentFilter) -> None:
    keyset = Keyset(limit=51, position=(given.NOW, key(9, 0)), is_descending=True)

    async def read() -> object:
        return await incident_page(EVERYWHERE, wanted, IncidentOrderField.UPDATED_AT, keyset)

    lines = await plan(read)
    assert lines
    assert not whole_tables(lines), lines


async def test_the_overview_reads_indexes_only(plan: Plan) -> None:
    lines = await plan(lambda: incident_counts(EVERYWHERE, given.NOW))
    assert lines
    assert not whole_tables(lines), lines
