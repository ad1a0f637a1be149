"""The brief's figures as the graph shows them."""

from collections.abc import Mapping

import strawberry

from operations.metrics import Figure


@strawberry.type(
    description="Since the integration was created; `/metrics` has the same, as Prometheus "
    "counters."
)
class SyncMetrics:
    """Seven figures."""

    outbound_success: int = strawberry.field(description="Writes that the vendor has taken.")
    outbound_failed: int = strawberry.field(description="Attempts to write that failed.")
    inbound_success: int = strawberry.field(
        description="Deliveries of the vendor's and rows of pulls that were judged."
    )
    inbound_failed: int = strawberry.field(description="Those that could not be.")
    conflicts_detected: int = strawberry.field(
        description="Edits of both sides that had not seen each other."
    )
    conflicts_resolved: int = strawberry.field(
        description="Of these, those that the strategy decided by itself."
    )
    drift_discrepancies: int = strawberry.field(
        description="Differences that comparisons of both sides have found."
    )

    @classmethod
    def of(cls, figures: Mapping[str, int]) -> "SyncMetrics":
        """Show figures; what was never counted is 0."""
        return cls(**{figure.value: figures.get(figure, 0) for figure in Figure})
