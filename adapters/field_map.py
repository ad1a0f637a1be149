"""Which field of a vendor is which of ours, and which of its values which of ours."""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from domain.records import Direction, RecordKind


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldMap:
    """One field of ours and where it stands at the vendor.

    external_field: the vendor's name; several fields may share one, and one
        field may have several: then there is a map for each.
    direction: INBOUND when it is only read, OUTBOUND when only written.
    is_lossy: two of our values may become one of theirs, or the other way round.
    values: the vendor's value to ours, for closed sets; empty for free ones.
    is_fixed: the vendor's field and values cannot be changed by a setting.
    """

    kind: RecordKind
    field: str
    external_field: str
    direction: Direction = Direction.BIDIRECTIONAL
    is_lossy: bool = False
    values: Mapping[str, str] = dataclasses.field(default_factory=dict)
    is_fixed: bool = False


class Mappings:
    """The maps of one integration: the manifest's, with its own settings on top."""

    def __init__(self, maps: Iterable[FieldMap]) -> None:
        """Index the maps."""
        self.maps: Sequence[FieldMap] = tuple(maps)
        self._by_field: dict[tuple[RecordKind, str], list[FieldMap]] = {}
        for entry in self.maps:
            self._by_field.setdefault((entry.kind, entry.field), []).append(entry)

    def __eq__(self, other: object) -> bool:
        """Say whether the maps are the same, in the same order."""
        return isinstance(other, Mappings) and self.maps == other.maps

    def __hash__(self) -> int:
        """Hash what is mapped where."""
        return hash(tuple((one.kind, one.field, one.external_field) for one in self.maps))

    def of(self, kind: RecordKind) -> Sequence[FieldMap]:
        """Return the maps of one kind, in the manifest's order."""
        return [entry for entry in self.maps if entry.kind is kind]

    def external_fields(self, kind: RecordKind, name: str) -> tuple[str, ...]:
        """Return where a field of ours stands; nothing when it has no counterpart."""
        return tuple(entry.external_field for entry in self._by_field.get((kind, name), ()))

    def values(self, kind: RecordKind, name: str) -> Mapping[str, str]:
        """Return the vendor's values of a field and what they are in our words."""
        found: dict[str, str] = {}
        for entry in self._by_field.get((kind, name), ()):
            found |= entry.values
        return found
