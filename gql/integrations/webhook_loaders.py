"""Gathers the reads of webhooks into one statement each."""

from datetime import datetime
from functools import cached_property, partial

from strawberry.dataloader import DataLoader

from gql.loading import Each, MakeLoader
from models.reads import webhook as reads


class WebhookLoaders:
    """The reads of webhooks in one operation, by integration."""

    def __init__(self, make: MakeLoader) -> None:
        """Read as the operation's actor."""
        self._make = make

    @cached_property
    def rejected(self) -> DataLoader[str, list[reads.RejectedDelivery] | None]:
        """The last refused deliveries."""
        return self._make(reads.rejected_deliveries)

    @cached_property
    def last_at(self) -> DataLoader[str, datetime | None]:
        """When the vendor last told something."""
        return self._make(reads.last_webhooks)

    @cached_property
    def missed(self) -> Each[datetime, int]:
        """How many changes it had not told, by the present minute; None for none."""
        return Each(lambda now: self._make(partial(reads.missed_webhooks, now=now)))
