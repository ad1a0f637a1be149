"""Who owns which field, where a person has said so, and what both sides hold of a field."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from domain.records import Owner
from domain.sync.ownership import Rule
from models.coding import dumps
from models.reads.statement import one_of, rows


async def rules_set() -> dict[str, list[Rule]]:
    """Return the rules that people have set, by integration. Cost: one small read."""
    found: dict[str, list[Rule]] = {}
    for row in await rows(
        "SELECT integration_id, field, owner, priority FROM ownership_rule ORDER BY field"
    ):
        found.setdefault(row["integration_id"], []).append(
            Rule(field=row["field"], owner=Owner(row["owner"]), priority=row["priority"])
        )
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimant:
    """An integration, whose vendor's defaults are rules too."""

    id: str
    key: str
    provider: str


async def claimants() -> list[Claimant]:
    """Return all integrations, the oldest first. Cost: one small read."""
    found = await rows("SELECT id, key, provider FROM integration ORDER BY id")
    return [Claimant(**row) for row in found]


async def linked_integrations(incident_ids: Collection[str]) -> dict[str, list[str]]:
    """Return the integrations that incidents are linked to, seen or not: they all have rules.

    Cost: one index range an incident.
    """
    found: dict[str, list[str]] = {one: [] for one in incident_ids}
    for row in await rows(
        f"""
        SELECT incident_id, integration_id FROM incident_link
        WHERE {one_of("incident_id", "$1")} ORDER BY integration_id
        """,  # noqa: S608 — the inserted text is ours
        dumps(sorted(incident_ids)),
    ):
        found[row["incident_id"]].append(row["integration_id"])
    return found


async def sides(
    integration_id: str, column: str, *, rivals: Collection[str], after: str, limit: int
) -> list[dict[str, Any]]:
    """Return what both sides hold of a field, of a page of an integration's incidents.

    column: of the incident, with our value; ``base`` holds the vendor's by name.
    rivals: integrations; ``is_rivalled`` says whether a record is linked to one of them.
    after: the ``external_id`` of the last row before the page.
    """
    return await rows(
        f"""
        SELECT l.external_id, l.incident_id, l.base, i."{column}" AS ours, EXISTS (
            SELECT 1 FROM incident_link o
            WHERE o.incident_id = l.incident_id AND {one_of("o.integration_id", "$2")}
        ) AS is_rivalled
        FROM incident_link l JOIN incident i ON i.id = l.incident_id
        WHERE l.integration_id = $1 AND l.external_id > $3
            AND l.gone_at IS NULL AND i.deleted_at IS NULL
        ORDER BY l.external_id LIMIT $4
        """,  # noqa: S608 — names of ours
        integration_id,
        dumps(sorted(rivals)),
        after,
        limit,
    )
