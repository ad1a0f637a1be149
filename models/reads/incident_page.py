"""Lists of incidents, page by page."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from domain.records import IncidentStatus, Severity
from models.coding import dumps, to_milliseconds
from models.reads.conditions import Conditions
from models.reads.incident import COLUMNS, Incident, incident_of
from models.reads.keyset import ID, Column, Keyset
from models.reads.scope import Scope
from models.reads.statement import one_of, rows


class IncidentOrderField(StrEnum):
    """What orders a list of incidents; the id settles ties."""

    UPDATED_AT = "UPDATED_AT"
    CREATED_AT = "CREATED_AT"
    SEVERITY = "SEVERITY"
    NUMBER = "NUMBER"


# Each pair is an index.
KEYS: Final = MappingProxyType(
    {
        IncidentOrderField.UPDATED_AT: (Column(name="updated_at", type=datetime), ID),
        IncidentOrderField.CREATED_AT: (Column(name="created_at", type=datetime), ID),
        IncidentOrderField.SEVERITY: (Column(name="severity", type=str), ID),
        IncidentOrderField.NUMBER: (Column(name="number", type=str), ID),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentFilter:
    """What incidents must all have; None asks nothing, an empty list matches none.

    updated_from is inclusive, updated_to is not.
    """

    statuses: Collection[IncidentStatus] | None = None
    severities: Collection[Severity] | None = None
    assignee: str | None = None
    is_unassigned: bool | None = None
    service_ids: Collection[str] | None = None
    integration_id: str | None = None
    updated_from: datetime | None = None
    updated_to: datetime | None = None


EVERYTHING: Final = IncidentFilter()


async def incident_page(
    scope: Scope, wanted: IncidentFilter, order: IncidentOrderField, keyset: Keyset
) -> list[Incident]:
    """Return a page of the incidents that are not deleted, in the direction of reading.

    Cost: one statement; it walks the order's index until the page is full. By
    time of update, each status (or else severity) that the filter names is
    walked in its own index, for a page at most, and the walks are merged, so that
    a rare one costs no more than a frequent one. A filter by services reads all their incidents.
    """
    conditions = Conditions()
    conditions.empty("i.deleted_at")
    is_by_update = order is IncidentOrderField.UPDATED_AT
    keyset.restrict(conditions, KEYS[order], "i")
    split = _split(wanted) if is_by_update else None
    _restrict(conditions, scope, wanted, split=split, is_by_update=is_by_update)
    limit = conditions.put(keyset.limit)
    tail = f"ORDER BY {keyset.order_by(KEYS[order])} LIMIT {limit}"
    sql = f"SELECT {COLUMNS} FROM incident i WHERE {conditions.where}"  # noqa: S608 — names and places
    if split is not None:
        column, values = split
        walks = [f"{sql} AND i.{column} = {conditions.put(value)} {tail}" for value in values]
        sql = " UNION ALL ".join(f"SELECT * FROM ({walk}) AS walk" for walk in walks)  # noqa: S608 — as above
    found = await rows(f"{sql} {tail}", *conditions.values)
    return [incident_of(row) for row in found]


async def incident_count(scope: Scope, wanted: IncidentFilter) -> int:
    """Count the incidents that are not deleted. Cost: reads an index entry of each."""
    conditions = Conditions()
    conditions.empty("i.deleted_at")
    _restrict(conditions, scope, wanted, split=None, is_by_update=True)
    found = await rows(
        f"SELECT count(*) AS n FROM incident i WHERE {conditions.where}",  # noqa: S608 — names and places
        *conditions.values,
    )
    return int(found[0]["n"])


async def incident_matches(scope: Scope, wanted: IncidentFilter, incident_id: str) -> bool:
    """Say whether an incident, deleted or not, is such and in scope. Cost: one index probe."""
    conditions = Conditions()
    conditions.add(f"i.id = {conditions.put(incident_id)}")
    _restrict(conditions, scope, wanted, split=None, is_by_update=True)
    found = await rows(
        f"SELECT 1 AS n FROM incident i WHERE {conditions.where}",  # noqa: S608 — names and places
        *conditions.values,
    )
    return bool(found)


async def incidents_of_services(
    scope: Scope, service_ids: Collection[str], keyset: Keyset
) -> dict[str, list[Incident]]:
    """Return a page of incidents for each service, in the order of their last update.

    Cost: one statement; it reads all incidents of these services.
    """
    conditions = Conditions()
    conditions.add(one_of("a.asset_id", conditions.put(dumps(sorted(service_ids)))))
    conditions.empty("i.deleted_at")
    conditions.see_incidents(scope)
    columns = KEYS[IncidentOrderField.UPDATED_AT]
    keyset.restrict(conditions, columns, "i")
    found = await rows(
        f"""
        SELECT * FROM (
            SELECT {COLUMNS}, a.asset_id, row_number() OVER (
                PARTITION BY a.asset_id ORDER BY {keyset.order_by(columns, "i")}
            ) AS place
            FROM incident_asset a JOIN incident i ON i.id = a.incident_id
            WHERE {conditions.where}
        ) AS ranked WHERE place <= {conditions.put(keyset.limit)} ORDER BY asset_id, place
        """,  # noqa: S608 — names and places
        *conditions.values,
    )
    pages: dict[str, list[Incident]] = {service_id: [] for service_id in service_ids}
    for row in found:
        pages[row["asset_id"]].append(incident_of(row))
    return pages


async def incident_counts_of_services(scope: Scope, service_ids: Collection[str]) -> dict[str, int]:
    """Count the incidents of services that are not deleted. Cost: reads all of them."""
    conditions = Conditions()
    conditions.add(one_of("a.asset_id", conditions.put(dumps(sorted(service_ids)))))
    conditions.empty("i.deleted_at")
    conditions.see_incidents(scope)
    found = await rows(
        f"""
        SELECT a.asset_id, count(*) AS n
        FROM incident_asset a JOIN incident i ON i.id = a.incident_id
        WHERE {conditions.where} GROUP BY a.asset_id
        """,  # noqa: S608 — names and places
        *conditions.values,
    )
    return {row["asset_id"]: int(row["n"]) for row in found}


def _split(wanted: IncidentFilter) -> tuple[str, Sequence[str]] | None:
    if wanted.statuses:
        return "status", sorted(set(wanted.statuses))
    if wanted.severities:
        return "severity", sorted(set(wanted.severities))
    return None


def _restrict(
    conditions: Conditions,
    scope: Scope,
    wanted: IncidentFilter,
    *,
    split: tuple[str, Sequence[str]] | None,
    is_by_update: bool,
) -> None:
    column = None if split is None else split[0]
    if column != "status":
        _keep_to(conditions, "status", wanted.statuses, IncidentStatus)
    if column != "severity":
        _keep_to(conditions, "severity", wanted.severities, Severity)
    if wanted.assignee is not None:
        conditions.add(f"i.assignee = {conditions.put(wanted.assignee)}")
    if wanted.is_unassigned is not None:
        _keep_unassigned(conditions, is_so=wanted.is_unassigned, is_by_update=is_by_update)
    # An expression is no index's column: the order's own index is walked then.
    updated_at = "i.updated_at" if is_by_update else "(i.updated_at + 0)"
    if wanted.updated_from is not None:
        start = conditions.put(to_milliseconds(wanted.updated_from))
        conditions.add(f"{updated_at} >= {start}")
    if wanted.updated_to is not None:
        conditions.add(f"{updated_at} < {conditions.put(to_milliseconds(wanted.updated_to))}")
    _restrict_relations(conditions, scope, wanted)


def _keep_unassigned(conditions: Conditions, *, is_so: bool, is_by_update: bool) -> None:
    if is_so and is_by_update:
        # The index of assignees has the time of update next, for nobody too.
        conditions.add("i.assignee IS NULL")
    else:
        conditions.empty("i.assignee", is_so=is_so)


def _restrict_relations(conditions: Conditions, scope: Scope, wanted: IncidentFilter) -> None:
    if wanted.service_ids is not None:
        services = conditions.put_all(sorted(wanted.service_ids))
        conditions.add(
            f"i.id IN (SELECT incident_id FROM incident_asset WHERE asset_id IN ({services}))"  # noqa: S608 — places only
        )
    if wanted.integration_id is not None:
        integration = conditions.put(wanted.integration_id)
        conditions.add(
            f"""
            EXISTS (SELECT 1 FROM incident_link k
                WHERE k.incident_id = i.id AND k.integration_id = {integration})
            """  # noqa: S608 — places only
        )
    conditions.see_incidents(scope)


def _keep_to(
    conditions: Conditions,
    column: str,
    wanted: Collection[str] | None,
    all_values: Iterable[str],
) -> None:
    """Name the values that are not wanted: an index would be left unused by that.

    SQLite, told what is wanted, would take the column's index and sort the rest.
    """
    if wanted is None:
        return
    unwanted = [value for value in all_values if value not in wanted]
    if unwanted:
        conditions.add(f"i.{column} NOT IN ({conditions.put_all(unwanted)})")
