"""Gathers the reads of dead letters."""

from functools import cached_property, partial

from strawberry.dataloader import DataLoader

from domain.exchange import DeadLetterStatus
from gql.loading import Each, MakeLoader
from models.reads.dead_letters import (
    DeadLetter,
    dead_letter_counts,
    dead_letter_pages,
    dead_letters,
)
from models.reads.keyset import Keyset
from models.reads.payloads import payloads

Statuses = frozenset[DeadLetterStatus]


class LetterLoaders:
    """The reads of dead letters of one operation."""

    def __init__(self, make: MakeLoader) -> None:
        """Read as the operation's actor."""
        self._make = make

    @cached_property
    def by_id(self) -> DataLoader[str, DeadLetter | None]:
        """Dead letters by id."""
        return self._make(dead_letters)

    @cached_property
    def pages(self) -> Each[tuple[Statuses, Keyset], list[DeadLetter]]:
        """Pages of dead letters of some statuses, by integration."""
        return Each(
            lambda asked: self._make(partial(dead_letter_pages, statuses=asked[0], keyset=asked[1]))
        )

    @cached_property
    def counts(self) -> Each[Statuses, int]:
        """How many dead letters of some statuses an integration has; None for none."""
        return Each(lambda statuses: self._make(partial(dead_letter_counts, statuses=statuses)))

    @cached_property
    def payloads(self) -> DataLoader[str, object]:
        """What dead letters say, by their ids."""
        return self._make(payloads)
