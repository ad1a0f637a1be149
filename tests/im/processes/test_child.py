"""Children: none outlives its parent, and all stop in time."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

import pytest

from im.processes import valkey
from im.processes.child import Program, leash, start, stop
from tests.im.processes.parents import PARENT, ROOT, gone, lives, python

_STAYS = "print('up', flush=True); __import__('signal').pause()"
_DEAF = (
    "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "print('up', flush=True); [signal.pause() for _ in iter(int, 1)]"
)
_BEST = "kernel" if sys.platform == "linux" else "pipe"


@pytest.fixture(params=["pipe", "kernel"])
def way(request: pytest.FixtureRequest) -> str:
    """How a child is held; the kernel's way needs Linux."""
    if request.param == "kernel":
        request.getfixturevalue("linux")
    return str(request.param)


async def _parent(way: str, *command: str) -> tuple[Process, int]:
    """Start a parent that starts the command; return it and the child's id."""
    parent = await asyncio.create_subprocess_exec(
        *python(PARENT, way, *command), stdout=PIPE, cwd=ROOT
    )
    assert parent.stdout is not None
    return parent, int(await parent.stdout.readline())


async def test_a_child_dies_with_its_killed_parent(way: str) -> None:
    parent, child = await _parent(way, *python(_STAYS))
    assert parent.stdout is not None
    # "up": the child has become the program, and is still held
    assert await parent.stdout.readline() == b"up\n"
    assert lives(child)
    parent.kill()
    await parent.wait()
    await gone(child)


async def test_valkey_dies_with_its_killed_parent(tmp_path: Path) -> None:
    with valkey.prepared(tmp_path) as server:
        parent, child = await _parent(_BEST, *server.program.argv)
        await server.ready()
        parent.kill()
        await parent.wait()
        await gone(child)
        assert not await server.answers()


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


async def test_an_embedded_valkey_answers_and_writes_no_data(tmp_path: Path) -> None:
    with valkey.prepared(tmp_path) as server:
        held = leash()
        process = await start(server.program, held)
        try:
            await server.ready()
        finally:
            await stop(process, grace_seconds=5)
            held.close()
    assert _names(tmp_path) <= {"valkey.log", "valkey.sock"}


def test_a_long_data_folder_gets_a_short_socket(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 120)
    with valkey.prepared(deep) as server:
        assert len(str(server.socket)) < 104
        assert server.socket.parent.stat().st_mode & 0o777 == 0o700
    assert not server.socket.parent.exists()


@pytest.mark.usefixtures("linux")
async def test_a_child_whose_parent_is_gone_never_starts(tmp_path: Path) -> None:
    held = leash(by_pipe=False)
    trace = tmp_path / "started"
    stranger = [word if word != str(os.getpid()) else "1" for word in held.prefix]
    process = await asyncio.create_subprocess_exec(*stranger, "touch", str(trace))
    assert await process.wait() == 1
    assert not trace.exists()


async def test_a_child_that_ignores_sigterm_is_killed_after_the_grace() -> None:
    held = leash()
    program = Program(name="deaf", argv=python(_DEAF), hears=print)
    process = await start(program, held)
    assert process.stdout is not None
    assert await process.stdout.readline() == b"up\n"
    began = asyncio.get_running_loop().time()
    await stop(process, grace_seconds=0.2)
    held.close()
    assert process.returncode == -9
    assert 0.2 <= asyncio.get_running_loop().time() - began < 2
