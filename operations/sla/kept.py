"""What is kept of a subject's clocks: one at rest stays as it came to rest (rule S11)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from domain.sla.clock import ACTIVE, Clock, worst
from domain.sla.terms import SlaClockKind, SlaPhase, SlaState

Line = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What a look makes of the clocks that are stored.

    changed: those to write. dropped: the kinds of those that are measured no more.
    state: that of the worse of all that are stored then; None without any.
    """

    changed: tuple[Clock, ...]
    dropped: tuple[SlaClockKind, ...]
    state: SlaState | None


def kept(read: Sequence[Clock], stored: Mapping[SlaClockKind, Line], *, is_gone: bool) -> Kept:
    """Say what becomes of stored clocks, given how they read now.

    At rest a clock stays as it is stored, by whatever policy it was measured, unless its
    history is another now, or the record ``is_gone``.
    """
    changed = tuple(
        one for one in read if one.kind not in stored or not _is_same_rest(one, stored[one.kind])
    )
    measured = {one.kind for one in read}
    dropped = tuple(
        kind
        for kind, row in stored.items()
        if kind not in measured and (is_gone or row["phase"] in ACTIVE)
    )
    others = stored.keys() - set(dropped) - {one.kind for one in changed}
    states = [one.state for one in changed] + [_rested(stored[kind]) for kind in others]
    return Kept(changed=changed, dropped=dropped, state=worst(states))


def _is_same_rest(one: Clock, before: Line) -> bool:
    """Say whether a clock rests as it did: then another policy does not change it."""
    return one.phase not in ACTIVE and (
        before["phase"],
        before["cycle"],
        before["started_at"],
        before["stopped_at"],
    ) == (one.phase, one.cycle, one.started_ms, one.stopped_ms)


def _rested(row: Line) -> SlaState:
    """Return the state of a stored clock at rest (rule S4)."""
    is_breached = row["phase"] == SlaPhase.STOPPED and row["breach_at"] is not None
    return SlaState.BREACH if is_breached else SlaState.OK
