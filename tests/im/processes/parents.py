"""Parents and children for the tests, as separate processes."""

import os
import sys
from contextlib import suppress
from pathlib import Path

from im.processes.waiting import until

ROOT = Path(__file__).parents[3]

# Starts the given command on a leash, says both ids, and stays.
PARENT = """
import asyncio, os, sys
from im.processes.child import Program, leash, start

async def main():
    held = leash(by_pipe=sys.argv[1] == "pipe")
    process = await start(Program(name="child", argv=sys.argv[2:]), held)
    print(process.pid, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


def python(program: str, *arguments: str) -> tuple[str, ...]:
    """Return the command line of a Python program."""
    return (sys.executable, "-c", program, *arguments)


def lives(pid: int) -> bool:
    """Tell whether a process runs; one that ended and is not yet collected does not."""
    if Path("/proc/self/stat").exists():
        with suppress(OSError):
            return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def gone(pid: int, *, seconds: float = 5.0) -> None:
    """Wait until a process has ended; raises TimeoutError."""

    async def ended() -> bool:
        return not lives(pid)

    await until(ended, seconds=seconds)
