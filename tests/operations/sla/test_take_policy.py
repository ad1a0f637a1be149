"""One policy is in force for all processes, and a bad file changes none of it."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from domain.errors import Forbidden, Invalid, Unavailable
from domain.sla.policy import version_of
from models.database import DatabaseAt
from models.reads.sla_policy import policy_fault, policy_file
from models.reads.statement import rows
from models.tables.sla_policy import SlaPolicyRow
from operations.runtime import Runtime
from operations.sla.first_policy import first_policy
from operations.sla.judge import judge
from operations.sla.look import PolicySource, look
from operations.sla.policy_in_force import policy_in_force
from operations.sla.policy_text import read_policy, sealed
from operations.sla.reload_policy import ReloadPolicy, reload_policy
from operations.sla.take_policy import Outcome, Verdict, take_policy
from tests.clock import Clock
from tests.operations.sla.written import TEXT, WHOLE, put
from tests.world import ADMIN, VIEWER, World, commander, simulated

STRICTER = TEXT.replace("alert_at: 0.85", "alert_at: 0.5").encode()
TORN = WHOLE[:900]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "sla_config.yaml"
    path.write_bytes(WHOLE)
    return path


@pytest.fixture
def world(database: DatabaseAt, clock: Clock, path: Path) -> World:
    source = PolicySource(path=path, rest=timedelta(0))
    return World(at=database, clock=clock, servicenow=simulated(clock), policy_source=source)


async def taken(runtime: Runtime, by: str = "worker") -> Verdict:
    """Take the file as it is now."""
    seen = look(runtime.policy_source)
    return await take_policy(runtime, seen, await judge(seen), by=by)


async def told() -> Sequence[str]:
    """Return what the event log tells of service levels."""
    found = await rows("SELECT kind FROM event_log WHERE topic = 'SLA' ORDER BY number")
    return [row["kind"] for row in found]


async def test_a_good_file_is_in_force_for_every_process(world: World, clock: Clock) -> None:
    other = replace(world.runtime, policies={})
    with pytest.raises(Unavailable, match="no service levels are in force"):
        await policy_in_force(other)
    assert await taken(world.runtime) == Verdict(outcome=Outcome.TAKEN)
    found = await policy_in_force(other)
    assert found.policy == read_policy(WHOLE)
    assert found.file.version == version_of(found.policy)
    assert found.file.in_force_since == found.file.loaded_at == clock.now()
    assert (found.file.loaded_by, found.file.refusal) == ("worker", None)
    assert await told() == ["POLICY_TAKEN"]


async def test_a_change_is_in_force_from_then_on_in_every_process(
    world: World, clock: Clock, path: Path
) -> None:
    other = replace(world.runtime, policies={})
    await taken(world.runtime)
    before = await policy_in_force(other)
    clock.move(minutes=5)
    put(path, STRICTER)
    assert (await taken(world.runtime)).outcome is Outcome.TAKEN
    after = await policy_in_force(other)
    assert (before.policy.alert_at, after.policy.alert_at) == (Fraction("0.85"), Fraction("0.5"))
    assert after.file.in_force_since == clock.now()
    # one is kept in memory, not all there ever were
    assert list(other.policies) == [after.file.version]


async def test_a_file_that_only_looks_different_changes_nothing(
    world: World, clock: Clock, path: Path
) -> None:
    await taken(world.runtime)
    before = await policy_in_force(world.runtime)
    clock.move(minutes=5)
    for content in (WHOLE, b"# a remark\n" + WHOLE, sealed(WHOLE)):
        put(path, content)
        assert (await taken(world.runtime)).outcome is Outcome.KNOWN
    after = await policy_in_force(world.runtime)
    assert after.policy is before.policy
    assert after.file.in_force_since == before.file.in_force_since
    assert after.file.loaded_at == clock.now()
    assert await told() == ["POLICY_TAKEN"]


async def test_a_bad_file_is_refused_as_a_whole_and_told_once(
    world: World, clock: Clock, path: Path
) -> None:
    await taken(world.runtime)
    before = await policy_in_force(world.runtime)
    clock.move(minutes=5)
    put(path, TORN)
    with capture_logs() as logged:
        verdict = await taken(world.runtime)
        # another worker finds the same, and a restart does
        again = await taken(world.runtime, by="worker 2")
    assert verdict.outcome is Outcome.REFUSED
    assert (again.outcome, again.fault) == (Outcome.KNOWN, verdict.fault)
    found = await policy_in_force(world.runtime)
    assert found.policy is before.policy
    assert found.file.loaded_at == before.file.loaded_at
    refusal = found.file.refusal
    assert refusal is not None
    line = TORN.count(b"\n") + 1
    assert (refusal.line, refusal.column, refusal.at) == (line, 1, clock.now())
    assert refusal.message.startswith(f"line {line}, column 1: the last line is not end:")
    assert await told() == ["POLICY_TAKEN", "POLICY_REFUSED"]
    assert [(one["event"], one["log_level"]) for one in logged] == [("sla_policy_refused", "error")]
    assert await policy_fault() == (
        f"{path}: {refusal.message}; the last good policy stays in force"
    )


async def test_a_refusal_is_forgotten_when_the_file_is_good_again(world: World, path: Path) -> None:
    await taken(world.runtime)
    for content, outcome in ((WHOLE, Outcome.MENDED), (STRICTER, Outcome.TAKEN)):
        put(path, TORN)
        await taken(world.runtime)
        assert await policy_fault() is not None
        put(path, content)
        assert (await taken(world.runtime)).outcome is outcome
        assert await policy_fault() is None
    assert (await told())[1:] == [
        "POLICY_REFUSED",
        "POLICY_MENDED",
        "POLICY_REFUSED",
        "POLICY_TAKEN",
    ]


async def test_two_other_faults_are_both_told(world: World, path: Path) -> None:
    await taken(world.runtime)
    put(path, TORN)
    await taken(world.runtime)
    put(path, None)
    await taken(world.runtime)
    file = await policy_file()
    assert file is not None
    assert file.refusal is not None
    assert "cannot be read" in file.refusal.message
    assert file.refusal.line is None
    assert await told() == ["POLICY_TAKEN", "POLICY_REFUSED", "POLICY_REFUSED"]


async def test_many_who_take_a_file_at_once_take_it_once(world: World) -> None:
    verdicts = await asyncio.gather(*(taken(world.runtime) for _ in range(8)))
    outcomes = sorted(verdict.outcome for verdict in verdicts)
    assert outcomes == [Outcome.KNOWN] * 7 + [Outcome.TAKEN]
    assert await told() == ["POLICY_TAKEN"]


async def test_the_packaged_file_never_takes_the_place_of_ones_own(
    world: World, path: Path, tmp_path: Path
) -> None:
    packaged = tmp_path / "packaged.yaml"
    packaged.write_bytes(STRICTER)
    source = replace(world.runtime.policy_source, spare=packaged)
    runtime = replace(world.runtime, policy_source=source)
    put(path, None)
    assert (await taken(runtime)).outcome is Outcome.TAKEN
    put(path, WHOLE)
    assert (await taken(runtime)).outcome is Outcome.TAKEN
    put(path, None)
    verdict = await taken(runtime)
    assert verdict.outcome is Outcome.REFUSED
    assert verdict.fault is not None
    assert verdict.fault.message == f"{path} is not there; put it back"
    assert (await policy_in_force(runtime)).policy == read_policy(WHOLE)


async def test_a_start_takes_the_file_or_says_why_there_is_no_policy(
    world: World, path: Path
) -> None:
    put(path, TORN)
    fault = await first_policy(world.runtime)
    assert fault is not None
    assert f"{path}: line " in fault
    assert await policy_file() is None
    put(path, WHOLE)
    assert await first_policy(world.runtime) is None
    # from now on there is a last good one
    put(path, TORN)
    assert await first_policy(world.runtime) is None
    assert (await policy_in_force(world.runtime)).policy == read_policy(WHOLE)


async def test_a_stored_policy_that_this_program_cannot_read_is_none(
    world: World, path: Path
) -> None:
    await taken(world.runtime)
    await SlaPolicyRow.all().update(content="version: 0")
    world.runtime.policies.clear()
    with pytest.raises(Unavailable, match="of another program: line 1"):
        await policy_in_force(world.runtime)
    put(path, b"# as before\n" + WHOLE)
    assert await first_policy(world.runtime) is None
    assert (await policy_in_force(world.runtime)).policy == read_policy(WHOLE)


async def test_an_administrator_has_the_file_read_at_once(world: World, path: Path) -> None:
    await taken(world.runtime)
    put(path, STRICTER)
    assert await reload_policy(world.runtime, ADMIN, ReloadPolicy()) is Outcome.TAKEN
    assert await reload_policy(world.runtime, ADMIN, ReloadPolicy()) is Outcome.KNOWN
    file = await policy_file()
    assert file is not None
    assert file.loaded_by == "ada"
    put(path, TORN)
    for _ in range(2):
        with pytest.raises(Invalid, match="the last line is not end"):
            await reload_policy(world.runtime, ADMIN, ReloadPolicy())
    assert await policy_fault() is not None


async def test_nobody_else_has(world: World) -> None:
    for actor in (VIEWER, commander("carl")):
        with pytest.raises(Forbidden):
            await reload_policy(world.runtime, actor, ReloadPolicy())
    assert await policy_file() is None


async def test_only_the_version_that_is_expected_is_taken(world: World, path: Path) -> None:
    await taken(world.runtime)
    put(path, STRICTER)
    expected = version_of(read_policy(WHOLE))
    with pytest.raises(Invalid, match="the file means version") as refused:
        await reload_policy(world.runtime, ADMIN, ReloadPolicy(version=expected))
    assert refused.value.path == ("expectVersion",)
    found = version_of(read_policy(STRICTER))
    assert await reload_policy(world.runtime, ADMIN, ReloadPolicy(version=found)) is Outcome.TAKEN
