"""Services and configuration items."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from domain.records import ServiceCriticality
from models.coding import dumps
from models.reads.conditions import Conditions
from models.reads.keyset import ID, Column, Keyset
from models.reads.scope import Scope
from models.reads.statement import one_of, rows

KEY: Final = (Column(name="name", type=str), ID)
_COLUMNS: Final = "s.id, s.name, s.criticality, s.is_configuration_item"


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A service or configuration item, as its vendor names it."""

    id: str
    name: str
    criticality: ServiceCriticality
    is_configuration_item: bool


def _service_of(row: Mapping[str, Any]) -> Service:
    return Service(
        id=row["id"],
        name=row["name"],
        criticality=ServiceCriticality(row["criticality"]),
        is_configuration_item=bool(row["is_configuration_item"]),
    )


async def services(scope: Scope, ids: Collection[str]) -> dict[str, Service]:
    """Return services by id. Cost: one index probe an id."""
    conditions = Conditions()
    conditions.add(one_of("s.id", conditions.put(dumps(sorted(ids)))))
    conditions.see_records(scope, "asset", "s.id")
    found = await rows(
        f"SELECT {_COLUMNS} FROM asset s WHERE {conditions.where}",  # noqa: S608 — names and places
        *conditions.values,
    )
    return {row["id"]: _service_of(row) for row in found}


async def service_page(scope: Scope, search: str | None, keyset: Keyset) -> list[Service]:
    """Return a page of the services by name, in the direction of reading.

    search: a part of the name, its capitals ignored.
    Cost: one statement; it walks the index of names until the page is full.
    """
    conditions = Conditions()
    _restrict(conditions, scope, search)
    keyset.restrict(conditions, KEY, "s")
    found = await rows(
        f"""
        SELECT {_COLUMNS} FROM asset s WHERE {conditions.where}
        ORDER BY {keyset.order_by(KEY)} LIMIT {conditions.put(keyset.limit)}
        """,  # noqa: S608 — names and places
        *conditions.values,
    )
    return [_service_of(row) for row in found]


async def service_count(scope: Scope, search: str | None) -> int:
    """Count the services. Cost: reads an index entry of each."""
    conditions = Conditions()
    _restrict(conditions, scope, search)
    found = await rows(
        f"SELECT count(*) AS n FROM asset s WHERE {conditions.where}",  # noqa: S608 — names and places
        *conditions.values,
    )
    return int(found[0]["n"])


async def services_of_incidents(
    scope: Scope, incident_ids: Collection[str]
) -> dict[str, list[Service]]:
    """Return the services of each incident by name. Cost: an index probe a service."""
    conditions = Conditions()
    conditions.add(one_of("a.incident_id", conditions.put(dumps(sorted(incident_ids)))))
    conditions.see_records(scope, "asset", "s.id")
    found = await rows(
        f"""
        SELECT a.incident_id, {_COLUMNS}
        FROM incident_asset a JOIN asset s ON s.id = a.asset_id
        WHERE {conditions.where} ORDER BY s.name, s.id
        """,  # noqa: S608 — names and places
        *conditions.values,
    )
    services_of: dict[str, list[Service]] = {incident_id: [] for incident_id in incident_ids}
    for row in found:
        services_of[row["incident_id"]].append(_service_of(row))
    return services_of


def _restrict(conditions: Conditions, scope: Scope, search: str | None) -> None:
    conditions.see_records(scope, "asset", "s.id")
    if search is not None:
        # The search is a plain text: what a pattern gives a meaning is taken as it is.
        escaped = search.lower().replace("!", "!!").replace("%", "!%").replace("_", "!_")
        conditions.add(f"lower(s.name) LIKE {conditions.put(f'%{escaped}%')} ESCAPE '!'")
