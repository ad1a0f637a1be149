"""Gathers the reads of what goes between here and the vendors."""

from collections.abc import Collection
from functools import cached_property

from strawberry.dataloader import DataLoader

from gql.loading import MakeLoader
from models.reads.counters import Waiting, figures_of, waiting_in, waiting_of
from models.reads.scope import Scope
from models.reads.writes import Standing, pending_fields, standings


class SyncLoaders:
    """The reads of figures and queues of one operation."""

    def __init__(self, make: MakeLoader) -> None:
        """Read as the operation's actor."""
        self._make = make

    @cached_property
    def figures(self) -> DataLoader[str, dict[str, int] | None]:
        """The seven figures, by integration."""
        return self._make(figures_of)

    @cached_property
    def waiting(self) -> DataLoader[str, Waiting | None]:
        """How much waits, by integration."""
        return self._make(waiting_of)

    @cached_property
    def in_all(self) -> DataLoader[str, Waiting | None]:
        """How much waits in all that is in scope, whatever the key."""

        async def read(scope: Scope, keys: Collection[str]) -> dict[str, Waiting]:
            return dict.fromkeys(keys, await waiting_in(scope))

        return self._make(read)

    @cached_property
    def standings(self) -> DataLoader[str, dict[str, Standing] | None]:
        """How an incident stands to its records, by incident."""
        return self._make(standings)

    @cached_property
    def pending_fields(self) -> DataLoader[str, frozenset[str] | None]:
        """The fields that wait to be sent to a vendor, by incident."""
        return self._make(pending_fields)
