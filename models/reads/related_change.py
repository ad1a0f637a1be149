"""The changes that may have to do with incidents."""

from collections.abc import Collection
from dataclasses import dataclass

from domain.risk.related_change import WINDOW
from models.coding import MILLISECOND, dumps
from models.reads.change import CHANGES, Change
from models.reads.scope import Scope
from models.reads.statement import one_of, rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Nearby:
    """A change on a service of an incident (hops 0), or on one that this depends on (hops 1).

    service: the name of the change's service.
    """

    change: Change
    hops: int
    service: str


async def nearby_changes(scope: Scope, incident_ids: Collection[str]) -> dict[str, list[Nearby]]:
    """Return the changes around the beginning of each incident, each once, by the fewest hops.

    Cost: one statement; it reads all changes of these services.
    """
    # An expression is no index's column: relations are found by where they come from,
    # though PostgreSQL takes it that few have this name and kind.
    conditions = CHANGES.visible(scope)
    conditions.see_records(scope, "asset", "s.id")
    conditions.empty("r.deleted_at")
    window = conditions.put(WINDOW // MILLISECOND)
    incidents = one_of("a.incident_id", conditions.put(dumps(sorted(incident_ids))))
    conditions.add("r.starts_at <= i.started_at")
    conditions.add(f"r.ends_at >= i.started_at - {window}")
    found = await rows(
        f"""
        WITH affected AS (
            SELECT a.incident_id, a.asset_id FROM incident_asset a WHERE {incidents}
        )
        SELECT {CHANGES.columns}, t.incident_id, t.hops, s.name AS service
        FROM (
            SELECT incident_id, asset_id, 0 AS hops FROM affected
            UNION
            SELECT d.incident_id, l.asset_id, 1
            FROM affected d JOIN relation p ON p.from_id = d.asset_id
            JOIN asset_link l
                ON l.integration_id = p.integration_id AND l.external_id = p.to_external_id
            WHERE (p.name || '') = 'DEPENDS_ON' AND (p.to_kind || '') = 'SERVICE'
                AND {conditions.seen(scope, "p.integration_id")}
        ) AS t
        JOIN incident i ON i.id = t.incident_id
        JOIN asset s ON s.id = t.asset_id
        JOIN change_asset c ON c.asset_id = t.asset_id
        JOIN change r ON r.id = c.change_id
        WHERE {conditions.where} ORDER BY t.incident_id, t.hops, s.name, s.id
        """,  # noqa: S608 — names and places
        *conditions.values,
    )
    nearby: dict[str, dict[str, Nearby]] = {one: {} for one in incident_ids}
    for row in found:
        change = CHANGES.record_of(row)
        nearest = Nearby(change=change, hops=row["hops"], service=row["service"])
        nearby[row["incident_id"]].setdefault(change.id, nearest)
    return {incident_id: list(changes.values()) for incident_id, changes in nearby.items()}
