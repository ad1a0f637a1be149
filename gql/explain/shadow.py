"""What other strategies would have made of recorded changes, as the graph shows it."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from strawberry.types import Info

from domain.exchange import ConflictSide, ConflictStrategy
from domain.sync.shadow import Example, Shadow
from gql.context import Context
from gql.incidents import types as incident_types
from gql.incidents.parts import shown
from gql.scalars import FieldValue
from operations.sync.shadow import Shadowed

if TYPE_CHECKING:
    from gql.incidents.types import Incident

Incidents = Annotated["Incident", strawberry.lazy("gql.incidents.types")]


@strawberry.type(description="A vendor's change that would have ended otherwise.")
class ShadowExample:
    """A change, and both endings."""

    field: str = strawberry.field(description="The field's name.")
    platform_value: FieldValue | None = strawberry.field(description="What stood here.")
    platform_edited_at: datetime = strawberry.field(description="When that was set.")
    external_value: FieldValue | None = strawberry.field(description="What the vendor said.")
    external_edited_at: datetime = strawberry.field(description="When, in our clock.")
    external_edited_by: str = strawberry.field(description="Who set it there.")
    happened: ConflictSide | None = strawberry.field(
        description="The side whose value stood; null where a person was asked."
    )
    instead: ConflictSide | None = strawberry.field(
        description="The side whose value would have stood; null where a person would be asked."
    )
    incident_key: strawberry.Private[str]

    @classmethod
    def of(cls, example: Example) -> "ShadowExample":
        """Show an example."""
        met = example.met
        return cls(
            field=met.field,
            platform_value=shown(met.ours),
            platform_edited_at=met.ours_at,
            external_value=shown(met.theirs),
            external_edited_at=met.theirs_at,
            external_edited_by=met.theirs_by,
            happened=met.happened,
            instead=example.instead,
            incident_key=met.incident_id,
        )

    @strawberry.field(description="Whose field it is.")
    async def incident(self, info: Info[Context, Any]) -> Incidents | None:
        """Read it together with the others."""
        found = await info.context.loaders.incidents.load(self.incident_key)
        return None if found is None else incident_types.Incident.of(found)


@strawberry.type(
    description="What one strategy would have made of the changes that a vendor made. Each is "
    "judged on its own, as both sides stood when it came, by the owners and the window of now."
)
class ShadowResult:
    """A strategy's outcome."""

    strategy: ConflictStrategy = strawberry.field(description="Which one.")
    in_force: bool = strawberry.field(description="Whether the integration uses it now.")
    replayed: int = strawberry.field(description="How many changes were judged.")
    same_outcome: int = strawberry.field(description="How many ended as they did.")
    differing: int = strawberry.field(description="How many would have ended otherwise.")
    manual_reviews: int = strawberry.field(
        description="How many conflicts would have waited for a person."
    )
    examples: list[ShadowExample] = strawberry.field(
        description="The last 10 changes that would have ended otherwise, the latest first."
    )
    cut_at: datetime | None = strawberry.field(
        description="When the last replayed change was made, where the limit of 50,000 ended the "
        "replay; null where all were replayed."
    )

    @classmethod
    def of(cls, shadow: Shadow, among: Shadowed) -> "ShadowResult":
        """Show a strategy's outcome."""
        return cls(
            strategy=shadow.strategy,
            in_force=shadow.strategy is among.in_force,
            replayed=shadow.replayed,
            same_outcome=shadow.same_outcome,
            differing=shadow.differing,
            manual_reviews=shadow.manual_reviews,
            examples=[ShadowExample.of(example) for example in reversed(shadow.examples)],
            cut_at=among.cut_at,
        )
