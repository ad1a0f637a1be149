"""What a rule of ownership would do, as the graph shows it."""

from typing import Any

import strawberry
from strawberry.types import Info

from domain.sync.rule_preview import RuleEffect
from gql.context import Context
from gql.incidents.types import Incident
from gql.scalars import FieldValue
from operations.integrations.preview_ownership import Example, Preview


@strawberry.type(description="An incident whose field differs between the two sides.")
class OwnershipExample:
    """An incident."""

    platform_value: FieldValue | None = strawberry.field(description="What it is here.")
    external_value: FieldValue | None = strawberry.field(
        description="What the vendor last told that it is there."
    )
    effect: RuleEffect = strawberry.field(description="What would become of the difference.")
    incident_key: strawberry.Private[str]

    @classmethod
    def of(cls, example: Example) -> "OwnershipExample":
        """Show an example."""
        return cls(
            platform_value=None if example.ours is None else FieldValue(example.ours),
            external_value=None if example.theirs is None else FieldValue(example.theirs),
            effect=example.effect,
            incident_key=example.incident_id,
        )

    @strawberry.field(description="The incident; null when it is gone by now.")
    async def incident(self, info: Info[Context, Any]) -> Incident | None:
        """Read it together with the others."""
        found = await info.context.loaders.incidents.load(self.incident_key)
        return None if found is None else Incident.of(found)


@strawberry.type(
    description="What a rule would do to the values that both sides hold now. Setting it moves "
    "none of them: changes from then on follow it, and so does the next comparison of both sides."
)
class OwnershipPreview:
    """Counts and examples."""

    compared: int = strawberry.field(description="Incidents whose values were compared.")
    different: int = strawberry.field(description="Of these, those whose values differ.")
    sent: int = strawberry.field(description="Of these, those whose value would go to the vendor.")
    taken: int = strawberry.field(description="Of these, those whose value would be the vendor's.")
    staying: int = strawberry.field(
        description="Of these, those that would stay different: the direction carries nothing, or "
        "the vendor does not take the field."
    )
    examples: list[OwnershipExample] = strawberry.field(description="Ten of them at most.")

    @classmethod
    def of(cls, preview: Preview) -> "OwnershipPreview":
        """Show a preview."""
        return cls(
            compared=preview.compared,
            different=preview.effects.total(),
            sent=preview.effects[RuleEffect.SENT],
            taken=preview.effects[RuleEffect.TAKEN],
            staying=preview.effects[RuleEffect.STAYS],
            examples=[OwnershipExample.of(one) for one in preview.examples],
        )
