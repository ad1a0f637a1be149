"""Reading the service levels at once."""

from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from gql import errors
from gql.attempts import attempt
from gql.context import Context
from gql.errors import UserError, WarningCode
from gql.sla.queries import shown_config
from gql.sla.types import SlaConfig
from operations.sla.reload_policy import ReloadPolicy, reload_policy
from operations.sla.take_policy import Outcome


@strawberry.input(description="What to expect of the file.")
class ReloadSlaConfigInput:
    """A version, or none."""

    expect_version: str | None = strawberry.field(
        description="The version that the file has to mean, as `im sla check` tells it; if it "
        "means another, nothing happens. Left out, any good file is taken.",
        default=None,
    )

    def to_request(self) -> ReloadPolicy:
        """Return what the operation takes."""
        return ReloadPolicy(version=self.expect_version)


@strawberry.type(description="What became of the reading.")
class ReloadSlaConfigPayload:
    """An answer."""

    config: SlaConfig | None = strawberry.field(
        description="What is in force now; null when the file was refused."
    )
    user_errors: list[UserError] = strawberry.field(description="Why it was refused.")
    warnings: list[errors.Warning] = strawberry.field(
        description="POLICY_UNCHANGED when the file means what was in force already."
    )


@strawberry.type
class SlaMutations:
    """Root fields."""

    @strawberry.mutation(
        description="Read the file of service levels now, where this server runs, rather than "
        "within two seconds of its next change. For administrators."
    )
    async def reload_sla_config(
        self,
        info: Info[Context, Any],
        input: Annotated[
            ReloadSlaConfigInput, strawberry.argument(description="What is asked for.")
        ],
    ) -> ReloadSlaConfigPayload:
        """Ask ``operations`` and show the answer."""
        context = info.context
        outcome, refusals = await attempt(context, reload_policy, input.to_request)
        return ReloadSlaConfigPayload(
            config=None if outcome is None else await shown_config(context),
            user_errors=refusals,
            warnings=_warnings(outcome),
        )


def _warnings(outcome: Outcome | None) -> list[errors.Warning]:
    if outcome not in {Outcome.KNOWN, Outcome.MENDED}:
        return []
    return [
        errors.Warning(
            message="the file means what is in force already",
            code=WarningCode.POLICY_UNCHANGED,
            path=[],
        )
    ]
