"""Gathers the reads of clocks and alerts into one statement each."""

from functools import cached_property, partial

from strawberry.dataloader import DataLoader

from gql.loading import Each, MakeLoader
from models.reads import alerts as reads
from models.reads.alerts import Alert
from models.reads.keyset import Keyset
from models.reads.notification import Notification, notifications_of


class SlaLoaders:
    """The reads of clocks and alerts in one operation."""

    def __init__(self, make: MakeLoader) -> None:
        """Read as the operation's actor."""
        self._make = make

    @cached_property
    def alerts(self) -> DataLoader[str, Alert | None]:
        """Alerts by id."""
        return self._make(reads.alerts)

    @cached_property
    def alert_pages(self) -> Each[Keyset, list[Alert]]:
        """Pages of alerts, by subject."""
        return Each(lambda keyset: self._make(partial(reads.alert_pages, keyset=keyset)))

    @cached_property
    def alert_counts(self) -> DataLoader[str, int | None]:
        """How many alerts a subject has raised; None for none."""
        return self._make(reads.alert_counts)

    @cached_property
    def notifications(self) -> DataLoader[str, list[Notification] | None]:
        """Messages, by alert."""
        return self._make(notifications_of)
