"""The field mappings that hold for an integration: its vendor's, with its own on top."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from adapters.contract import FieldMap, Manifest, Mappings
from domain.records import RecordKind
from domain.sync.field_mapping import Mappable, joins_services
from models.reads.field_override import FieldOverride


def effective(about: Manifest, overrides: Iterable[FieldOverride]) -> Mappings:
    """Return the vendor's maps as the integration's settings alter them.

    A setting for what this build does not know, or has fixed since, is passed over.
    """
    by_field = {(one.kind, one.field): one for one in overrides}
    fixed = {(one.kind, one.field) for one in mappable(about) if one.is_fixed}
    maps: dict[tuple[str, str, str, str], FieldMap] = {}
    for entry in about.mappings:
        place = (entry.kind, entry.field)
        override = by_field.get(place)
        if override is not None and place not in fixed:
            entry = _altered(entry, override)  # noqa: PLW2901 — the map that holds
        # Several default places become one when a setting names another.
        maps.setdefault((*place, entry.external_field, entry.direction), entry)
    return Mappings(maps.values())


def external_fields(
    about: Manifest, overrides: Iterable[FieldOverride], kind: RecordKind, field: str
) -> set[str]:
    """Return where a field stands at the vendor, by default and by the integration's settings."""
    return {
        *effective(about, overrides).external_fields(kind, field),
        *Mappings(about.mappings).external_fields(kind, field),
    }


def mappable(about: Manifest) -> list[Mappable]:
    """Return what the vendor's maps say of each field, one entry a field."""
    found: dict[tuple[str, str], Mappable] = {}
    for entry in about.mappings:
        place = (entry.kind, entry.field)
        before = found.get(place, Mappable(kind=entry.kind, field=entry.field))
        found[place] = replace(
            before,
            is_fixed=before.is_fixed or entry.is_fixed,
            has_values=before.has_values or bool(entry.values),
        )
    return list(found.values())


def _altered(entry: FieldMap, override: FieldOverride) -> FieldMap:
    return replace(
        entry,
        external_field=override.external_field or entry.external_field,
        values=_merged(entry, override),
    )


def _merged(entry: FieldMap, override: FieldOverride) -> Mapping[str, str]:
    # Which services are one is decided where records are stored, not by the adapter.
    if joins_services(entry.field):
        return entry.values
    merged: dict[str, str | None] = {**entry.values, **override.values}
    return {external: ours for external, ours in merged.items() if ours is not None}
