"""Bugs that the lives must find: each stands in place of a part of the system."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

from domain.sla.alerts import Alert, Sight, alerts_due
from domain.sla.clock import Clock
from domain.sla.policy import SlaPolicy
from domain.sla.terms import SlaClockKind
from models.coding import from_milliseconds
from operations.sla.kept import Kept, kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Plant:
    """What is put where: ``place`` is the import name of what it takes the place of."""

    place: str
    bug: Any


def never(*_: object) -> bool:
    """Planted: takes nothing for raised."""
    return False


def always_told(sight: Sight, policy: SlaPolicy) -> tuple[Alert, ...]:
    """Planted: suppresses nothing."""
    return tuple(replace(alert, is_suppressed=False) for alert in alerts_due(sight, policy))


def remembers_no_answer(sight: Sight, policy: SlaPolicy) -> tuple[Alert, ...]:
    """Planted: raises escalations though somebody has taken the clock on."""
    known = [replace(one, acknowledged_ms=None, snoozed_until_ms=None) for one in sight.known]
    return alerts_due(replace(sight, known=known), policy)


async def marks_nothing(_: object) -> None:
    """Planted: a change is not looked at until time moves the clock."""


async def walks_nowhere(*_: object, **__: object) -> tuple[list[dict[str, Any]], bool]:
    """Planted: another policy reaches only what is due."""
    return [], False


def comes_only_forward(row: dict[str, Any], now: datetime, _: timedelta) -> bool:
    """Planted: waits until a clock that was set back has caught up."""
    return from_milliseconds(row["next_at"]) <= now


def measures_what_rests(
    read: Sequence[Clock], stored: Mapping[SlaClockKind, Any], *, is_gone: bool
) -> Kept:
    """Planted: another policy changes the verdict on what is done."""
    return replace(kept(read, stored, is_gone=is_gone), changed=tuple(read))


def looks_at_transitions(clock: Clock, _: Sight) -> int | None:
    """Planted: the end of a snooze is not looked at."""
    return clock.next_transition_ms


PLANTED: Final[Mapping[str, Plant]] = MappingProxyType(
    {
        "raises what was raised": Plant(place="domain.sla.alerts._is_raised", bug=never),
        "suppresses nothing": Plant(place="operations.sla.evaluate.alerts_due", bug=always_told),
        "heeds no answer": Plant(
            place="operations.sla.evaluate.alerts_due", bug=remembers_no_answer
        ),
        "misses changes": Plant(place="models.transaction.Transaction._mark", bug=marks_nothing),
        "misses policies": Plant(place="operations.sla.tick._walk", bug=walks_nowhere),
        "waits for a clock that was set back": Plant(
            place="operations.sla.tick._has_come", bug=comes_only_forward
        ),
        "measures what rests": Plant(place="operations.sla.evaluate.kept", bug=measures_what_rests),
        "forgets snoozes": Plant(
            place="operations.sla.evaluate.next_look_ms", bug=looks_at_transitions
        ),
    }
)
