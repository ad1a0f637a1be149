"""Fields that an integration translates otherwise than its vendor's default."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from domain.records import RecordKind
from models.coding import dumps, loads
from models.reads.conditions import Conditions
from models.reads.scope import Scope
from models.reads.statement import one_of, rows


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldOverride:
    """A person's setting for one field.

    external_field: None where the default holds.
    values: the vendor's value to ours; None takes a default value's meaning away.
    """

    kind: RecordKind
    field: str
    external_field: str | None
    values: Mapping[str, str | None]


def _override_of(row: Mapping[str, Any]) -> FieldOverride:
    return FieldOverride(
        kind=RecordKind(row["kind"]),
        field=row["field"],
        external_field=row["external_field"],
        values=loads(row["values"]),
    )


async def overrides_of(
    scope: Scope, integration_ids: Collection[str]
) -> dict[str, list[FieldOverride]]:
    """Return each integration's settings by kind and field. Cost: one statement."""
    conditions = Conditions()
    conditions.add(one_of("integration_id", conditions.put(dumps(sorted(integration_ids)))))
    conditions.see(scope)
    found = await rows(
        f"""
        SELECT integration_id, kind, field, external_field, "values" FROM field_override
        WHERE {conditions.where} ORDER BY kind, field
        """,  # noqa: S608 — names and places
        *conditions.values,
    )
    overrides: dict[str, list[FieldOverride]] = {one: [] for one in integration_ids}
    for row in found:
        overrides[row["integration_id"]].append(_override_of(row))
    return overrides


async def overrides(integration_id: str) -> list[FieldOverride]:
    """Return one integration's settings by kind and field. Cost: one index range."""
    found = await overrides_of(Scope(keys=None), [integration_id])
    return found[integration_id]
