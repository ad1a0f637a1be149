"""The field mappings that hold for an integration: its vendor's, with its own on top."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from adapters.contract import FieldMap, Manifest, Mappings
from domain.sync.field_mapping import joins_services
from models.reads.field_override import FieldOverride


def effective(about: Manifest, overrides: Iterable[FieldOverride]) -> Mappings:
    """Return the vendor's maps as the integration's settings alter them.

    A setting for what this build does not know, or has fixed since, is passed over.
    """
    by_field = {(one.kind, one.field): one for one in overrides}
    maps: dict[tuple[str, str, str], FieldMap] = {}
    for entry in about.mappings:
        override = by_field.get((entry.kind, entry.field))
        if override is not None and not entry.is_fixed:
            entry = _altered(entry, override)  # noqa: PLW2901 — the map that holds
        # Several default places become one when a setting names another.
        maps.setdefault((entry.kind, entry.field, entry.external_field), entry)
    return Mappings(maps.values())


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
