"""Histories of many seeds, and the shortest one that breaks a property."""

from collections.abc import Iterable
from dataclasses import dataclass

from domain.sync.merge import merge
from tests.domain.sync.histories.mirror import Answer, Judge, as_it_is
from tests.domain.sync.histories.story import STEPS, Story
from tests.domain.sync.histories.verdicts import BrokenError


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A history in which a property does not hold."""

    seed: int
    steps: int
    why: str
    trace: list[str]

    def __str__(self) -> str:
        """Tell it."""
        return "\n".join((f"seed {self.seed}, {self.steps} steps", *self.trace, self.why))


def first_broken(
    seeds: Iterable[int], *, judge: Judge = merge, answer: Answer = as_it_is, steps: int = STEPS
) -> Broken | None:
    """Play seeds until one breaks a property, and tell its shortest beginning that does."""
    for seed in seeds:
        if _played(seed, judge, answer, steps) is not None:
            shortened = (_played(seed, judge, answer, fewer) for fewer in range(1, steps + 1))
            return next(broken for broken in shortened if broken is not None)
    return None


def _played(seed: int, judge: Judge, answer: Answer, steps: int) -> Broken | None:
    story = Story.of(seed, judge=judge, answer=answer)
    try:
        story.play(steps)
    except BrokenError as error:
        return Broken(seed=seed, steps=steps, why=str(error), trace=story.trace)
    return None
