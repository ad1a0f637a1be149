"""Waits that end: for a moment, or until a condition holds."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress


async def pause(seconds: float) -> None:
    """Let a span pass."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await asyncio.Event().wait()


async def until(
    holds: Callable[[], Awaitable[bool]],
    *,
    seconds: float,
    every_seconds: float = 0.05,
) -> None:
    """Ask again and again until the answer is yes.

    Raises TimeoutError after ``seconds``, also in the middle of an answer.
    """
    async with asyncio.timeout(seconds):
        while not await holds():
            await pause(every_seconds)
