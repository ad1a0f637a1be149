"""The changes of one integration that were decided by comparing both sides."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from domain.records import FieldValue, MergeReason
from models.coding import from_milliseconds, loads, to_milliseconds
from models.reads.conditions import Conditions
from models.reads.statement import rows


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedChange:
    """A vendor's change, with the verdict on it."""

    id: str
    incident_id: str
    field: str
    value: FieldValue
    at: datetime
    by: str
    accepted: bool
    reason: MergeReason


async def judged_changes(
    integration_id: str,
    *,
    since: datetime,
    reasons: Collection[MergeReason],
    after: str,
    limit: int,
) -> list[JudgedChange]:
    """Return a page of an integration's changes in the order in which they were recorded.

    since: by the vendor's time. after: the id of the page's predecessor, empty for the first.
    Cost: one statement; it walks the edits of all integrations from ``after`` on.
    """
    conditions = Conditions()
    # The comparison keeps both databases from taking the integration's own index, which
    # would find most of the table for each page, and then sorting what it found.
    conditions.add(f"(e.integration_id = {conditions.put(integration_id)}) = TRUE")
    conditions.add(f"e.at >= {conditions.put(to_milliseconds(since))}")
    conditions.add(f"e.id > {conditions.put(after)}")
    conditions.add(f"e.reason IN ({conditions.put_all(sorted(reasons))})")
    found = await rows(
        f"""
        SELECT e.id, e.incident_id, e.field, e.after, e.at, e.by, e.accepted, e.reason
        FROM edit e WHERE {conditions.where} ORDER BY e.id LIMIT {conditions.put(limit)}
        """,  # noqa: S608 — names and places
        *conditions.values,
    )
    return [
        JudgedChange(
            id=row["id"],
            incident_id=row["incident_id"],
            field=row["field"],
            value=None if row["after"] is None else loads(row["after"]),
            at=from_milliseconds(row["at"]),
            by=row["by"],
            accepted=bool(row["accepted"]),
            reason=MergeReason(row["reason"]),
        )
        for row in found
    ]
