"""The pane's counts as the graph shows them."""

from datetime import datetime, timedelta
from typing import Any, Final

import strawberry
from strawberry.types import Info

from domain.records import IncidentStatus, Severity
from gql.context import Context
from gql.integrations.types import Integration
from gql.paging import MOST
from gql.sla.alerts import Alert
from models.reads import overview as reads
from models.reads import work_counts as work_reads
from models.reads.alerts import TOLD_ONES, alert_page
from models.reads.conflicts import OPEN_ONES, conflict_count
from models.reads.counters import NOTHING
from models.reads.integration import integration_page
from models.reads.keyset import Keyset

RECENT: Final = 10


@strawberry.type(description="How many open incidents are this bad.")
class SeverityCount:
    """A count."""

    severity: Severity = strawberry.field(description="How bad.")
    count: int = strawberry.field(description="How many.")


@strawberry.type(description="How many incidents stand here.")
class IncidentStatusCount:
    """A count."""

    status: IncidentStatus = strawberry.field(description="Where.")
    count: int = strawberry.field(description="How many.")


@strawberry.type(description="Counts over the incidents in your scope that are not deleted.")
class IncidentCounts:
    """Counts."""

    open: int = strawberry.field(description="Those that are not ended.")
    unassigned: int = strawberry.field(description="Open ones that nobody works on.")
    by_severity: list[SeverityCount] = strawberry.field(
        description="Open ones, one entry for every severity, the worst first."
    )
    by_status: list[IncidentStatusCount] = strawberry.field(
        description="Open ones, one entry for every open status."
    )
    opened_last_day: int = strawberry.field(description="Those that began in the last 24 hours.")
    resolved_last_day: int = strawberry.field(
        description="Those that were resolved in the last 24 hours."
    )
    mean_time_to_resolve: timedelta | None = strawberry.field(
        description="From beginning to resolution, over those resolved in the last 7 days; "
        "null without any."
    )

    @classmethod
    def of(cls, counts: reads.IncidentCounts) -> "IncidentCounts":
        """Show the counts."""
        return cls(
            open=counts.open,
            unassigned=counts.unassigned,
            by_severity=[
                SeverityCount(severity=severity, count=count)
                for severity, count in counts.by_severity.items()
            ],
            by_status=[
                IncidentStatusCount(status=status, count=count)
                for status, count in counts.by_status.items()
            ],
            opened_last_day=counts.opened_last_day,
            resolved_last_day=counts.resolved_last_day,
            mean_time_to_resolve=counts.mean_time_to_resolve,
        )


@strawberry.type(description="Counts over the changes in your scope that are not deleted.")
class ChangeCounts:
    """Counts."""

    in_progress: int = strawberry.field(description="Those that are being done.")
    next_day: int = strawberry.field(description="Scheduled ones that begin within 24 hours.")
    failed_last_day: int = strawberry.field(
        description="Those that ended in the last 24 hours and failed."
    )

    @classmethod
    def of(cls, counts: work_reads.ChangeCounts) -> "ChangeCounts":
        """Show the counts."""
        return cls(
            in_progress=counts.in_progress,
            next_day=counts.next_day,
            failed_last_day=counts.failed_last_day,
        )


@strawberry.type(description="Counts over the events in your scope that are not deleted.")
class EventCounts:
    """Counts."""

    firing: int = strawberry.field(description="Those that go on.")
    last_hour: int = strawberry.field(description="Those first seen in the last hour.")
    critical_last_hour: int = strawberry.field(description="Critical ones of these.")

    @classmethod
    def of(cls, counts: work_reads.EventCounts) -> "EventCounts":
        """Show the counts."""
        return cls(
            firing=counts.firing,
            last_hour=counts.last_hour,
            critical_last_hour=counts.critical_last_hour,
        )


@strawberry.type(description="Counts over the tickets in your scope that are not deleted.")
class TicketCounts:
    """Counts."""

    open: int = strawberry.field(description="Those that are not ended.")
    ok: int = strawberry.field(description="Open ones whose clocks are all OK.")
    alert: int = strawberry.field(description="Open ones whose worse clock is an ALERT.")
    breach: int = strawberry.field(description="Open ones of which a clock is a BREACH.")
    paused: int = strawberry.field(description="Open ones with a clock that is paused.")
    due_next_hour: int = strawberry.field(
        description="Open ones of which a clock will breach before an hour has passed."
    )

    @classmethod
    def of(cls, counts: work_reads.TicketCounts) -> "TicketCounts":
        """Show the counts."""
        return cls(
            open=counts.open,
            ok=counts.ok,
            alert=counts.alert,
            breach=counts.breach,
            paused=counts.paused,
            due_next_hour=counts.due_next_hour,
        )


@strawberry.type(description="How things stand: counts and freshness.")
class Overview:
    """A moment."""

    as_of: datetime = strawberry.field(description="The moment of which it tells.")

    @strawberry.field(description="How much work on incidents is open.")
    async def incidents(self, info: Info[Context, Any]) -> IncidentCounts:
        """Count as of the overview's moment."""
        return IncidentCounts.of(
            await reads.incident_counts(info.context.loaders.scope, self.as_of)
        )

    @strawberry.field(description="Which changes are under way, near or failed.")
    async def changes(self, info: Info[Context, Any]) -> ChangeCounts:
        """Count as of the overview's moment."""
        scope = info.context.loaders.scope
        return ChangeCounts.of(await work_reads.change_counts(scope, self.as_of))

    @strawberry.field(description="What monitoring tells.")
    async def events(self, info: Info[Context, Any]) -> EventCounts:
        """Count as of the overview's moment."""
        return EventCounts.of(await work_reads.event_counts(info.context.loaders.scope, self.as_of))

    @strawberry.field(description="How much work on tickets is open, and how its clocks are.")
    async def tickets(self, info: Info[Context, Any]) -> TicketCounts:
        """Count as of the overview's moment."""
        scope = info.context.loaders.scope
        return TicketCounts.of(await work_reads.ticket_counts(scope, self.as_of))

    @strawberry.field(
        description="The last ten alerts that were told, of tickets and incidents, the last first."
    )
    async def recent_alerts(self, info: Info[Context, Any]) -> list[Alert]:
        """Read the first page."""
        last = Keyset(limit=RECENT, position=None, is_descending=True)
        found = await alert_page(info.context.loaders.scope, TOLD_ONES, last)
        return [Alert.of(record) for record in found]

    @strawberry.field(description="How many deliveries failed for good and wait for a person.")
    async def dead_letters(self, info: Info[Context, Any]) -> int:
        """Count now, together with what else waits."""
        return (await info.context.loaders.sync.in_all.load("") or NOTHING).dead_letters

    @strawberry.field(description="How many writes wait to be sent to vendors.")
    async def pending_writes(self, info: Info[Context, Any]) -> int:
        """Count now, together with what else waits."""
        return (await info.context.loaders.sync.in_all.load("") or NOTHING).writes

    @strawberry.field(description="How many conflicts wait for a person.")
    async def open_conflicts(self, info: Info[Context, Any]) -> int:
        """Count now."""
        return await conflict_count(info.context.loaders.scope, OPEN_ONES)

    @strawberry.field(description="The integrations by key, at most 100.")
    async def integrations(self, info: Info[Context, Any]) -> list[Integration]:
        """Read the first page."""
        first = Keyset(limit=MOST, position=None, is_descending=False)
        found = await integration_page(info.context.loaders.scope, first)
        return [Integration.of(record) for record in found]
