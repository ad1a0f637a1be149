"""How well promises were kept over time, as the graph shows it."""

from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from domain.errors import Invalid
from domain.records import Priority
from domain.sla.attainment import Kept, SlaAttainmentGroup, SlaAttainmentPeriod
from domain.sla.terms import SlaClockKind
from gql.assets.types import Service
from gql.context import Context
from gql.filtering import TimeRange
from gql.tickets.filters import TicketFilter
from operations.sla.attainment import AskAttainment, Point, Series, attainment


@strawberry.type(description="How many clocks ended within their targets, and how many beyond.")
class SlaAttainment:
    """Counts."""

    met: int = strawberry.field(description="How many ended within their targets.")
    breached: int = strawberry.field(description="How many ended beyond.")
    percent: float | None = strawberry.field(
        description="How much of what ended was within its target; null when nothing ended."
    )

    @classmethod
    def of(cls, kept: Kept) -> "SlaAttainment":
        """Show counts."""
        return cls(met=kept.met, breached=kept.breached, percent=kept.percent)


@strawberry.type(description="One period of a series, the first and the last as far as asked for.")
class SlaAttainmentPoint:
    """A period."""

    starts_at: datetime = strawberry.field(description="Its first instant.")
    ends_at: datetime = strawberry.field(description="The first instant after it.")
    attainment: SlaAttainment = strawberry.field(description="Of the clocks that ended in it.")

    @classmethod
    def of(cls, point: Point) -> "SlaAttainmentPoint":
        """Show a period."""
        return cls(
            starts_at=point.since, ends_at=point.until, attainment=SlaAttainment.of(point.kept)
        )


@strawberry.type(description="One kind of clock, of one policy, priority or service if asked for.")
class SlaAttainmentSeries:
    """A series."""

    clock: SlaClockKind = strawberry.field(description="Which of the two promises.")
    policy: str | None = strawberry.field(
        description="The policy of the file that the clocks were measured by; null when it was "
        "not asked for."
    )
    priority: Priority | None = strawberry.field(
        description="The priority with which the clocks ended; null when it was not asked for, "
        "and of incidents without one."
    )
    total: SlaAttainment = strawberry.field(description="Of all periods.")
    points: list[SlaAttainmentPoint] = strawberry.field(description="The periods, in order.")
    service_key: strawberry.Private[str | None]

    @classmethod
    def of(cls, series: Series, group: SlaAttainmentGroup | None) -> "SlaAttainmentSeries":
        """Show a series."""
        named = {group: series.group}
        priority = named.get(SlaAttainmentGroup.PRIORITY)
        return cls(
            clock=series.kind,
            policy=named.get(SlaAttainmentGroup.POLICY),
            priority=None if priority is None else Priority(priority),
            total=SlaAttainment.of(series.kept),
            points=[SlaAttainmentPoint.of(point) for point in series.points],
            service_key=named.get(SlaAttainmentGroup.SERVICE),
        )

    @strawberry.field(
        description="The service that they concern; null when it was not asked for, for those "
        "that concern none, and for one that you may not see."
    )
    async def service(self, info: Info[Context, Any]) -> Service | None:
        """Read it together with the others."""
        if self.service_key is None:
            return None
        found = await info.context.loaders.services.load(self.service_key)
        return None if found is None else Service.of(found)


@strawberry.type
class AttainmentQueries:
    """Root fields."""

    @strawberry.field(
        description="How well promises were kept: the clocks that came to rest in each period, "
        "within their targets or beyond. Those that go on or were cancelled do not count, and "
        "one that is reopened counts when it ends again. At most 50 series, those of which the "
        "most has ended."
    )
    async def sla_attainment(  # noqa: PLR0913, PLR0917 — a question's arguments
        self,
        info: Info[Context, Any],
        range: Annotated[
            TimeRange,
            strawberry.argument(
                description="From when, which is needed, to when, left out up to now. 93 days at "
                "most by DAY, 106 weeks by WEEK."
            ),
        ],
        by: Annotated[
            SlaAttainmentPeriod, strawberry.argument(description="How the range is cut.")
        ] = SlaAttainmentPeriod.DAY,
        per: Annotated[
            SlaAttainmentGroup | None,
            strawberry.argument(
                description="What is told apart besides the two kinds of clocks. By SERVICE what "
                "concerns several counts for each."
            ),
        ] = None,
        clock: Annotated[
            SlaClockKind | None, strawberry.argument(description="Only clocks of this kind.")
        ] = None,
        timezone: Annotated[
            str, strawberry.argument(description="Whose midnights cut it, an IANA name.")
        ] = "UTC",
        filter: Annotated[
            TicketFilter | None,
            strawberry.argument(description="Only these tickets; left out, incidents count too."),
        ] = None,
    ) -> list[SlaAttainmentSeries]:
        """Ask ``operations`` and show the answer. Raises Invalid."""
        context = info.context
        scope = context.loaders.scope
        if range.from_ is None:
            raise Invalid("range needs its beginning", path=("range", "from"))
        ask = AskAttainment(
            start=range.from_,
            end=range.to or context.as_of,
            period=by,
            timezone=timezone,
            group=per,
            clock=clock,
            wanted=None if filter is None else filter.to_read(context.as_of),
        )
        found = await attainment(scope, ask)
        return [SlaAttainmentSeries.of(series, per) for series in found]
