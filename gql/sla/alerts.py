"""Alerts as the graph shows them."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Final

import strawberry
from strawberry.types import Info

from domain.sla.terms import AlertLevel, NotificationState, SlaClockKind
from gql.context import Context
from gql.keysets import keyset
from gql.nodes import Node, global_id
from gql.paging import Connection, connection, window
from models.reads import alerts as reads
from models.reads import notification as message_reads

if TYPE_CHECKING:
    from gql.changes.types import Change
    from gql.sla.subjects import SlaSubject

OneSubject = Annotated["SlaSubject", strawberry.lazy("gql.sla.subjects")]
OneChange = Annotated["Change", strawberry.lazy("gql.changes.types")]

# The order's name in cursors.
ORDER: Final = "ALERTS"


@strawberry.type(description="A message to people, through one channel.")
class Notification:
    """A message."""

    id: strawberry.ID = strawberry.field(
        description="Opaque; a message that came twice has the same."
    )
    channel: str = strawberry.field(description="The channel, as the policy names it.")
    state: NotificationState = strawberry.field(description="How far it is.")
    attempt: int = strawberry.field(description="How often it was tried in vain.")
    due_at: datetime | None = strawberry.field(
        description="When it is tried next; null when it has ended."
    )
    sent_at: datetime | None = strawberry.field(
        description="When the channel took it; null while it has not."
    )
    error: str | None = strawberry.field(
        description="Why it could not be sent last; null when nothing went wrong."
    )

    @classmethod
    def of(cls, record: message_reads.Notification) -> "Notification":
        """Show a record."""
        return cls(
            id=global_id("Notification", record.id),
            channel=record.channel,
            state=record.state,
            attempt=record.attempt,
            due_at=record.due_at,
            sent_at=record.sent_at,
            error=record.error,
        )


@strawberry.type(
    description="A level that a clock has reached: one for each subject, clock, cycle, target and "
    "level, however often and by whomever the clock is looked at."
)
class Alert(Node):
    """An alert."""

    alert_key: str = strawberry.field(
        name="key", description="Its identity: subject, clock, cycle, target, level."
    )
    clock: SlaClockKind = strawberry.field(description="Which of the subject's clocks.")
    cycle: int = strawberry.field(description="The clock's cycle, from 1.")
    level: AlertLevel = strawberry.field(description="What it tells of.")
    percent: float = strawberry.field(
        description="How much of the target was used when it was raised."
    )
    target: timedelta = strawberry.field(description="How much time the clock had.")
    crossed_at: datetime = strawberry.field(description="When the level was reached.")
    raised_at: datetime = strawberry.field(description="When that was seen.")
    escalation_level: int = strawberry.field(description="The subject's escalation level with it.")
    suppressed: bool = strawberry.field(
        description="Whether it is kept only: nobody is told, and nothing escalates."
    )
    suppressed_because: str | None = strawberry.field(
        description="Why, for a person; null when it is told."
    )
    acknowledged_at: datetime | None = strawberry.field(
        description="When somebody took it on; null while nobody has."
    )
    acknowledged_by: str | None = strawberry.field(description="Who did.")
    snoozed_until: datetime | None = strawberry.field(
        description="Until when its clock does not escalate; null when nobody put it off."
    )
    snoozed_by: str | None = strawberry.field(description="Who put it off.")
    record: strawberry.Private[reads.Alert]

    @classmethod
    def of(cls, record: reads.Alert) -> "Alert":
        """Show a record."""
        return cls(
            id=global_id("Alert", record.id),
            record=record,
            alert_key=record.key,
            clock=record.clock,
            cycle=record.cycle,
            level=record.level,
            percent=record.percent,
            target=record.target,
            crossed_at=record.crossed_at,
            raised_at=record.raised_at,
            escalation_level=record.escalation_level,
            suppressed=record.is_suppressed,
            suppressed_because=_because(record),
            acknowledged_at=record.acknowledged_at,
            acknowledged_by=record.acknowledged_by,
            snoozed_until=record.snoozed_until,
            snoozed_by=record.snoozed_by,
        )

    @strawberry.field(description="The ticket or incident that it is about.")
    async def subject(self, info: Info[Context, Any]) -> OneSubject:
        """Read it together with the others. Raises NotFound."""
        from gql.sla.finding import subject_of  # noqa: PLC0415 — subjects list their alerts

        return await subject_of(info.context, self.record.subject_kind, self.record.subject_id)

    @strawberry.field(
        description="The changes that were under way on its subject's services when the level was "
        "reached, the first begun first: one of them may be the cause."
    )
    async def changes_under_way(self, info: Info[Context, Any]) -> list[OneChange]:
        """Read them for all alerts of the request at once."""
        found = await info.context.loaders.sla.changes.load(self.record.id)
        from gql.changes.types import Change  # noqa: PLC0415 — changes lead to incidents and so here

        return [Change.of(one) for one in found or ()]

    @strawberry.field(
        description="The messages that tell of it, by channel; none of a suppressed one."
    )
    async def notifications(self, info: Info[Context, Any]) -> list[Notification]:
        """Read them for all alerts of the request at once."""
        found = await info.context.loaders.sla.notifications.load(self.record.id)
        return [Notification.of(one) for one in found or ()]


async def alerts_of(
    context: Context, subject_key: str, *, first: int | None, after: str | None
) -> Connection[Alert]:
    """Return a page of a subject's alerts, read for all subjects of the request at once."""
    asked = window(order=ORDER, first=first, after=after)
    loaders = context.loaders.sla
    rows = await loaders.alert_pages[keyset(asked, is_descending=True)].load(subject_key)

    async def count() -> int:
        return await loaders.alert_counts.load(subject_key) or 0

    return connection(asked, rows or [], key=key_of, node=Alert.of, count=count)


def key_of(row: reads.Alert) -> tuple[datetime, str]:
    """Return the key of an alert in lists."""
    return row.raised_at, row.id


def _because(record: reads.Alert) -> str | None:
    if not record.is_suppressed:
        return None
    before = "shortly before" if record.told_at is None else f"at {record.told_at:%H:%M:%S} UTC"
    return (
        f"the {record.level} of this {record.clock} clock was told {before}, "
        "within the policy's dedup window"
    )
