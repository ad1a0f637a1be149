"""Keeps programs running: starts again what dies, stops all at the end."""

import asyncio
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from im.processes.child import Leash, Program, leash, start, stop
from im.processes.waiting import pause
from im.refusal import EXIT_CONFIGURATION, EXIT_INSTALLATION, StartRefusedError

# Waits before a restart double from the first to the last.
FIRST_WAIT_SECONDS: Final = 0.5
LAST_WAIT_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """How long to wait before a program that died is started again.

    A program that ran for at least ``last`` seconds was well: its next wait
    is the first one again.
    """

    first: float = FIRST_WAIT_SECONDS
    last: float = LAST_WAIT_SECONDS

    def after(self, wait: float, *, ran_seconds: float) -> float:
        """Return the wait that follows a wait."""
        if not wait or ran_seconds >= self.last:
            return self.first
        return min(wait * 2, self.last)


@asynccontextmanager
async def keeping(
    programs: Sequence[Program],
    *,
    say: Callable[[str], None],
    grace_seconds: float = 4.0,
    backoff: Backoff = Backoff(),
) -> AsyncIterator[None]:
    """Keep programs running while the block runs, then stop them all at once.

    A program that refuses its configuration ends the block by StartRefusedError.
    Whatever ends it is raised by itself, not in a group.
    """
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(
                    _keep(program, say=say, grace_seconds=grace_seconds, backoff=backoff)
                )
                for program in programs
            ]
            yield
            # Only here: an error of the block or of a program makes the group cancel
            # them, and a second time would cut off their clearing up.
            for task in tasks:
                task.cancel()
    except BaseExceptionGroup as reasons:
        # The first reason ended the block; the others came of its ending.
        raise reasons.exceptions[0] from None


async def _keep(
    program: Program, *, say: Callable[[str], None], grace_seconds: float, backoff: Backoff
) -> None:
    clock = asyncio.get_running_loop().time
    wait = 0.0
    while True:
        began = clock()
        code = await _run_once(program, grace_seconds=grace_seconds)
        if code in {EXIT_CONFIGURATION, EXIT_INSTALLATION}:
            raise StartRefusedError(f"{program.name} refused to start", exit_code=code)
        wait = backoff.after(wait, ran_seconds=clock() - began)
        say(f"{program.name} ended ({_manner(code)}); starting it again in {wait:g} s")
        await pause(wait)


async def _run_once(program: Program, *, grace_seconds: float) -> int:
    """Run a program to its end, and return its exit code; stop it when cancelled."""
    held = leash()
    try:
        process = await _started(program, held, grace_seconds=grace_seconds)
        try:
            await _listen(program, process)
            return await process.wait()
        finally:
            await stop(process, grace_seconds=grace_seconds)
    finally:
        held.close()


async def _started(program: Program, held: Leash, *, grace_seconds: float) -> Process:
    """Start a program; when cancelled meanwhile, stop it as soon as it has started.

    A start that is cut off half-way would leave a child that nobody waits for.
    """
    starting = asyncio.create_task(start(program, held))
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        await stop(await starting, grace_seconds=grace_seconds)
        raise


async def _listen(program: Program, process: Process) -> None:
    if program.hears is None or process.stdout is None:
        return
    async for line in process.stdout:
        program.hears(line.decode(errors="replace").rstrip("\n"))


def _manner(code: int) -> str:
    """Say how a process ended; a negative code is the number of a signal."""
    return f"signal {-code}" if code < 0 else f"exit code {code}"
