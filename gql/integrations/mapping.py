"""Which field of a vendor is which of ours, as the graph shows it."""

from collections.abc import Iterable
from datetime import datetime

import strawberry

from adapters.contract import FieldMap, Manifest
from domain.records import Direction, RecordKind
from models.reads import integration as reads
from models.reads.field_override import FieldOverride
from operations.integrations.mappings import effective


@strawberry.type(description="A vendor's value, and what it is in our words.")
class MappedValue:
    """A pair of values."""

    external: str = strawberry.field(description="The vendor's value.")
    ours: str | None = strawberry.field(
        description="Ours; null where a setting takes a value's meaning away."
    )


@strawberry.type(description="One field of ours, and where it stands at the vendor.")
class FieldMapping:
    """A field's map; a field that stands in several places has one for each."""

    kind: RecordKind = strawberry.field(description="The kind of record that has the field.")
    field: str = strawberry.field(description="Our name of it.")
    external_field: str = strawberry.field(description="The vendor's name of it.")
    direction: Direction = strawberry.field(
        description="INBOUND when it is only read, OUTBOUND when it is only written."
    )
    lossy: bool = strawberry.field(
        description="Whether two values of one side may become one of the other."
    )
    values: list[MappedValue] = strawberry.field(
        description="What the vendor's values are in our words; none where they are taken as is."
    )
    is_overridden: bool = strawberry.field(
        description="Whether a setting of the integration stands on top of the vendor's default."
    )
    is_fixed: bool = strawberry.field(description="Whether no setting can change it.")

    @classmethod
    def of(cls, entry: FieldMap, override: FieldOverride | None = None) -> "FieldMapping":
        """Show a map that holds, and the setting in it."""
        values: dict[str, str | None] = dict(entry.values)
        if override is not None:
            values |= override.values
        return cls(
            kind=entry.kind,
            field=entry.field,
            external_field=entry.external_field,
            direction=entry.direction,
            lossy=entry.is_lossy,
            values=[MappedValue(external=theirs, ours=ours) for theirs, ours in values.items()],
            is_overridden=override is not None,
            is_fixed=entry.is_fixed,
        )


def field_mappings(about: Manifest, overrides: Iterable[FieldOverride]) -> list[FieldMapping]:
    """Show the maps that hold for an integration."""
    settings = list(overrides)
    by_field = {(one.kind, one.field): one for one in settings}
    return [
        FieldMapping.of(entry, None if entry.is_fixed else by_field.get((entry.kind, entry.field)))
        for entry in effective(about, settings).maps
    ]


@strawberry.type(description="A value that the vendor sent and nothing here stands for.")
class UnmappedValue:
    """A value without a counterpart."""

    field: str = strawberry.field(description="The vendor's field.")
    value: str = strawberry.field(description="The vendor's value.")
    seen: int = strawberry.field(description="How often a record came with it.")
    last_seen_at: datetime = strawberry.field(description="When one did last.")

    @classmethod
    def of(cls, record: reads.UnmappedValue) -> "UnmappedValue":
        """Show a record."""
        return cls(
            field=record.field,
            value=record.value,
            seen=record.seen,
            last_seen_at=record.last_seen_at,
        )
