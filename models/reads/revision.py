"""How often each field of an incident has changed, and who changed it last."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from models.coding import dumps, from_milliseconds, loads
from models.reads.conditions import Conditions
from models.reads.scope import Scope
from models.reads.statement import one_of, rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """A field's version, when it was made, and by whom."""

    version: int
    edited_at: datetime
    by: str


async def revisions(scope: Scope, incident_ids: Collection[str]) -> dict[str, dict[str, Revision]]:
    """Return the revisions of each incident's fields, by field.

    One that only its one vendor has ever changed has none. Cost: one index probe an id.
    """
    conditions = Conditions()
    conditions.add(one_of("r.id", conditions.put(dumps(sorted(incident_ids)))))
    conditions.see_records(scope, "incident", "r.id")
    found = await rows(
        f"SELECT r.id, r.revisions FROM incident r WHERE {conditions.where}",  # noqa: S608 — names and places
        *conditions.values,
    )
    return {
        row["id"]: {
            name: Revision(version=version, edited_at=from_milliseconds(at), by=by)
            for name, (version, at, _, by) in loads(row["revisions"]).items()
        }
        for row in found
    }
