"""Which side decides a field at an integration, as the graph shows it."""

import strawberry

from domain.records import Owner
from operations.integrations.rulings import Ruling


@strawberry.type(description="Which side decides a field of an integration's incidents.")
class OwnershipRule:
    """A rule."""

    field: str = strawberry.field(description="The field, by our name.")
    owner: Owner = strawberry.field(description="The side whose value stands.")
    priority: int = strawberry.field(
        description="Counts against other integrations that claim the field, and against the "
        "other side under OWNERSHIP_PRIORITY."
    )
    is_default: bool = strawberry.field(
        description="Whether it is the vendor's own; false for one that somebody has set."
    )
    effective: bool = strawberry.field(
        description="False when another integration outranks the claim, on records of both."
    )

    @classmethod
    def of(cls, ruling: Ruling) -> "OwnershipRule":
        """Show a rule that holds."""
        return cls(
            field=ruling.rule.field,
            owner=ruling.rule.owner,
            priority=ruling.rule.priority,
            is_default=ruling.rule.is_default,
            effective=ruling.is_effective,
        )
