"""What an integration's vendor has told by itself, and what it has not."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from domain.records import EditSource, MergeReason
from models.coding import dumps, from_milliseconds, instant, to_milliseconds
from models.reads.conditions import Conditions
from models.reads.scope import Scope
from models.reads.statement import one_of, rows

# A delivery may come so long before a pull sees its change, by clocks that differ.
_APART: Final = timedelta(minutes=5)
_DAY: Final = timedelta(days=1)
# Edits that tell of no change of the vendor's own.
_NOT_THEIRS: Final = (MergeReason.ECHO, MergeReason.SAME, MergeReason.UNCHANGED, MergeReason.STALE)


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedDelivery:
    """A delivery that was refused."""

    at: datetime
    reason: str
    source_address: str | None
    bytes: int


async def rejected_deliveries(
    scope: Scope, integration_ids: Collection[str]
) -> dict[str, list[RejectedDelivery]]:
    """Return each integration's last refused deliveries, the last first. Cost: one statement."""
    conditions = Conditions()
    conditions.add(one_of("integration_id", conditions.put(dumps(sorted(integration_ids)))))
    conditions.see(scope)
    found = await rows(
        f"""
        SELECT integration_id, at, reason, source_address, bytes FROM rejected_delivery
        WHERE {conditions.where} ORDER BY at DESC, id DESC
        """,  # noqa: S608 — names and places
        *conditions.values,
    )
    rejected: dict[str, list[RejectedDelivery]] = {one: [] for one in integration_ids}
    for row in found:
        rejected[row["integration_id"]].append(
            RejectedDelivery(
                at=from_milliseconds(row["at"]),
                reason=row["reason"],
                source_address=row["source_address"],
                bytes=row["bytes"],
            )
        )
    return rejected


async def last_webhooks(
    scope: Scope, integration_ids: Collection[str]
) -> dict[str, datetime | None]:
    """Return when each integration's vendor last told something. Cost: one probe each."""
    conditions = Conditions()
    conditions.add(one_of("n.id", conditions.put(dumps(sorted(integration_ids)))))
    conditions.see(scope, "n.id")
    found = await rows(
        f"""
        SELECT n.id, (
            SELECT d.received_at FROM inbound d
            WHERE d.integration_id = n.id AND d.body IS NOT NULL
            ORDER BY d.received_at DESC LIMIT 1
        ) AS last_at FROM integration n WHERE {conditions.where}
        """,  # noqa: S608 — names and places
        *conditions.values,
    )
    return {row["id"]: instant(row["last_at"]) for row in found}


async def missed_webhooks(
    scope: Scope, integration_ids: Collection[str], *, now: datetime
) -> dict[str, int]:
    """Count changes of the last day that a pull has found and no delivery had told.

    Changes from before the first delivery that is kept do not count: nobody was to
    tell of them.
    Cost: one statement over the incidents that were updated within the day.
    """
    conditions = Conditions()
    conditions.add(one_of("e.integration_id", conditions.put(dumps(sorted(integration_ids)))))
    conditions.see(scope, "e.integration_id")
    day = conditions.put(to_milliseconds(now - _DAY))
    pulled = conditions.put(EditSource.PULL)
    reasons = conditions.put_all(_NOT_THEIRS)
    found = await rows(
        f"""
        SELECT integration_id, count(*) AS n FROM (
            SELECT DISTINCT e.integration_id, e.incident_id, e.at, e.sequence
            FROM incident r JOIN edit e ON e.incident_id = r.id
            JOIN incident_link l
                ON l.incident_id = r.id AND l.integration_id = e.integration_id
            WHERE r.updated_at >= {day} AND e.at >= {day} AND e.source = {pulled}
                AND e.reason NOT IN ({reasons}) AND {conditions.where}
                AND e.at >= (
                    SELECT d.received_at FROM inbound d
                    WHERE d.integration_id = e.integration_id AND d.body IS NOT NULL
                    ORDER BY d.received_at LIMIT 1
                )
                AND NOT EXISTS (
                    SELECT 1 FROM inbound d
                    WHERE d.integration_id = e.integration_id AND d.body IS NOT NULL
                        AND d.external_id = l.external_id
                        AND d.received_at >= e.at - {_APART // timedelta(milliseconds=1)}
                )
        ) missed GROUP BY integration_id
        """,  # noqa: S608 — names and places
        *conditions.values,
    )
    return {row["integration_id"]: int(row["n"]) for row in found}
