"""Clocks of tickets and incidents as the graph shows them."""

from datetime import datetime, timedelta
from typing import Final

import strawberry

from domain.sla.terms import SlaClockKind, SlaPhase, SlaState
from operations.sla.clocks_now import ClockNow

_PERCENT: Final = 100


@strawberry.type(
    description="How much of a promise is used. One that counts is read at the moment of the "
    "question, one at rest stands as it came to rest, whatever has become of the policy."
)
class SlaClock:
    """A clock."""

    kind: SlaClockKind = strawberry.field(description="Which promise it measures.")
    phase: SlaPhase = strawberry.field(description="Whether it counts.")
    state: SlaState = strawberry.field(description="How far it is.")
    cycle: int = strawberry.field(
        description="From 1; one more each time that it begins anew, where the policy says so."
    )
    target: timedelta = strawberry.field(description="How much time of the calendar it has.")
    elapsed: timedelta = strawberry.field(description="How much of that is used.")
    remaining: timedelta = strawberry.field(
        description="How much is left; below zero, how much too much was used."
    )
    percent: float = strawberry.field(description="How much of the target is used.")
    started_at: datetime = strawberry.field(description="When its cycle began.")
    stopped_at: datetime | None = strawberry.field(
        description="When it came to rest; null while it has not."
    )
    paused_at: datetime | None = strawberry.field(
        description="Since when it has been paused; null when it is not."
    )
    next_transition_at: datetime | None = strawberry.field(
        description="When it reaches its next level if it runs on; null when time alone "
        "changes nothing."
    )
    breach_at: datetime | None = strawberry.field(
        description="When it breaches if it runs on; null when it has, or does not run."
    )
    calendar: str = strawberry.field(description="The calendar that time is counted in now.")
    policy_version: str = strawberry.field(
        description="The version of the service levels that it was measured by."
    )
    because: str = strawberry.field(description="Why it counts, waits or has ended, for a person.")

    @classmethod
    def of(cls, clock: ClockNow) -> "SlaClock":
        """Show a clock."""
        return cls(
            kind=clock.kind,
            phase=clock.phase,
            state=clock.state,
            cycle=clock.cycle,
            target=clock.target,
            elapsed=clock.elapsed,
            remaining=clock.target - clock.elapsed,
            percent=_PERCENT * (clock.elapsed / clock.target),
            started_at=clock.started_at,
            stopped_at=clock.stopped_at,
            paused_at=clock.paused_at,
            next_transition_at=clock.next_transition_at,
            breach_at=clock.breach_at,
            calendar=clock.calendar,
            policy_version=clock.policy,
            because=clock.because,
        )
