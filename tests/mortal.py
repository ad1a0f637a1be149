"""Processes that die at a statement or a commit: what they had not committed is undone."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final

import pytest
from tortoise.backends.asyncpg import client as postgres
from tortoise.backends.sqlite import client as sqlite

from models import bulk
from tests.world import Crash


@dataclass(slots=True, kw_only=True)
class Fate:
    """When a process dies: at which moment, counted from 1; None for never.

    There is a moment before and after each statement, and before and after each commit.
    """

    dies_at: int | None = None
    passed: int = 0

    def pass_by(self) -> None:
        """Let a moment go by. Raises Crash at the last one."""
        self.passed += 1
        if self.passed == self.dies_at:
            raise Crash


_FATE: Final[ContextVar[Fate | None]] = ContextVar("fate", default=None)


@contextmanager
def mortality() -> Iterator[None]:
    """Let the work of those who have a fate be mortal; all others live on."""
    with pytest.MonkeyPatch.context() as patch:
        for place, name in ((bulk, "rows"), (bulk, "_many")):
            patch.setattr(place, name, _mortal(getattr(place, name)))
        for wrapper in (sqlite.SqliteTransactionWrapper, postgres.TransactionWrapper):
            patch.setattr(wrapper, "commit", _committed(wrapper.commit))
        yield


async def living(work: Awaitable[Any], fate: Fate) -> bool:
    """Do some work under a fate; say whether it was survived."""
    before = _FATE.set(fate)
    try:
        await work
    except Crash:
        return False
    finally:
        _FATE.reset(before)
    return True


def _mortal(statement: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    @wraps(statement)
    async def run(*args: object) -> object:
        fate = _FATE.get()
        if fate is None:
            return await statement(*args)
        fate.pass_by()
        result = await statement(*args)
        fate.pass_by()
        return result

    return run


def _committed(commit: Callable[[Any], Awaitable[None]]) -> Callable[[Any], Awaitable[None]]:
    @wraps(commit)
    async def run(transaction: Any) -> None:  # noqa: ANN401 — of either database
        fate = _FATE.get()
        if fate is None:
            return await commit(transaction)
        try:
            fate.pass_by()
        except Crash:
            # As the database does when it loses the process.
            await transaction.rollback()
            raise
        await commit(transaction)
        return fate.pass_by()

    return run
