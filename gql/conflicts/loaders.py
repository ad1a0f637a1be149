"""Gathers the reads of conflicts into one statement each."""

from functools import cached_property, partial

from strawberry.dataloader import DataLoader

from gql.loading import Each, MakeLoader
from models.reads import conflicts as reads
from models.reads.conflicts import Conflict, ConflictFilter
from models.reads.keyset import Keyset


class ConflictLoaders:
    """The reads of conflicts in one operation."""

    def __init__(self, make: MakeLoader) -> None:
        """Read as the operation's actor."""
        self._make = make

    @cached_property
    def by_id(self) -> DataLoader[str, Conflict | None]:
        """Conflicts by id."""
        return self._make(reads.conflicts)

    @cached_property
    def pages(self) -> Each[tuple[ConflictFilter, Keyset], list[Conflict]]:
        """Pages of conflicts, by incident."""
        return Each(
            lambda asked: self._make(
                partial(reads.conflict_pages, wanted=asked[0], keyset=asked[1])
            )
        )

    @cached_property
    def counts(self) -> Each[ConflictFilter, int]:
        """How many conflicts an incident has; None for none."""
        return Each(lambda wanted: self._make(partial(reads.conflict_counts, wanted=wanted)))

    @cached_property
    def standing(self) -> DataLoader[str, dict[str, Conflict] | None]:
        """The open conflict of each field, by incident."""
        return self._make(reads.open_by_field)
