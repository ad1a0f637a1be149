"""Where incidents live at vendors."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from models.coding import dumps, from_milliseconds
from models.reads.conditions import Conditions
from models.reads.scope import Scope
from models.reads.statement import one_of, rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An incident's record at one vendor."""

    integration_id: str
    external_id: str
    external_key: str
    url: str
    last_seen_at: datetime


async def links_of_incidents(scope: Scope, incident_ids: Collection[str]) -> dict[str, list[Link]]:
    """Return the links of each incident, oldest first. Cost: one index probe an incident."""
    conditions = Conditions()
    conditions.add(one_of("incident_id", conditions.put(dumps(sorted(incident_ids)))))
    conditions.see(scope)
    found = await rows(
        f"""
        SELECT incident_id, integration_id, external_id, external_key, url, last_seen_at
        FROM incident_link WHERE {conditions.where} ORDER BY id
        """,  # noqa: S608 — names and places
        *conditions.values,
    )
    links: dict[str, list[Link]] = {incident_id: [] for incident_id in incident_ids}
    for row in found:
        links[row["incident_id"]].append(
            Link(
                integration_id=row["integration_id"],
                external_id=row["external_id"],
                external_key=row["external_key"],
                url=row["url"],
                last_seen_at=from_milliseconds(row["last_seen_at"]),
            )
        )
    return links
