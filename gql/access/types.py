"""Who asks, as the graph shows it."""

import strawberry

from domain.access.roles import Actor as Caller
from domain.access.roles import Role


@strawberry.type(description="A person or program that asks, as its token names it.")
class Actor:
    """The caller."""

    id: strawberry.ID = strawberry.field(description="The token's id, which is no secret.")
    name: str = strawberry.field(description="What the token is called.")
    roles: list[Role] = strawberry.field(description="What it allows.")
    scopes: list[str] = strawberry.field(
        description="Keys of the integrations that it is for; `*` for all."
    )

    @classmethod
    def of(cls, actor: Caller) -> "Actor":
        """Show an actor."""
        return cls(
            id=strawberry.ID(actor.id),
            name=actor.name,
            roles=sorted(actor.roles),
            scopes=sorted(actor.scopes),
        )
