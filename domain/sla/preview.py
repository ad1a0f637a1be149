"""What another policy would make of clocks: how each state moves."""

from dataclasses import dataclass
from enum import StrEnum

from domain.sla.clock import ACTIVE, Clock, clock
from domain.sla.history import History
from domain.sla.policy import SlaPolicy
from domain.sla.terms import SlaClockKind, SlaState


class Move(StrEnum):
    """What becomes of a clock's state, the worst first."""

    TO_BREACH = "TO_BREACH"
    TO_ALERT = "TO_ALERT"
    CLEARED = "CLEARED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A clock by another policy, None where that measures nothing; no move where it stays."""

    clock: Clock | None
    move: Move | None


def moves(
    history: History, present: SlaPolicy, candidate: SlaPolicy, now_ms: int
) -> tuple[Moved, ...]:
    """Compare a subject's clocks by two policies, at one instant.

    One that is at rest by both stays as it is, whatever its target would be (rule S11).
    """
    pairs = (
        (clock(kind, history, present, now_ms), clock(kind, history, candidate, now_ms))
        for kind in SlaClockKind
    )
    return tuple(
        Moved(clock=after, move=_move(before, after))
        for before, after in pairs
        if _is_active(before) or _is_active(after)
    )


def _is_active(one: Clock | None) -> bool:
    return one is not None and one.phase in ACTIVE


def _move(before: Clock | None, after: Clock | None) -> Move | None:
    was = SlaState.OK if before is None else before.state
    becomes = SlaState.OK if after is None else after.state
    if was is becomes:
        return None
    match becomes:
        case SlaState.BREACH:
            return Move.TO_BREACH
        case SlaState.ALERT:
            return Move.TO_ALERT
        case SlaState.OK:
            return Move.CLEARED
