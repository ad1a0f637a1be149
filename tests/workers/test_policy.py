"""The watch over the policy file goes on whatever happens."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest

from domain.sla.policy import version_of
from im.processes.waiting import until
from models.database import DatabaseAt
from models.reads.sla_policy import policy_fault, policy_file
from models.reads.statement import rows
from operations.sla.look import PolicySource
from operations.sla.policy_text import read_policy, sealed
from tests.clock import Clock
from tests.operations.sla.written import WHOLE, put
from tests.world import World, simulated
from workers.policy import watch_policy

_PIECE: Final = 61


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "sla_config.yaml"
    path.write_bytes(WHOLE)
    return path


@pytest.fixture
async def watched(database: DatabaseAt, path: Path) -> AsyncIterator[World]:
    """A watch that looks again and again."""
    clock = Clock()
    source = PolicySource(path=path, rest=timedelta(milliseconds=1))
    world = World(at=database, clock=clock, servicenow=simulated(clock), policy_source=source)
    watching = asyncio.create_task(watch_policy(world.runtime))
    yield world
    watching.cancel()
    with suppress(asyncio.CancelledError):
        await watching


async def is_in_force() -> bool:
    return await policy_file() is not None


async def is_refused() -> bool:
    return await policy_fault() is not None


async def is_gone() -> bool:
    return "cannot be read" in (await policy_fault() or "")


async def is_good() -> bool:
    return not await is_refused()


@pytest.mark.usefixtures("watched")
async def test_what_becomes_of_the_file_is_noticed(path: Path) -> None:
    await until(is_in_force, seconds=10)
    put(path, WHOLE[:900])
    await until(is_refused, seconds=10)
    put(path, None)
    await until(is_gone, seconds=10)
    put(path, WHOLE)
    await until(is_good, seconds=10)


def overwrite(path: Path, contents: Sequence[bytes], *, times: int) -> None:
    """Write the contents in turn over one another, piece by piece, without any pause."""
    for turn in range(times):
        content = contents[turn % len(contents)]
        with path.open("r+b", buffering=0) as file:
            for start in range(0, len(content), _PIECE):
                file.write(content[start : start + _PIECE])
            file.truncate()


@pytest.mark.usefixtures("watched")
async def test_of_a_sealed_file_that_is_overwritten_in_place_no_mixture_is_ever_taken(
    path: Path,
) -> None:
    # given two policies that differ at both ends, so that half of each would be a third one
    other = WHOLE.replace(b"alert_at: 0.85", b"alert_at: 0.75").replace(
        b"target: 3d", b"target: 5d"
    )
    whole = [sealed(WHOLE), sealed(other)]
    versions = [version_of(read_policy(content)) for content in whole]
    put(path, whole[0])
    await until(is_in_force, seconds=10)

    # when a writer never rests, and the file ends as the second one
    await asyncio.to_thread(overwrite, path, whole, times=400)

    async def is_last() -> bool:
        file = await policy_file()
        return file is not None and (file.version, file.refusal) == (versions[1], None)

    # then it is in force, and what was in force in between was one of the two
    await until(is_last, seconds=20)
    found = await rows("SELECT version FROM sla_policy")
    assert {row["version"] for row in found} == set(versions)
