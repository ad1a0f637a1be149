"""Gathers the reads of clocks and alerts into one statement each."""

from datetime import datetime
from functools import cached_property, partial

from strawberry.dataloader import DataLoader

from domain.sla.terms import SlaSubjectKind
from gql.loading import Each, MakeLoader
from models.reads import alerts as reads
from models.reads.alerts import Alert
from models.reads.change import Change
from models.reads.keyset import Keyset
from models.reads.maintenance import changes_of_alerts
from models.reads.notification import Notification, notifications_of
from operations.runtime import Runtime
from operations.sla.clocks_now import Measured, measured


class SlaLoaders:
    """The reads of clocks and alerts in one operation."""

    def __init__(self, make: MakeLoader) -> None:
        """Read as the operation's actor."""
        self._make = make
        self._measured: dict[tuple[SlaSubjectKind, datetime], DataLoader[str, Measured | None]] = {}

    def measured(
        self, runtime: Runtime, kind: SlaSubjectKind, at: datetime
    ) -> DataLoader[str, Measured | None]:
        """How subjects of a kind stand at a moment, by their id."""
        if (kind, at) not in self._measured:
            read = partial(measured, runtime=runtime, kind=kind, at=at)
            self._measured[kind, at] = self._make(read)
        return self._measured[kind, at]

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
    def changes(self) -> DataLoader[str, list[Change] | None]:
        """Changes under way when an alert's level was reached, by alert."""
        return self._make(changes_of_alerts)

    @cached_property
    def notifications(self) -> DataLoader[str, list[Notification] | None]:
        """Messages, by alert."""
        return self._make(notifications_of)
