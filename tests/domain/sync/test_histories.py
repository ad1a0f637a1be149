"""Histories chosen by seeds: edits on all sides, lost answers, webhooks in any order.

What is claimed of each is in ``histories/claims.py`` and ``histories/verdicts.py``.
"""

import asyncio
import sys
from asyncio.subprocess import PIPE
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Final

import pytest

from domain.exchange import ConflictWindowMode
from domain.records import Direction, Owner
from domain.sync.ownership import Owned
from tests.architecture.tree import ROOT
from tests.domain.sync.histories.mirror import Link, Mirror
from tests.domain.sync.histories.planted import PLANTED, Plant
from tests.domain.sync.histories.search import first_broken
from tests.domain.sync.histories.setting import START, linked
from tests.domain.sync.histories.story import Story

# Many steps through lines that other tests count: they run faster uncounted.
pytestmark = pytest.mark.no_cover

SEEDS = 2_000
_TRACES: Final = """
from tests.domain.sync.histories.story import Story
for seed in range(100):
    story = Story.of(seed)
    story.play()
    print(story.trace)
"""


def test_every_history_ends_with_both_sides_equal_and_nothing_lost() -> None:
    broken = first_broken(range(SEEDS))
    assert broken is None, str(broken)


@pytest.mark.parametrize("plant", PLANTED.values(), ids=PLANTED.keys())
def test_a_planted_bug_is_found(plant: Plant) -> None:
    assert first_broken(range(SEEDS), judge=plant.judge, answer=plant.answer) is not None


def test_a_seed_is_played_twice_alike() -> None:
    stories = [Story.of(11), Story.of(11)]
    for story in stories:
        story.play()
    assert stories[0].trace == stories[1].trace


async def test_a_history_is_the_same_in_every_process() -> None:
    # Invariant P1: the order of a set, which is another in each process, decides nothing.
    traces = set()
    for seed in "12":
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", _TRACES, env={"PYTHONHASHSEED": seed}, stdout=PIPE, cwd=ROOT
        )
        told, _ = await process.communicate()
        assert process.returncode == 0
        traces.add(told)
    assert len(traces) == 1


@pytest.mark.parametrize("seed", range(200))
def test_our_own_writes_are_no_edits_whenever_they_are_seen(seed: int) -> None:
    # Invariant P4.
    story = Story.of(seed)
    story.has_edits_there = False
    story.play()
    for link in story.mirror.links:
        assert (link.counted.accepted, link.counted.clashes) == ([], [])


@pytest.mark.parametrize("seed", range(200))
def test_in_any_order_and_multiplicity_the_vendors_last_value_stands(seed: int) -> None:
    # Invariant P3, of vendors that count their versions.
    chance = Random(seed)  # noqa: S311 — repeatable, protects nothing
    mirror, link = _alone(chance)
    for value in range(chance.randrange(1, 8)):
        link.vendor.change(str(value), now=mirror.now)
    told = chance.choices(link.vendor.outgoing, k=20)
    for shown in told:
        mirror.hear(link, shown, [])
    newest = max(told, key=lambda shown: shown.key)
    is_ours = link.policy.owned.owner is Owner.PLATFORM
    assert mirror.value == ("a" if is_ours else newest.value)


@pytest.mark.parametrize("seed", range(200))
def test_sides_that_have_seen_each_other_are_never_in_conflict(seed: int) -> None:
    # Invariant P5, of a shared field.
    chance = Random(seed)  # noqa: S311 — repeatable, protects nothing
    mirror, link = _alone(chance)
    link.policy = replace(link.policy, owned=Owned())
    for value in range(8):
        if chance.random() < 0.5:
            mirror.edit(str(value))
            mirror.send(link)
            mirror.arrive(link, timedelta(0))
            mirror.read_answer(link)
        else:
            link.vendor.change(str(value), now=mirror.now)
            mirror.pull(link)
    assert link.counted.clashes == []


def _alone(chance: Random) -> tuple[Mirror, Link]:
    """Return a mirror of one vendor that counts, works both ways, and goes by what was seen."""
    while True:
        link = linked(chance)[0]
        is_plain = link.vendor.counts and link.field.value == "a"
        is_causal = link.policy.mode is ConflictWindowMode.CAUSAL
        if is_plain and is_causal and link.policy.direction is Direction.BIDIRECTIONAL:
            return Mirror(links=[link], now=START), link
