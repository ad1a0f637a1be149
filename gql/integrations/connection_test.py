"""What a test of a connection found, as the graph shows it."""

from datetime import timedelta

import strawberry

from adapters.exchange import Checked


@strawberry.type(description="One step of a connection test.")
class ConnectionCheck:
    """A step."""

    name: str = strawberry.field(description="What was tried.")
    ok: bool = strawberry.field(description="Whether it worked.")
    detail: str = strawberry.field(description="What was found; what to do when it failed.")


@strawberry.type(description="What a connection test found.")
class ConnectionTest:
    """The steps of a test."""

    ok: bool = strawberry.field(description="Whether all steps worked.")
    latency: timedelta | None = strawberry.field(
        description="How long the vendor took to answer; null when it did not."
    )
    checks: list[ConnectionCheck] = strawberry.field(description="The steps, in their order.")

    @classmethod
    def of(cls, checked: Checked) -> "ConnectionTest":
        """Show a test."""
        return cls(
            ok=all(check.is_ok for check in checked.checks),
            latency=checked.latency,
            checks=[
                ConnectionCheck(name=check.name, ok=check.is_ok, detail=check.detail)
                for check in checked.checks
            ],
        )
