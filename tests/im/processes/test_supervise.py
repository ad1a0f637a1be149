"""The supervisor: what dies is started again, what refuses ends it, all stop together."""

import asyncio
import os
from pathlib import Path

import pytest

from im.processes.child import Program
from im.processes.supervise import Backoff, keeping
from im.processes.waiting import until
from im.refusal import StartRefusedError
from tests.im.processes.parents import gone, lives, python

_SAYS_AND_STAYS = "import os, signal; print(os.getpid(), flush=True); signal.pause()"
_SAYS_AND_DIES = "import os; print(os.getpid(), flush=True); os._exit(3)"
# A program that runs for less than ``last`` is not well, however slow the machine starts it.
_QUICK = Backoff(first=0.01, last=10.0)


class Ear:
    """Remembers what a program said."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    async def heard(self, count: int) -> list[int]:
        async def enough() -> bool:
            return len(self.lines) >= count

        await until(enough, seconds=10)
        return [int(line) for line in self.lines]


async def test_a_program_that_dies_is_started_again_after_growing_waits() -> None:
    ear, said = Ear(), list[str]()
    program = Program(name="api", argv=python(_SAYS_AND_DIES), hears=ear.lines.append)
    async with keeping([program], say=said.append, backoff=_QUICK):
        pids = await ear.heard(4)
    assert len(set(pids)) >= 4
    waits = ["0.01", "0.02", "0.04"]
    assert said[:3] == [f"api ended (exit code 3); starting it again in {w} s" for w in waits]


def test_waits_double_to_a_limit_and_begin_anew_after_a_good_run() -> None:
    backoff = Backoff()
    waits = [0.0]
    for _ in range(6):
        waits.append(backoff.after(waits[-1], ran_seconds=0.1))
    assert waits[1:] == [0.5, 1.0, 2.0, 4.0, 8.0, 10.0]
    assert backoff.after(10.0, ran_seconds=9.9) == 10.0
    assert backoff.after(10.0, ran_seconds=10.0) == 0.5


async def test_at_the_end_every_program_is_stopped() -> None:
    ears = [Ear(), Ear()]
    programs = [
        Program(name=f"p{number}", argv=python(_SAYS_AND_STAYS), hears=ear.lines.append)
        for number, ear in enumerate(ears)
    ]
    said: list[str] = []
    async with keeping(programs, say=said.append):
        pids = [(await ear.heard(1))[0] for ear in ears]
        assert all(lives(pid) for pid in pids)
    for pid in pids:
        await gone(pid, seconds=0.5)
    assert said == []


async def test_a_killed_program_comes_back() -> None:
    ear, said = Ear(), list[str]()
    program = Program(name="worker", argv=python(_SAYS_AND_STAYS), hears=ear.lines.append)
    async with keeping([program], say=said.append, backoff=_QUICK):
        first = (await ear.heard(1))[0]
        os.kill(first, 9)
        second = (await ear.heard(2))[1]
        assert second != first
        assert lives(second)
    assert said == ["worker ended (signal 9); starting it again in 0.01 s"]


async def test_a_program_that_refuses_its_configuration_ends_everything(tmp_path: Path) -> None:
    ear, trace = Ear(), tmp_path / "starts"
    refuses = f"open({str(trace)!r}, 'a').write('x'); raise SystemExit(78)"
    programs = [
        Program(name="api", argv=python(refuses)),
        Program(name="worker", argv=python(_SAYS_AND_STAYS), hears=ear.lines.append),
    ]
    with pytest.raises(StartRefusedError, match="api refused to start"):
        async with keeping(programs, say=lambda _: None, backoff=_QUICK):
            await asyncio.Event().wait()
    assert trace.read_text() == "x"
    for pid in await ear.heard(0):
        await gone(pid, seconds=0.5)
