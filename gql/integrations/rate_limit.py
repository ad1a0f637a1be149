"""How often a vendor is asked, as the graph shows it."""

from datetime import datetime

import strawberry

from domain.limits.allowance import Left


@strawberry.type(description="How often the vendor is asked at most, by all processes together.")
class RateLimit:
    """A limit, and what is left of it."""

    per_minute: int = strawberry.field(
        description="Requests a minute at most; they are sent evenly, never in bursts."
    )
    remaining: int | None = strawberry.field(
        description="How many are left of this minute; null while Redis is away."
    )
    resets_at: datetime | None = strawberry.field(
        description="When there are more, or when the wait that the vendor asked for ends; "
        "null while Redis is away."
    )
    backoff: bool = strawberry.field(
        description='Whether it is asked half as often for a while after it said "too often".'
    )
    slowed_until: datetime | None = strawberry.field(
        description="When the usual pace is reached again; null while it is kept."
    )

    @classmethod
    def of(cls, left: Left | None, *, per_minute: int, backoff: bool) -> "RateLimit":
        """Show a limit."""
        return cls(
            per_minute=per_minute,
            remaining=None if left is None else left.remaining,
            resets_at=None if left is None else left.resets_at,
            backoff=backoff,
            slowed_until=None if left is None else left.slowed_until,
        )
