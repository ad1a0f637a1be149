"""Which alerts a list or subscription shows."""

import strawberry

from domain.errors import Invalid
from domain.records import Priority
from domain.sla.terms import AlertLevel, SlaClockKind
from gql.filtering import TimeRange
from gql.nodes import parts_of
from models.reads import alerts as reads


@strawberry.input(description="What alerts must all have; what is left out is not asked.")
class AlertFilter:
    """Conditions, all of which must hold."""

    level: list[AlertLevel] | None = strawberry.field(description="Any of these.", default=None)
    clock: SlaClockKind | None = strawberry.field(description="Of this clock.", default=None)
    subject_id: strawberry.ID | None = strawberry.field(
        description="Of this ticket or incident.", default=None
    )
    priority: list[Priority] | None = strawberry.field(
        description="Of subjects that have any of these now.", default=None
    )
    tier: list[str] | None = strawberry.field(
        description="Of subjects that have any of these now; an incident's is that of its most "
        "critical service.",
        default=None,
    )
    include_suppressed: bool = strawberry.field(
        description="Whether those are shown too that nobody was told of.", default=False
    )
    raised: TimeRange | None = strawberry.field(
        description="Raised within this span.", default=None
    )

    def to_read(self) -> reads.AlertFilter:
        """Return what the reads take. Raises Invalid."""
        raised = self.raised or TimeRange()
        return reads.AlertFilter(
            levels=None if self.level is None else frozenset(self.level),
            clock=self.clock,
            subject_id=None if self.subject_id is None else _subject_key(self.subject_id),
            priorities=None if self.priority is None else frozenset(self.priority),
            tiers=None if self.tier is None else frozenset(self.tier),
            with_suppressed=self.include_suppressed,
            raised_from=raised.from_,
            raised_to=raised.to,
        )


def _subject_key(id: str) -> str:
    kind, key = parts_of(id)
    if kind not in {"Ticket", "Incident"}:
        raise Invalid("this is not the id of one ticket or incident", path=("filter", "subjectId"))
    return key
