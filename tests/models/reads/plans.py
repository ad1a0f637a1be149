"""What tells how the databases answer a read."""

import re
from collections.abc import Awaitable, Callable, Sequence
from itertools import pairwise
from typing import Any, Final

import pytest
from tortoise.backends.base.client import BaseDBAsyncClient

from models import bulk
from models.reads.scope import Scope

EVERYWHERE: Final = Scope(keys=None)
SCOPED: Final = Scope(keys=frozenset({"prod-snow"}))

Plan = Callable[[Callable[[], Awaitable[object]]], Awaitable[list[str]]]


def explaining(monkeypatch: pytest.MonkeyPatch, *, is_sqlite: bool) -> Plan:
    """Return what explains a read: the lines of its statements' plans."""
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
    """Return the lines of a plan that read a whole table, or sort what they read of one.

    A walk has been cut to a page's length already: sorting that is no matter.
    """
    return [
        line
        for before, line in pairwise(["", *lines])
        if re.search(
            r"Seq Scan on (incident|change|event|ticket|relation|\w+_link|\w+_asset) ", line
        )
        or line in {"SCAN i", "SCAN r", "SCAN p", "SCAN l", "SCAN a", "SCAN c"}
        or (line.startswith("USE TEMP B-TREE FOR ORDER BY") and before != "SCAN walk")
    ]
