"""Child processes: started so that none outlives us, stopped within a limit."""

import asyncio
import os
import subprocess
import sys
from asyncio.subprocess import Process
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

_LEASH: Final = Path(__file__).with_name("leash.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A program to run, as data.

    env: the whole environment; ``None`` hands ours on.
    sockets: file descriptors that it inherits under the same numbers.
    hears: receives each line of its standard output; ``None`` lets it through.
    """

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] | None = field(default=None, repr=False)
    sockets: tuple[int, ...] = ()
    hears: Callable[[str], None] | None = None


@dataclass(frozen=True, slots=True)
class Leash:
    """How one child is held: what stands before its command, and the pipe, if any.

    Closing it lets go of the pipe; a child that is still held that way dies.
    """

    prefix: tuple[str, ...]
    inherited: tuple[int, ...]
    kept: int | None

    def started(self) -> None:
        """Close what only the child needs; call it after the start."""
        for descriptor in self.inherited:
            os.close(descriptor)

    def close(self) -> None:
        """Let go."""
        if self.kept is not None:
            os.close(self.kept)


def leash(*, uid: int | None = None, by_pipe: bool = sys.platform != "linux") -> Leash:
    """Return a leash for one child, which dies when this thread (or process) does.

    uid: the user, and group, that the child becomes first; needs root.
    by_pipe: hold by a pipe and a watching process instead of by the kernel.
    """
    user = "-" if uid is None else str(uid)
    start = (sys.executable, "-I", "-S", str(_LEASH))
    if not by_pipe:
        return Leash((*start, "parent", str(os.getpid()), user, "--"), (), None)
    reading, writing = os.pipe()
    return Leash((*start, "pipe", str(reading), user, "--"), (reading,), writing)


async def start(program: Program, held: Leash) -> Process:
    """Start a program in a session of its own, so that Ctrl-C reaches only us.

    Raises OSError when it cannot be started.
    """
    try:
        return await asyncio.create_subprocess_exec(
            *held.prefix,
            *program.argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if program.hears else None,
            env=program.env,
            pass_fds=(*held.inherited, *program.sockets),
            start_new_session=True,
        )
    finally:
        held.started()


async def stop(process: Process, *, grace_seconds: float) -> None:
    """Ask a process to end, and kill it when it has not after the grace."""
    if process.returncode is not None:
        return
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(grace_seconds):
            await process.wait()
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
