"""The service levels in force, as the graph shows them."""

from datetime import datetime, timedelta
from typing import Final

import strawberry

from domain.records import Priority, TicketStatus
from domain.sla import policy as rules
from domain.sla.calendar import BusinessCalendar
from domain.sla.policy_file import DAYS
from domain.sla.terms import AlertLevel, OnReopen, SlaSubjectKind
from gql.sla.alerts import Notification
from models.reads.notification import policy_notifications
from operations.sla.policy_in_force import InForce

_MS: Final = timedelta(milliseconds=1)
_PERCENT: Final = 100


@strawberry.type(description="How much time something may take.")
class SlaTarget:
    """A promise."""

    target: timedelta = strawberry.field(description="How much time of the calendar.")
    calendar: str = strawberry.field(description="The name of the calendar that it is counted in.")

    @classmethod
    def of(cls, target: rules.Target | None) -> "SlaTarget | None":
        """Show a target, if there is one."""
        if target is None:
            return None
        return cls(target=target.span_ms * _MS, calendar=target.calendar.name)


@strawberry.type(description="What is promised to whom. An empty list of conditions fits all.")
class SlaRule:
    """A policy of the file."""

    name: str = strawberry.field(description="What the file calls it.")
    subjects: list[SlaSubjectKind] = strawberry.field(description="What it is for.")
    tiers: list[str] = strawberry.field(description="The customers' tiers that it is for.")
    priorities: list[Priority] = strawberry.field(description="The priorities that it is for.")
    response: SlaTarget | None = strawberry.field(
        description="By when somebody has to take notice; null where that is not measured."
    )
    resolution: SlaTarget | None = strawberry.field(
        description="By when it has to be done; null where that is not measured."
    )

    @classmethod
    def of(cls, rule: rules.Rule) -> "SlaRule":
        """Show a rule."""
        return cls(
            name=rule.name,
            subjects=sorted(rule.subjects),
            tiers=sorted(rule.tiers),
            priorities=sorted(rule.priorities),
            response=SlaTarget.of(rule.response),
            resolution=SlaTarget.of(rule.resolution),
        )


@strawberry.type(description="When a calendar is open, on one day of each week.")
class SlaOpening:
    """An opening."""

    day: str = strawberry.field(description="The day: mon, tue, wed, thu, fri, sat or sun.")
    opens: str = strawberry.field(description="From when, by the zone's clock: 09:00.")
    closes: str = strawberry.field(description="Until when; 24:00 is the end of the day.")


@strawberry.type(description="When work is done.")
class SlaCalendar:
    """A calendar."""

    name: str = strawberry.field(description="What the file calls it.")
    timezone: str = strawberry.field(description="Whose clock the openings are by, an IANA name.")
    always: bool = strawberry.field(description="Whether it is open without end.")
    weekly: list[SlaOpening] = strawberry.field(description="Each week's openings, in order.")
    holidays: list[str] = strawberry.field(description="Dates on which it is not open.")
    opens_again: bool = strawberry.field(
        description="Whether it is still open at any time within two years; if not, no target in "
        "it is ever reached."
    )

    @classmethod
    def of(cls, calendar: BusinessCalendar, *, opens_again: bool) -> "SlaCalendar":
        """Show a calendar."""
        return cls(
            name=calendar.name,
            timezone=calendar.timezone,
            always=calendar.is_always,
            weekly=[
                SlaOpening(day=day, opens=_clock(one.opens), closes=_clock(one.closes))
                for day, openings in zip(DAYS, calendar.weekly, strict=False)
                for one in openings
            ],
            holidays=sorted(day.isoformat() for day in calendar.holidays),
            opens_again=opens_again,
        )


@strawberry.type(description="Who is told of alerts of one level.")
class SlaNotice:
    """Channels."""

    level: AlertLevel = strawberry.field(description="The level.")
    channels: list[str] = strawberry.field(description="Names of channels.")


@strawberry.type(
    description="The service levels in force in all processes, and what became of their file. One "
    "that is wrong in any place is refused as a whole: then `lastError` says why, and what was in "
    "force stays so."
)
class SlaConfig:
    """What is in force."""

    version: str = strawberry.field(
        description="The hash of what they mean; comments and the order of keys are not part of it."
    )
    in_force_since: datetime = strawberry.field(description="Since when this version is.")
    path: str = strawberry.field(description="The file, where a worker reads it.")
    loaded_at: datetime = strawberry.field(description="When the file was read and good last.")
    loaded_by: str = strawberry.field(description="Who had it read: a worker, or a person.")
    last_error: str | None = strawberry.field(
        description="What is wrong with the file as it is now, and what to write; null when "
        "nothing is."
    )
    last_error_line: int | None = strawberry.field(
        description="The line of it, from 1; null when it is not about the text."
    )
    last_error_column: int | None = strawberry.field(description="The column of it, from 1.")
    last_error_at: datetime | None = strawberry.field(description="When it was found.")
    alert_percent: float = strawberry.field(
        description="The part of a target at which an alert is raised."
    )
    escalate_percents: list[float] = strawberry.field(
        description="The parts of a target, beyond all of it, at which a breach is told again."
    )
    dedup_window: timedelta = strawberry.field(
        description="The same level of the same clock is not told twice within this."
    )
    pause_on: list[TicketStatus] = strawberry.field(
        description="Where a resolution's clock pauses."
    )
    stop_on: list[TicketStatus] = strawberry.field(description="Where it stops.")
    on_reopen: OnReopen = strawberry.field(description="What becomes of it after that.")
    rules: list[SlaRule] = strawberry.field(
        description="The file's policies; the first that fits a subject is its own."
    )
    calendars: list[SlaCalendar] = strawberry.field(description="When work is done.")
    notify: list[SlaNotice] = strawberry.field(description="Who is told.")

    @strawberry.field(
        description="The messages that told last that the file is refused, or good again, by "
        "channel. They go through all channels of `notify`."
    )
    async def notifications(self) -> list[Notification]:
        """Read them."""
        return [Notification.of(found) for found in await policy_notifications()]

    @classmethod
    def of(cls, found: InForce, *, now_ms: int) -> "SlaConfig":
        """Show what is in force."""
        policy, file, refusal = found.policy, found.file, found.file.refusal
        idle = policy.idle_calendars(now_ms)
        return cls(
            version=file.version,
            in_force_since=file.in_force_since,
            path=file.path,
            loaded_at=file.loaded_at,
            loaded_by=file.loaded_by,
            last_error=None if refusal is None else refusal.message,
            last_error_line=None if refusal is None else refusal.line,
            last_error_column=None if refusal is None else refusal.column,
            last_error_at=None if refusal is None else refusal.at,
            alert_percent=float(_PERCENT * policy.alert_at),
            escalate_percents=[float(_PERCENT * part) for part in policy.escalate_at],
            dedup_window=policy.dedup_window_ms * _MS,
            pause_on=sorted(policy.pause_on),
            stop_on=sorted(policy.stop_on),
            on_reopen=policy.on_reopen,
            rules=[SlaRule.of(rule) for rule in policy.rules],
            calendars=[
                SlaCalendar.of(calendar, opens_again=calendar.name not in idle)
                for calendar in policy.calendars
            ],
            notify=[
                SlaNotice(level=level, channels=list(policy.notify[level]))
                for level in AlertLevel
                if policy.notify.get(level)
            ],
        )


def _clock(minute: int) -> str:
    hours, minutes = divmod(minute, 60)
    return f"{hours:02}:{minutes:02}"
