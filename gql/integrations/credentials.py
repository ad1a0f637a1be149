"""What the graph says of credentials."""

from datetime import datetime

import strawberry

from models.reads import integration as reads


@strawberry.type(description="That a credential is set; its value is never readable.")
class CredentialInfo:
    """A credential's dates."""

    name: str = strawberry.field(description="Which of the provider's values it is.")
    set_at: datetime = strawberry.field(description="When it was set.")
    set_by: str = strawberry.field(description="Who set it.")
    last_used_at: datetime | None = strawberry.field(
        description="When it last opened the vendor; null for never."
    )

    @classmethod
    def of(cls, record: reads.CredentialInfo) -> "CredentialInfo":
        """Show a record."""
        return cls(
            name=record.name,
            set_at=record.set_at,
            set_by=record.set_by,
            last_used_at=record.last_used_at,
        )
