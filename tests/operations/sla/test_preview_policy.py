"""What other service levels would change is known before they are in force."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.access.roles import Role
from domain.errors import Forbidden
from domain.sla.preview import Move
from models.coding import to_milliseconds
from models.reads.statement import rows
from operations.sla import preview_policy as previewing
from operations.sla.judge import PolicyFault
from operations.sla.preview_policy import Preview, PreviewPolicy, preview_policy
from operations.sla.tick import evaluate_due
from tests import given
from tests.operations.sla.watched import POLICY, Watched, alerts, at
from tests.world import ADMIN, VIEWER

STRICTER = POLICY.replace("target: 240m", "target: 180m")


async def stored() -> list[list[dict[str, Any]]]:
    tables = ("sla_subject", "sla_clock", "alert", "event_log", "sla_file")
    return [await rows(f"SELECT * FROM {table}") for table in tables]  # noqa: S608 — names are ours


async def previewed(watched: Watched, text: str) -> Preview:
    found = await preview_policy(watched.runtime, ADMIN, PreviewPolicy(text=text))
    assert isinstance(found, Preview)
    return found


async def test_s_21_a_stricter_target_alerts_or_breaches_what_is_open(watched: Watched) -> None:
    await watched.send("10:00", "NEW")
    await watched.look("10:01")
    watched.clock.at = at("12:40")
    found = await previewed(watched, STRICTER)
    assert (found.subjects, found.clocks, found.moves) == (1, 1, {Move.TO_ALERT: 1})
    (example,) = found.examples
    assert round(100 * (example.clock.elapsed / example.clock.target), 2) == 88.89
    assert example.clock.policy == found.version
    assert example.forecast.breach_ms == to_milliseconds(at("13:00"))
    found = await previewed(watched, POLICY.replace("target: 240m", "target: 150m"))
    assert found.moves == {Move.TO_BREACH: 1}
    assert found.is_whole


async def test_what_would_be_cleared_is_counted(watched: Watched) -> None:
    await watched.send("10:00", "NEW")
    await watched.look("10:01", "13:24", "14:00")
    laxer = POLICY.replace("target: 240m", "target: 600m")
    assert (await previewed(watched, laxer)).moves == {Move.CLEARED: 1}
    unmeasured = POLICY.replace(
        "priority: [P1]}\n    resolution: {target: 240m",
        "tier: [NONE]}\n    resolution: {target: 240m",
    )
    found = await previewed(watched, unmeasured)
    assert (found.subjects, found.clocks, found.moves) == (1, 0, {Move.CLEARED: 1})
    assert found.examples == []


async def test_the_preview_is_what_happens_then(watched: Watched) -> None:
    for number in range(12):
        watched.clock.at = at(f"10:{number:02}")
        await watched.send(
            f"10:{number:02}", "NEW", "P1" if number % 3 else "P2", key=f"T-{number}"
        )
    await watched.look("10:12")
    watched.clock.at = at("12:40")
    found = await previewed(watched, STRICTER)
    await watched.go_by(STRICTER)
    await evaluate_due(watched.runtime)
    assert len(await alerts()) == found.moves.total() == 8
    assert len(found.examples) == 8


async def test_what_is_done_does_not_count(watched: Watched) -> None:
    await watched.send("10:00", "OPEN")
    watched.clock.at = at("12:30")
    await watched.send("12:30", "RESOLVED")
    await watched.look("12:40")
    found = await previewed(watched, POLICY.replace("target: 240m", "target: 10m"))
    assert (found.subjects, found.clocks, found.moves) == (0, 0, {})


async def test_nothing_is_written(watched: Watched) -> None:
    await watched.send("10:00", "NEW")
    await watched.look("10:01")
    watched.clock.at = at("12:40")
    before = await stored()
    await previewed(watched, STRICTER)
    assert await stored() == before


async def test_what_is_policy_already_moves_nothing(watched: Watched) -> None:
    await watched.send("10:00", "NEW")
    await watched.look("10:01", "13:30")
    found = await previewed(watched, f"# another remark\n{POLICY}")
    (file,) = await rows("SELECT version FROM sla_file")
    assert (found.version, found.moves) == (file["version"], {})


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        (POLICY.replace("target: 240m", "target: soon"), 15, 26),
        (POLICY[:300], 15, 1),
        ("x" * 300_000, 1, 1),
        ("a: \ud800\n" + POLICY, 1, 4),
    ],
)
async def test_what_is_no_policy_is_told_as_the_check_of_a_file_tells_it(
    watched: Watched, text: str, line: int, column: int
) -> None:
    found = await preview_policy(watched.runtime, ADMIN, PreviewPolicy(text=text))
    assert isinstance(found, PolicyFault)
    assert found.place is not None
    assert (found.place.line, found.place.column) == (line, column)


async def test_it_ends_when_its_time_is_up(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        await watched.send("10:00", "NEW", key=f"T-{number}")
    await watched.look("10:01")
    monkeypatch.setattr(previewing, "_BATCH", 2)
    ask = PreviewPolicy(text=STRICTER, budget=timedelta(0))
    found = await preview_policy(watched.runtime, ADMIN, ask)
    assert isinstance(found, Preview)
    assert (found.subjects, found.is_whole) == (2, False)
    whole = await previewed(watched, STRICTER)
    assert (whole.subjects, whole.is_whole) == (5, True)


async def test_one_sees_what_is_in_scope(watched: Watched) -> None:
    snow = await given.integration()
    await watched.send("10:00", "NEW")
    mirrored = await given.ticket(priority="P1")
    await given.link(mirrored, snow)
    await watched.look("10:01")
    found = await preview_policy(
        watched.runtime,
        replace(ADMIN, roles=frozenset({Role.INTEGRATION_MANAGER}), scopes=frozenset({"another"})),
        PreviewPolicy(text=STRICTER),
    )
    assert isinstance(found, Preview)
    assert found.subjects == 1


@pytest.mark.parametrize("role", Role)
async def test_who_leads_or_keeps_may_preview(watched: Watched, role: Role) -> None:
    actor = replace(VIEWER, roles=frozenset({role}))
    ask = PreviewPolicy(text=STRICTER)
    if role is Role.VIEWER:
        with pytest.raises(Forbidden):
            await preview_policy(watched.runtime, actor, ask)
    else:
        assert isinstance(await preview_policy(watched.runtime, actor, ask), Preview)
