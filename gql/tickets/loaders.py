"""Gathers the reads of tickets' histories into one statement each."""

from functools import cached_property, partial

from strawberry.dataloader import DataLoader

from gql.loading import Each, MakeLoader
from models.reads.keyset import Keyset
from models.reads.ticket_step import TicketStep, step_counts, step_pages


class TicketLoaders:
    """The reads of histories in one operation."""

    def __init__(self, make: MakeLoader) -> None:
        """Read as the operation's actor."""
        self._make = make

    @cached_property
    def step_pages(self) -> Each[Keyset, list[TicketStep]]:
        """Pages of steps, by ticket."""
        return Each(lambda keyset: self._make(partial(step_pages, keyset=keyset)))

    @cached_property
    def step_counts(self) -> DataLoader[str, int | None]:
        """How many steps a ticket has; None for none."""
        return self._make(step_counts)
