"""Asking for plans, for their healing, and for both by themselves."""

from datetime import timedelta
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from domain.errors import Invalid, PlanTooLarge
from domain.exchange import DriftStatus
from domain.records import RecordKind
from gql import errors
from gql.attempts import attempt
from gql.context import Context
from gql.errors import UserError, WarningCode, user_errors
from gql.integrations.types import Integration, shown_integration
from gql.nodes import key_in
from gql.reconcile.types import DriftPlan
from models.reads.drift import Plan
from operations.reconcile.ask import Asked, Reconcile, reconcile
from operations.reconcile.schedule import SetReconcileSchedule, set_reconcile_schedule


@strawberry.input(
    description=(
        "Which integration to compare. Without a hash a plan is made, and healed only where "
        "`dryRun` is false; with the hash of a plan, that plan is healed."
    )
)
class ReconcileInput:
    """An integration, and what to do."""

    integration_id: strawberry.ID = strawberry.field(description="Which integration.")
    kinds: list[RecordKind] | None = strawberry.field(
        description="Which kinds of records; only incidents have two sides.", default=None
    )
    dry_run: bool | None = strawberry.field(
        description="Whether to make a plan only; true unless a hash is given.", default=None
    )
    plan_hash: str | None = strawberry.field(
        description="Heal exactly what the newest plan of this hash says.", default=None
    )
    confirm_large: bool | None = strawberry.field(
        description="Heal it though it is large; only with a hash.", default=False
    )

    def to_request(self) -> Reconcile:
        """Return what the operation takes. Raises NotFound and Invalid."""
        if self.dry_run and self.plan_hash is not None:
            raise Invalid("a hash is named to heal; leave out dryRun", path=("dryRun",))
        return Reconcile(
            integration_id=key_in(self.integration_id, "Integration", path=("integrationId",)),
            kinds=self.kinds or (),
            heals=self.dry_run is False,
            plan_hash=self.plan_hash,
            confirms_large=bool(self.confirm_large),
        )


@strawberry.input(description="How often to compare both sides.")
class SetReconcileScheduleInput:
    """A schedule."""

    integration_id: strawberry.ID = strawberry.field(description="Which integration.")
    interval: timedelta = strawberry.field(
        description="The time between the starts of two runs, PT5M to P7D."
    )
    auto_heal: bool = strawberry.field(
        description="Whether what differs is healed; a large plan waits for its hash."
    )
    enabled: bool = strawberry.field(description="Whether it runs.")

    def to_request(self) -> SetReconcileSchedule:
        """Return what the operation takes. Raises NotFound."""
        return SetReconcileSchedule(
            integration_id=key_in(self.integration_id, "Integration", path=("integrationId",)),
            interval=self.interval,
            auto_heal=self.auto_heal,
            is_enabled=self.enabled,
        )


@strawberry.type(description="What became of the request to compare or to heal.")
class ReconcilePayload:
    """An answer."""

    plan: DriftPlan | None = strawberry.field(
        description="The plan as it is now, after 20 seconds at most; null when it was refused."
    )
    user_errors: list[UserError] = strawberry.field(description="Why it was refused.")
    warnings: list[errors.Warning] = strawberry.field(description="What else to know.")


@strawberry.type(description="What became of the schedule.")
class SetReconcileSchedulePayload:
    """An answer."""

    integration: Integration | None = strawberry.field(
        description="The integration as it is now; null when it was refused."
    )
    user_errors: list[UserError] = strawberry.field(description="Why it was refused.")
    warnings: list[errors.Warning] = strawberry.field(description="What else to know.")


Input = strawberry.argument(description="What is asked for.")


@strawberry.type
class ReconcileMutations:
    """Root fields."""

    @strawberry.mutation(
        description=(
            "Compare all incidents of an integration with the vendor's, or heal what a plan "
            "says. A worker does it: ask for the plan by its id while it is under way."
        )
    )
    async def reconcile(
        self, info: Info[Context, Any], input: Annotated[ReconcileInput, Input]
    ) -> ReconcilePayload:
        """Ask ``operations`` and show the answer."""
        context = info.context
        asked, refusals = await attempt(context, reconcile, input.to_request)
        plan = None if asked is None else await context.loaders.drift.by_id.load(asked.plan_id)
        return ReconcilePayload(
            plan=None if plan is None else DriftPlan.of(plan),
            user_errors=refusals or _unhealed(plan),
            warnings=_warnings(asked),
        )

    @strawberry.mutation(description="Set how often both sides of an integration are compared.")
    async def set_reconcile_schedule(
        self, info: Info[Context, Any], input: Annotated[SetReconcileScheduleInput, Input]
    ) -> SetReconcileSchedulePayload:
        """Ask ``operations`` and show the answer."""
        context = info.context
        key, refusals = await attempt(context, set_reconcile_schedule, input.to_request)
        return SetReconcileSchedulePayload(
            integration=await shown_integration(context, key), user_errors=refusals, warnings=[]
        )


def _unhealed(plan: Plan | None) -> list[UserError]:
    """Say that a plan which was to heal itself waits for a person's word."""
    if plan is None or plan.status is not DriftStatus.READY or plan.error is None:
        return []
    return user_errors(PlanTooLarge(plan.error, path=("planHash",)))


def _warnings(asked: Asked | None) -> list[errors.Warning]:
    if asked is None or not asked.is_already_running:
        return []
    return [
        errors.Warning(
            message="a plan of this integration was under way already",
            code=WarningCode.ALREADY_RUNNING,
            path=["plan"],
        )
    ]
