"""What clocks come to, as the graph shows it."""

from datetime import datetime
from typing import Any

import strawberry
from strawberry.types import Info

from domain.errors import NotFound
from domain.sla.forecast import HourLoad
from domain.sla.terms import SlaSubjectKind
from gql.context import Context
from gql.sla.clocks import SlaClock
from gql.sla.finding import subject_of
from gql.sla.subjects import SlaSubject
from models.coding import from_milliseconds, instant
from models.reads.sla_forecast import Coming
from operations.sla.clocks_now import ClockNow
from operations.sla.look_ahead import Outlook
from operations.sla.preview_policy import Example


@strawberry.type(description="What becomes of a clock if nothing changes.")
class SlaForecast:
    """A clock and its future."""

    alert_at: datetime | None = strawberry.field(
        description="When most of its target is used; null when it is, or the clock is paused."
    )
    breach_at: datetime | None = strawberry.field(
        description="When all of it is used; null when it is, or the clock is paused."
    )
    if_resumed: datetime | None = strawberry.field(
        description="When a paused clock would breach if it ran on from now; null for others."
    )
    subject_kind: strawberry.Private[SlaSubjectKind]
    subject_key: strawberry.Private[str]
    coming: strawberry.Private[Coming | None]
    known: strawberry.Private[ClockNow | None]

    @classmethod
    def of(cls, coming: Coming, outlook: Outlook) -> "SlaForecast":
        """Show a clock of a list."""
        return cls(
            alert_at=instant(coming.alert_ms),
            breach_at=instant(coming.breach_ms),
            if_resumed=instant(outlook.if_resumed_ms(coming)),
            subject_kind=coming.subject_kind,
            subject_key=coming.subject_id,
            coming=coming,
            known=None,
        )

    @classmethod
    def of_example(cls, example: Example) -> "SlaForecast":
        """Show a clock by service levels that are not in force."""
        ahead = example.forecast
        return cls(
            alert_at=instant(ahead.alert_ms),
            breach_at=instant(ahead.breach_ms),
            if_resumed=instant(ahead.if_resumed_ms),
            subject_kind=example.subject_kind,
            subject_key=example.subject_id,
            coming=None,
            known=example.clock,
        )

    @strawberry.field(description="Whose clock it is.")
    async def subject(self, info: Info[Context, Any]) -> SlaSubject:
        """Read it together with the others. Raises NotFound."""
        return await subject_of(info.context, self.subject_kind, self.subject_key)

    @strawberry.field(
        description="The clock now; in a preview by the service levels that are previewed."
    )
    async def clock(self, info: Info[Context, Any]) -> SlaClock:
        """Read those of all subjects of the request at once. Raises NotFound."""
        if self.known is not None:
            return SlaClock.of(self.known)
        context = info.context
        loader = context.loaders.sla.measured(context.runtime, self.subject_kind, context.as_of)
        measured = await loader.load(self.subject_key)
        for one in () if measured is None else measured.clocks:
            if self.coming is not None and one.kind is self.coming.kind:
                return SlaClock.of(one)
        raise NotFound("a clock of", self.subject_key)


@strawberry.type(description="How much comes within an hour of UTC, if nothing changes.")
class SlaLoad:
    """An hour."""

    starts_at: datetime = strawberry.field(description="When the hour begins.")
    alerts: int = strawberry.field(
        description="Of how many clocks most of the target is used in it."
    )
    breaches: int = strawberry.field(
        description="Of how many clocks all of the target is used in it."
    )

    @classmethod
    def of(cls, hour: HourLoad) -> "SlaLoad":
        """Show an hour."""
        return cls(
            starts_at=from_milliseconds(hour.start_ms), alerts=hour.alerts, breaches=hour.breaches
        )
