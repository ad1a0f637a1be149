"""Tell what other service levels would change, before they are in force."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

from domain.access.roles import Actor
from domain.sla.clock import Clock
from domain.sla.forecast import Forecast, forecast
from domain.sla.history import History
from domain.sla.policy import version_of
from domain.sla.preview import Move, moves
from domain.sla.terms import SlaSubjectKind
from models.coding import to_milliseconds
from models.reads.scope import Scope
from models.reads.sla_subject import OpenSubject, open_subjects
from models.reads.statement import COMMITTED
from operations.access.authorise import Action, authorise
from operations.access.scope import scope_of
from operations.runtime import Runtime
from operations.sla.clocks_now import ClockNow, clock_now
from operations.sla.histories import histories
from operations.sla.judge import PolicyFault, judge_text
from operations.sla.policy_in_force import InForce, policy_in_force

MOST_EXAMPLES: Final = 10
# Read and judged at a time, beside the event loop: a tenth of a second.
_BATCH: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewPolicy:
    """The text of a policy file, and how long the preview may take."""

    text: str
    budget: timedelta = timedelta(seconds=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A clock whose state would be another, and what would become of it."""

    subject_id: str
    subject_kind: SlaSubjectKind
    clock: ClockNow
    forecast: Forecast


@dataclass(slots=True, kw_only=True)
class Preview:
    """What has been found so far.

    version: what the text means. subjects: the open ones that were looked at; is_whole:
    that is all of them. clocks: of these, those that are measured then.
    """

    version: str
    subjects: int = 0
    clocks: int = 0
    moves: Counter[Move] = field(default_factory=Counter)
    examples: list[Example] = field(default_factory=list)
    is_whole: bool = False


async def preview_policy(
    runtime: Runtime, actor: Actor, ask: PreviewPolicy
) -> Preview | PolicyFault:
    """Judge all open subjects that the actor may see by other service levels as well.

    Nothing is written and nothing is locked. A text that is no policy is told as the check
    of a file tells it. Raises Forbidden; Unavailable while no service levels are in force.
    Cost: 0.4 ms a subject, beside the event loop, until the time is up; one preview at a
    time in each process.
    """
    authorise(actor, Action.PREVIEW_SLA)
    scope = scope_of(actor)
    present = await policy_in_force(runtime)
    async with runtime.previewing:
        candidate = await judge_text(ask.text)
        if isinstance(candidate, PolicyFault):
            return candidate
        instead = InForce(
            policy=candidate, file=replace(present.file, version=version_of(candidate))
        )
        judging = _Judging(present=present, instead=instead, now_ms=to_milliseconds(runtime.now()))
        return await _judged(scope, judging, ask.budget)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judging:
    """The service levels in force, and those instead of them."""

    present: InForce
    instead: InForce
    now_ms: int


async def _judged(scope: Scope, judging: _Judging, budget: timedelta) -> Preview:
    found = Preview(version=judging.instead.file.version)
    loop = asyncio.get_running_loop()
    ends, after = loop.time() + budget.total_seconds(), ""
    while not found.is_whole:
        batch = await open_subjects(scope, after=after, limit=_BATCH)
        past = await _histories(batch)
        await asyncio.to_thread(_judge, found, batch, past, judging)
        found.is_whole = len(batch) < _BATCH
        if loop.time() >= ends:
            break
        after = batch[-1].id if batch else after
    return found


async def _histories(batch: Sequence[OpenSubject]) -> dict[str, History]:
    past: dict[str, History] = {}
    for kind in SlaSubjectKind:
        of_kind = [subject.id for subject in batch if subject.kind is kind]
        past |= await histories(COMMITTED, kind, of_kind)
    return past


def _judge(
    found: Preview,
    batch: Sequence[OpenSubject],
    past: Mapping[str, History],
    judging: _Judging,
) -> None:
    """Judge a batch; what is gone by now is left out."""
    for subject in batch:
        if subject.id not in past:
            continue
        found.subjects += 1
        history = past[subject.id]
        for moved in moves(history, judging.present.policy, judging.instead.policy, judging.now_ms):
            found.clocks += moved.clock is not None
            if moved.move is None:
                continue
            found.moves[moved.move] += 1
            if moved.clock is not None and len(found.examples) < MOST_EXAMPLES:
                found.examples.append(_example(subject, history, moved.clock, judging))


def _example(subject: OpenSubject, history: History, clock: Clock, judging: _Judging) -> Example:
    return Example(
        subject_id=subject.id,
        subject_kind=subject.kind,
        clock=clock_now(clock, history, judging.instead, judging.now_ms),
        forecast=forecast(clock, judging.instead.policy, judging.now_ms),
    )
