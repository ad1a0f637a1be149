"""The changes during which alerts were raised."""

from collections.abc import Collection

from models.coding import dumps
from models.maintenance import changes_during
from models.reads.change import CHANGES, Change
from models.reads.scope import Scope
from models.reads.statement import one_of, rows


async def changes_of_alerts(scope: Scope, alert_ids: Collection[str]) -> dict[str, list[Change]]:
    """Return the changes under way on a service of each alert's subject, the first begun first.

    Only those in scope. Cost: one statement; it reads all changes of these services.
    """
    conditions = CHANGES.visible(scope)
    wanted = one_of("a.id", conditions.put(dumps(sorted(alert_ids))))
    found = await rows(
        f"""
        SELECT {CHANGES.columns}, d.alert_id FROM {changes_during(wanted)}
        WHERE {conditions.where} ORDER BY d.alert_id, r.starts_at, r.id
        """,  # noqa: S608 — names and places
        *conditions.values,
    )
    changes: dict[str, list[Change]] = {one: [] for one in alert_ids}
    for row in found:
        changes[row["alert_id"]].append(CHANGES.record_of(row))
    return changes
