"""What people say to alerts."""

from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from gql import errors
from gql.attempts import attempt
from gql.context import Context
from gql.errors import UserError
from gql.nodes import key_in
from gql.sla.alerts import Alert
from operations.sla.acknowledge import AcknowledgeAlert, acknowledge_alert
from operations.sla.snooze import SnoozeAlert, snooze_alert


@strawberry.input(description="Which alert somebody takes on.")
class AcknowledgeAlertInput:
    """An alert."""

    id: strawberry.ID = strawberry.field(description="The alert.")

    def to_request(self) -> AcknowledgeAlert:
        """Return what the operation takes. Raises NotFound."""
        return AcknowledgeAlert(alert_id=key_in(self.id, "Alert", path=("id",)))


@strawberry.input(description="Which alert is put off.")
class SnoozeAlertInput:
    """An alert and an instant."""

    id: strawberry.ID = strawberry.field(description="The alert.")
    until: datetime = strawberry.field(description="Until when: in the future, 31 days at most.")

    def to_request(self) -> SnoozeAlert:
        """Return what the operation takes. Raises NotFound."""
        return SnoozeAlert(alert_id=key_in(self.id, "Alert", path=("id",)), until=self.until)


@strawberry.type(description="What became of the wish to take an alert on.")
class AcknowledgeAlertPayload:
    """An answer."""

    alert: Alert | None = strawberry.field(
        description="The alert as it is now; null when the wish was refused."
    )
    user_errors: list[UserError] = strawberry.field(description="Why it was refused.")
    warnings: list[errors.Warning] = strawberry.field(description="What else to know.")


@strawberry.type(description="What became of the wish to put an alert off.")
class SnoozeAlertPayload:
    """An answer."""

    alert: Alert | None = strawberry.field(
        description="The alert as it is now; null when the wish was refused."
    )
    user_errors: list[UserError] = strawberry.field(description="Why it was refused.")
    warnings: list[errors.Warning] = strawberry.field(description="What else to know.")


Input = strawberry.argument(description="What is asked for.")


@strawberry.type
class AlertMutations:
    """Root fields."""

    @strawberry.mutation(
        description="Take an alert on: its clock escalates no more in its cycle, but alerts and "
        "breaches all the same. The first who does is kept; again it changes nothing."
    )
    async def acknowledge_alert(
        self, info: Info[Context, Any], input: Annotated[AcknowledgeAlertInput, Input]
    ) -> AcknowledgeAlertPayload:
        """Ask ``operations`` and show the answer."""
        key, refusals = await attempt(info.context, acknowledge_alert, input.to_request)
        return AcknowledgeAlertPayload(
            alert=await _now(info.context, key), user_errors=refusals, warnings=[]
        )

    @strawberry.mutation(
        description="Put an alert off: until then its clock does not escalate, but alerts and "
        "breaches all the same. The last word counts."
    )
    async def snooze_alert(
        self, info: Info[Context, Any], input: Annotated[SnoozeAlertInput, Input]
    ) -> SnoozeAlertPayload:
        """Ask ``operations`` and show the answer."""
        key, refusals = await attempt(info.context, snooze_alert, input.to_request)
        return SnoozeAlertPayload(
            alert=await _now(info.context, key), user_errors=refusals, warnings=[]
        )


async def _now(context: Context, key: str | None) -> Alert | None:
    """Return the alert as it is after the wish; None when that was refused."""
    found = None if key is None else await context.loaders.sla.alerts.load(key)
    return None if found is None else Alert.of(found)
