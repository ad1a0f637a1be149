"""The words of one account, and what they are in ours. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from adapters.field_map import Mappings
from adapters.pagerduty.reading import text
from domain.records import RecordKind

_PRIORITY: Final = "priority"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """A priority of the account."""

    external_id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What records are translated by.

    base_url: of the account, for links that a record lacks.
    priorities: the account's own, the most severe first; none where it uses none.
    """

    base_url: str
    mappings: Mappings
    priorities: tuple[Ranked, ...] = ()

    def ours(self, kind: RecordKind, field: str, row: Mapping[str, object]) -> str | None:
        """Return the value of a closed set, by the first vendor field that tells one of ours."""
        for entry in self.mappings.of(kind):
            if entry.field == field:
                for value in self.values_of(entry.external_field, row):
                    if value in entry.values:
                        return str(entry.values[value])
        return None

    def theirs(self, kind: RecordKind, field: str, external_field: str, value: str) -> str | None:
        """Return the vendor's value that is this one of ours; None where there is none."""
        for entry in self.mappings.of(kind):
            if (entry.field, entry.external_field) == (field, external_field):
                return next((known for known, ours in entry.values.items() if ours == value), None)
        return None

    def values_of(self, external_field: str, row: Mapping[str, object]) -> tuple[str, ...]:
        """Return what a vendor field may be known by, the most exact first.

        A priority by its id, its name, its rank and every rank above it: the
        fifth of ours is theirs from the fifth on.
        """
        value = row.get(external_field)
        if not isinstance(value, Mapping):
            found = text(row, external_field)
            return (found,) if found else ()
        named = (text(value, "id"), text(value, "name"), text(value, "summary"))
        rank = self.rank(named[0]) if external_field == _PRIORITY else 0
        ranks = tuple(str(one) for one in range(rank, 0, -1))
        return (*(name for name in named if name), *ranks)

    def rank(self, external_id: str) -> int:
        """Return a priority's place in the account's list, from 1; 0 when it is not in it."""
        ids = [priority.external_id for priority in self.priorities]
        return ids.index(external_id) + 1 if external_id in ids else 0

    def priority(self, value: str) -> Ranked | None:
        """Return the priority of the account that a vendor's value names: id, name or rank."""
        for rank, priority in enumerate(self.priorities, start=1):
            if value in (priority.external_id, priority.name, str(rank)):
                return priority
        return None
