"""What other service levels would change, as the graph shows it."""

import strawberry

from domain.sla.preview import Move
from gql.errors import UserError, UserErrorCode
from gql.sla.forecasts import SlaForecast
from operations.sla.judge import PolicyFault
from operations.sla.preview_policy import Preview


@strawberry.type(
    description="What a policy would change, were it in force now. It covers what is open; a "
    "clock at rest stays as it is. Each clock whose state would be another is counted once, by "
    "what it would be."
)
class SlaPolicyPreview:
    """Counts and examples, or what is wrong with the text."""

    valid: bool = strawberry.field(description="Whether the text is a policy.")
    user_errors: list[UserError] = strawberry.field(
        description="What is wrong with it, and what to write; empty when it is a policy."
    )
    error_line: int | None = strawberry.field(
        description="The line of the error, from 1; null without one."
    )
    error_column: int | None = strawberry.field(description="The column of it, from 1.")
    version: str | None = strawberry.field(
        description="The hash of what the text means; that of `sla { version }` when it changes "
        "nothing."
    )
    subjects: int = strawberry.field(
        description="How many open tickets and incidents were looked at, of those you may see."
    )
    complete: bool = strawberry.field(
        description="Whether that is all of them; a preview ends after 5 s."
    )
    clocks: int = strawberry.field(description="How many clocks of theirs would be measured.")
    to_alert: int = strawberry.field(description="How many would be in ALERT and are not.")
    to_breach: int = strawberry.field(description="How many would be in BREACH and are not.")
    cleared: int = strawberry.field(
        description="How many would be OK, or measured no more, and are in ALERT or BREACH."
    )
    examples: list[SlaForecast] = strawberry.field(
        description="Ten at most of these that would be measured, and what becomes of them then."
    )

    @classmethod
    def of(cls, found: Preview | PolicyFault) -> "SlaPolicyPreview":
        """Show what was found."""
        if isinstance(found, PolicyFault):
            return cls._refused(found)
        return cls(
            valid=True,
            user_errors=[],
            error_line=None,
            error_column=None,
            version=found.version,
            subjects=found.subjects,
            complete=found.is_whole,
            clocks=found.clocks,
            to_alert=found.moves[Move.TO_ALERT],
            to_breach=found.moves[Move.TO_BREACH],
            cleared=found.moves[Move.CLEARED],
            examples=[SlaForecast.of_example(one) for one in found.examples],
        )

    @classmethod
    def _refused(cls, fault: PolicyFault) -> "SlaPolicyPreview":
        place = fault.place
        return cls(
            valid=False,
            user_errors=[
                UserError(message=fault.message, code=UserErrorCode.INVALID, path=["yaml"])
            ],
            error_line=None if place is None else place.line,
            error_column=None if place is None else place.column,
            version=None,
            subjects=0,
            complete=False,
            clocks=0,
            to_alert=0,
            to_breach=0,
            cleared=0,
            examples=[],
        )
