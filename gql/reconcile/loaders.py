"""Gathers the reads of reconciliation."""

from functools import cached_property, partial

from strawberry.dataloader import DataLoader

from gql.loading import Each, MakeLoader
from models.reads.drift import (
    Item,
    Plan,
    Schedule,
    item_pages,
    plan_counts,
    plan_pages,
    plans,
    schedules_of,
)
from models.reads.keyset import Keyset


class DriftLoaders:
    """The reads of plans and schedules of one operation."""

    def __init__(self, make: MakeLoader) -> None:
        """Read as the operation's actor."""
        self._make = make

    @cached_property
    def by_id(self) -> DataLoader[str, Plan | None]:
        """Plans by id."""
        return self._make(plans)

    @cached_property
    def pages(self) -> Each[Keyset, list[Plan]]:
        """Pages of plans, by integration."""
        return Each(lambda keyset: self._make(partial(plan_pages, keyset=keyset)))

    @cached_property
    def counts(self) -> DataLoader[str, int | None]:
        """How many plans an integration has; None for none."""
        return self._make(plan_counts)

    @cached_property
    def items(self) -> Each[Keyset, list[Item]]:
        """Pages of items, by plan."""
        return Each(lambda keyset: self._make(partial(item_pages, keyset=keyset)))

    @cached_property
    def schedules(self) -> DataLoader[str, Schedule | None]:
        """Schedules, by integration."""
        return self._make(schedules_of)
