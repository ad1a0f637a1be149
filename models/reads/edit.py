"""What happened to the fields of incidents, and why."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from domain.exchange import WarningCode
from domain.records import EditSource, FieldValue, MergeReason
from models.coding import dumps, from_milliseconds, loads
from models.reads.conditions import Conditions
from models.reads.keyset import ID, Column, Keyset
from models.reads.scope import Scope
from models.reads.statement import one_of, rows

KEY: Final = (Column(name="at", type=datetime), Column(name="sequence", type=int), ID)
_COLUMNS: Final = """
    e.id, e.incident_id, e.integration_id, e.field, e.before, e.after, e.version, e.at,
    e.sequence, e.by, e.source, e.accepted, e.reason, e.warning
"""

_LATEST: Final = "e.at DESC, e.sequence DESC, e.id DESC"
# Clocks differ, and a late change may be taken: versions tell which value is in force.
_CURRENT: Final = "coalesce(e.version, 0) DESC, e.id DESC"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One judged change of one field.

    ``version`` is the incident's after it, None when it was not accepted.
    """

    id: str
    incident_id: str
    integration_id: str | None
    field: str
    before: FieldValue
    after: FieldValue
    version: int | None
    at: datetime
    sequence: int
    by: str
    source: EditSource
    accepted: bool
    reason: MergeReason
    warning: WarningCode | None


def _edit_of(row: Mapping[str, Any]) -> Edit:
    return Edit(
        id=row["id"],
        incident_id=row["incident_id"],
        integration_id=row["integration_id"],
        field=row["field"],
        before=None if row["before"] is None else loads(row["before"]),
        after=None if row["after"] is None else loads(row["after"]),
        version=row["version"],
        at=from_milliseconds(row["at"]),
        sequence=row["sequence"],
        by=row["by"],
        source=EditSource(row["source"]),
        accepted=bool(row["accepted"]),
        reason=MergeReason(row["reason"]),
        warning=None if row["warning"] is None else WarningCode(row["warning"]),
    )


async def edits(scope: Scope, ids: Collection[str]) -> dict[str, Edit]:
    """Return edits by id. Cost: one index probe an id."""
    conditions = Conditions()
    conditions.add(one_of("e.id", conditions.put(dumps(sorted(ids)))))
    conditions.see_records(scope, "incident", "e.incident_id")
    found = await rows(
        f"SELECT {_COLUMNS} FROM edit e WHERE {conditions.where}",  # noqa: S608 — names and places
        *conditions.values,
    )
    return {row["id"]: _edit_of(row) for row in found}


async def edit_pages(
    scope: Scope, incident_ids: Collection[str], keyset: Keyset
) -> dict[str, list[Edit]]:
    """Return a page of edits for each incident, in the direction of reading.

    Cost: one statement; it reads the edits of these incidents past the position.
    """
    conditions = _of_incidents(scope, incident_ids)
    keyset.restrict(conditions, KEY, "e")
    found = await rows(
        f"""
        SELECT * FROM (
            SELECT {_COLUMNS}, row_number() OVER (
                PARTITION BY e.incident_id ORDER BY {keyset.order_by(KEY, "e")}
            ) AS place
            FROM edit e WHERE {conditions.where}
        ) AS ranked WHERE place <= {conditions.put(keyset.limit)} ORDER BY incident_id, place
        """,  # noqa: S608 — names and places
        *conditions.values,
    )
    pages: dict[str, list[Edit]] = {incident_id: [] for incident_id in incident_ids}
    for row in found:
        pages[row["incident_id"]].append(_edit_of(row))
    return pages


async def edit_counts(scope: Scope, incident_ids: Collection[str]) -> dict[str, int]:
    """Count the edits of each incident. Cost: reads an index entry of each."""
    conditions = _of_incidents(scope, incident_ids)
    found = await rows(
        f"""
        SELECT e.incident_id, count(*) AS n FROM edit e WHERE {conditions.where}
        GROUP BY e.incident_id
        """,  # noqa: S608 — names and places
        *conditions.values,
    )
    return {row["incident_id"]: int(row["n"]) for row in found}


async def field_edits(
    scope: Scope, incident_ids: Collection[str], *, field: str, most: int
) -> dict[str, list[Edit]]:
    """Return the last edits of a field of each incident, the latest first.

    The one that gave the present value is among them, at the end where it is older.
    Cost: one statement; it reads all edits of these incidents.
    """
    conditions = _of_incidents(scope, incident_ids)
    conditions.add(f"e.field = {conditions.put(field)}")
    found = await rows(
        f"""
        SELECT * FROM (
            SELECT {_COLUMNS},
                row_number() OVER (PARTITION BY e.incident_id ORDER BY {_LATEST}) AS place,
                row_number() OVER (
                    PARTITION BY e.incident_id ORDER BY e.accepted DESC, {_CURRENT}
                ) AS given
            FROM edit e WHERE {conditions.where}
        ) AS ranked WHERE place <= {conditions.put(most)} OR given = 1 ORDER BY incident_id, place
        """,  # noqa: S608 — names and places
        *conditions.values,
    )
    listed: dict[str, list[Edit]] = {incident_id: [] for incident_id in incident_ids}
    for row in found:
        listed[row["incident_id"]].append(_edit_of(row))
    return listed


async def last_edits(scope: Scope, incident_ids: Collection[str]) -> dict[str, dict[str, Edit]]:
    """Return the edit that gave each field of each incident its value.

    Cost: one statement; it reads all edits of these incidents.
    """
    conditions = _of_incidents(scope, incident_ids)
    conditions.add("e.accepted")
    found = await rows(
        f"""
        SELECT * FROM (
            SELECT {_COLUMNS}, row_number() OVER (
                PARTITION BY e.incident_id, e.field ORDER BY {_CURRENT}
            ) AS place
            FROM edit e WHERE {conditions.where}
        ) AS ranked WHERE place = 1
        """,  # noqa: S608 — names and places
        *conditions.values,
    )
    last: dict[str, dict[str, Edit]] = {incident_id: {} for incident_id in incident_ids}
    for row in found:
        last[row["incident_id"]][row["field"]] = _edit_of(row)
    return last


def _of_incidents(scope: Scope, incident_ids: Collection[str]) -> Conditions:
    conditions = Conditions()
    conditions.add(one_of("e.incident_id", conditions.put(dumps(sorted(incident_ids)))))
    conditions.see_records(scope, "incident", "e.incident_id")
    return conditions
