"""What people wrote about incidents."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from domain.records import NoteVisibility
from models.coding import dumps, from_milliseconds, instant
from models.reads.conditions import Conditions
from models.reads.keyset import ID, Column, Keyset
from models.reads.scope import Scope
from models.reads.statement import one_of, rows

KEY: Final = (Column(name="created_at", type=datetime), ID)


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A note of an incident; ``integration_id`` is None for one that was written here."""

    id: str
    incident_id: str
    integration_id: str | None
    author: str
    body: str
    visibility: NoteVisibility
    created_at: datetime
    edited_at: datetime | None


def _note_of(row: Mapping[str, Any]) -> Note:
    return Note(
        id=row["id"],
        incident_id=row["incident_id"],
        integration_id=row["integration_id"],
        author=row["author"],
        body=row["body"],
        visibility=NoteVisibility(row["visibility"]),
        created_at=from_milliseconds(row["created_at"]),
        edited_at=instant(row["edited_at"]),
    )


async def note_by_id(scope: Scope, note_id: str) -> Note | None:
    """Return a note that may be seen. Cost: one statement, by the primary key."""
    conditions = Conditions()
    conditions.add(f"t.id = {conditions.put(note_id)}")
    conditions.see_records(scope, "incident", "t.incident_id")
    found = await rows(
        f"""
        SELECT t.id, t.incident_id, t.integration_id, t.author, t.body, t.visibility,
            t.created_at, t.edited_at
        FROM note t WHERE {conditions.where}
        """,  # noqa: S608 — names and places
        *conditions.values,
    )
    return _note_of(found[0]) if found else None


async def note_pages(
    scope: Scope, incident_ids: Collection[str], keyset: Keyset
) -> dict[str, list[Note]]:
    """Return a page of notes for each incident, in the direction of reading.

    Cost: one statement; it reads the notes of these incidents past the position.
    """
    conditions = _of_incidents(scope, incident_ids)
    keyset.restrict(conditions, KEY, "t")
    found = await rows(
        f"""
        SELECT * FROM (
            SELECT t.id, t.incident_id, t.integration_id, t.author, t.body, t.visibility,
                t.created_at, t.edited_at, row_number() OVER (
                    PARTITION BY t.incident_id ORDER BY {keyset.order_by(KEY, "t")}
                ) AS place
            FROM note t WHERE {conditions.where}
        ) AS ranked WHERE place <= {conditions.put(keyset.limit)} ORDER BY incident_id, place
        """,  # noqa: S608 — names and places
        *conditions.values,
    )
    pages: dict[str, list[Note]] = {incident_id: [] for incident_id in incident_ids}
    for row in found:
        pages[row["incident_id"]].append(_note_of(row))
    return pages


async def note_counts(scope: Scope, incident_ids: Collection[str]) -> dict[str, int]:
    """Count the notes of each incident. Cost: reads each of them."""
    conditions = _of_incidents(scope, incident_ids)
    found = await rows(
        f"""
        SELECT t.incident_id, count(*) AS n FROM note t WHERE {conditions.where}
        GROUP BY t.incident_id
        """,  # noqa: S608 — names and places
        *conditions.values,
    )
    return {row["incident_id"]: int(row["n"]) for row in found}


def _of_incidents(scope: Scope, incident_ids: Collection[str]) -> Conditions:
    conditions = Conditions()
    conditions.add(one_of("t.incident_id", conditions.put(dumps(sorted(incident_ids)))))
    conditions.empty("t.deleted_at")
    conditions.add(f"(t.integration_id IS NULL OR {conditions.seen(scope, 't.integration_id')})")
    conditions.see_records(scope, "incident", "t.incident_id")
    return conditions
