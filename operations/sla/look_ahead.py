"""Look ahead: which clocks alert or breach by when, if nothing changes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from domain.errors import Invalid
from domain.sla.calendar import HOUR_MS, BusinessCalendar
from domain.sla.forecast import HourLoad, load
from domain.sla.terms import SlaPhase
from models.coding import to_milliseconds
from models.reads.scope import Scope
from models.reads.sla_forecast import Ahead, Coming, coming_load
from models.reads.ticket import TicketFilter
from operations.runtime import Runtime
from operations.sla.policy_in_force import policy_in_force

FURTHEST: Final = timedelta(days=92)
# Of hours, as much as anybody reads.
FURTHEST_HOURLY: Final = timedelta(days=14)


@dataclass(frozen=True, slots=True, kw_only=True)
class LookAhead:
    """From when to when, and for which tickets; None for all tickets and incidents."""

    at: datetime
    until: datetime
    wanted: TicketFilter | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What is asked for, and the calendars that time is counted in."""

    ahead: Ahead
    calendars: Mapping[str, BusinessCalendar]

    def if_resumed_ms(self, coming: Coming) -> int | None:
        """Return when a paused clock would breach if it ran on from now; None for others."""
        calendar = self.calendars.get(coming.calendar)
        if coming.phase is not SlaPhase.PAUSED or calendar is None:
            return None
        return calendar.passed_at(self.ahead.now_ms, coming.left_ms)


async def look_ahead(runtime: Runtime, ask: LookAhead) -> Outlook:
    """Return what is to be read, by the calendars in force.

    Raises Invalid for an end that has passed or is too far away, and Unavailable while no
    service levels are in force.
    """
    _check(ask, FURTHEST)
    in_force = await policy_in_force(runtime)
    now_ms, until_ms = to_milliseconds(ask.at), to_milliseconds(ask.until)
    calendars = {calendar.name: calendar for calendar in in_force.policy.calendars}
    open_ms = {name: one.open_between(now_ms, until_ms) for name, one in calendars.items()}
    ahead = Ahead(now_ms=now_ms, until_ms=until_ms, open_ms=open_ms, wanted=ask.wanted)
    return Outlook(ahead=ahead, calendars=calendars)


async def hourly_load(runtime: Runtime, scope: Scope, ask: LookAhead) -> tuple[HourLoad, ...]:
    """Return how many clocks alert and breach in each hour from now on.

    Raises what ``look_ahead`` raises.
    """
    _check(ask, FURTHEST_HOURLY)
    ahead = (await look_ahead(runtime, ask)).ahead
    hours = ahead.until_ms // HOUR_MS - ahead.now_ms // HOUR_MS + 1
    return load(await coming_load(scope, ahead), start_ms=ahead.now_ms, hours=hours)


def _check(ask: LookAhead, furthest: timedelta) -> None:
    if not ask.at < ask.until <= ask.at + furthest:
        message = f"until must be in the future, {furthest.days} days at most"
        raise Invalid(message, path=("until",))
