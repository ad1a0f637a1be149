"""Deliveries of vendors, lent to one worker for a while."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from domain.exchange import DeliveryState
from domain.records import RecordKind
from models.coding import dumps, from_milliseconds, loads, to_milliseconds
from models.reads.statement import rows as read_rows
from models.transaction import Transaction

# A parked integration's deliveries go on: most can be merged without its vendor.
_DUE = """
    d.due_at <= $1 AND (d.lease_until IS NULL OR d.lease_until <= $1) AND i.is_enabled
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedDelivery:
    """A delivery that this worker holds, as long as ``fence`` is newest.

    external_id: of the record that it is about, as far as that is known.
    body: None for our own note that the record is to be read again.
    attempt: how often it has failed.
    starts: how many workers have begun with it since the last result, this one too.
    tries: what became of the attempts.
    kind: of the record, where it is a row of it that could not be read.
    """

    id: str
    integration_id: str
    external_id: str | None
    headers: Mapping[str, str]
    body: str | None
    received_at: datetime
    fence: int
    attempt: int
    starts: int
    tries: Sequence[Mapping[str, object]]
    trace: str | None
    kind: RecordKind | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """When a delivery is tried again, and what is known of why."""

    due_at: datetime
    attempt: int
    tries: Sequence[Mapping[str, object]]
    external_id: str | None = None
    code: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Death:
    """Why a delivery is dead; ``number`` is what people call it."""

    at: datetime
    attempt: int
    tries: Sequence[Mapping[str, object]]
    external_id: str | None
    code: str
    error: str
    number: int


async def has_deliveries(*, now: datetime) -> bool:
    """Say whether a delivery is due, without taking the write lock. Cost: one index probe."""
    found = await read_rows(
        f"""
        SELECT 1 AS found FROM inbound d JOIN integration i ON i.id = d.integration_id
        WHERE {_DUE} LIMIT 1
        """,  # noqa: S608 — the inserted text is ours
        to_milliseconds(now),
    )
    return bool(found)


async def claim_deliveries(
    tx: Transaction, *, now: datetime, owner: str, lease: timedelta, most: int
) -> list[ClaimedDelivery]:
    """Take the deliveries that have been due for longest, each with a fence above all before it.

    One whose last worker gave no result is taken alone, when nothing else is due:
    it may be what ended that worker, and is not to take others with it.
    Cost: one statement, two when nothing is due for the first time.
    """
    fresh = await _claim(tx, "d.starts = 0", most, now=now, owner=owner, until=now + lease)
    return fresh or await _claim(tx, "d.starts > 0", 1, now=now, owner=owner, until=now + lease)


async def _claim(  # noqa: PLR0913 — the parts of one statement
    tx: Transaction, which: str, most: int, *, now: datetime, owner: str, until: datetime
) -> list[ClaimedDelivery]:
    taken = await tx.rows(
        f"""
        WITH pick AS (
            SELECT d.id FROM inbound d JOIN integration i ON i.id = d.integration_id
            WHERE {_DUE} AND {which} ORDER BY d.due_at, d.id LIMIT $4 {tx.skip_locked_of("d")}
        )
        UPDATE inbound SET lease_owner = $2, lease_until = $3, fence = inbound.fence + 1,
            starts = inbound.starts + 1
        FROM pick WHERE inbound.id = pick.id
        RETURNING inbound.id AS id, inbound.integration_id AS integration_id,
            inbound.external_id AS external_id, inbound.headers AS headers,
            inbound.body AS body, inbound.received_at AS received_at, inbound.fence AS fence,
            inbound.attempt AS attempt, inbound.starts AS starts, inbound.tries AS tries,
            inbound.trace AS trace, (
                SELECT f.kind FROM faulty_record f WHERE f.id = inbound.id
            ) AS kind
        """,  # noqa: S608 — the inserted text is ours
        to_milliseconds(now),
        owner,
        to_milliseconds(until),
        most,
    )
    return [_claimed(row) for row in sorted(taken, key=lambda row: str(row["id"]))]


async def hold_deliveries(tx: Transaction, deliveries: Collection[ClaimedDelivery]) -> bool:
    """Lock the deliveries; False when one is no longer this worker's: then write nothing."""
    ours = {one.id: one.fence for one in deliveries}
    found = await tx.rows(
        f"""
        UPDATE inbound SET fence = fence
        WHERE {tx.one_of("id", "$1")} AND state = $2 AND lease_until IS NOT NULL
        RETURNING id, fence
        """,  # noqa: S608 — the inserted text is ours
        dumps(sorted(ours)),
        DeliveryState.READY,
    )
    return {row["id"]: row["fence"] for row in found} == ours


async def give_back(tx: Transaction, *, deliveries: Collection[ClaimedDelivery]) -> None:
    """Let another worker take at once those that have not got a result yet."""
    for one in deliveries:
        await tx.rows(
            """
            UPDATE inbound SET lease_owner = NULL, lease_until = NULL, starts = 0
            WHERE id = $1 AND fence = $2 AND lease_until IS NOT NULL RETURNING id
            """,
            one.id,
            one.fence,
        )


async def end_deliveries(
    tx: Transaction, records: Mapping[str, str | None], *, at: datetime
) -> None:
    """Say that deliveries have been merged; hold them before.

    records: the external ids of what they were about, by the ids of the deliveries.
    """
    for record in sorted({external_id or "" for external_id in records.values()}):
        ids = [one for one, external_id in records.items() if (external_id or "") == record]
        await tx.rows(
            f"""
            UPDATE inbound SET state = $2, ended_at = $3, external_id = COALESCE($4, external_id),
                due_at = NULL, lease_owner = NULL, lease_until = NULL, starts = 0
            WHERE {tx.one_of("id", "$1")} RETURNING id
            """,  # noqa: S608 — the inserted text is ours
            dumps(sorted(ids)),
            DeliveryState.DONE,
            to_milliseconds(at),
            record or None,
        )


async def put_off(tx: Transaction, delivery: ClaimedDelivery, again: Again) -> None:
    """Let a delivery wait; whoever takes it then begins anew. Hold it before."""
    await tx.rows(
        """
        UPDATE inbound SET due_at = $2, attempt = $3, tries = $4, code = $5, error = $6,
            external_id = COALESCE($7, external_id), lease_owner = NULL, lease_until = NULL,
            starts = 0
        WHERE id = $1 RETURNING id
        """,
        delivery.id,
        to_milliseconds(again.due_at),
        again.attempt,
        dumps(again.tries),
        again.code,
        again.error,
        again.external_id,
    )


async def bury(tx: Transaction, delivery: ClaimedDelivery, death: Death) -> None:
    """Make a delivery a dead letter. Hold it before."""
    await tx.rows(
        """
        UPDATE inbound SET state = $2, ended_at = $3, attempt = $4, tries = $5, code = $6,
            error = $7, number = $8, external_id = COALESCE($9, external_id),
            due_at = NULL, lease_owner = NULL, lease_until = NULL, starts = 0
        WHERE id = $1 RETURNING id
        """,
        delivery.id,
        DeliveryState.DEAD,
        to_milliseconds(death.at),
        death.attempt,
        dumps(death.tries),
        death.code,
        death.error,
        death.number,
        death.external_id,
    )


async def note_again(  # noqa: PLR0913 — a row's parts
    tx: Transaction,
    integration_id: str,
    external_ids: Collection[str],
    *,
    new_id: Callable[[], str],
    now: datetime,
    due_at: datetime,
) -> None:
    """Note that records are to be read again, unless that is noted already."""
    if not external_ids:
        return
    noted = await tx.rows(
        f"""
        SELECT external_id FROM inbound
        WHERE integration_id = $1 AND body IS NULL AND due_at IS NOT NULL
            AND {tx.one_of("external_id", "$2")}
        """,  # noqa: S608 — the inserted text is ours
        integration_id,
        dumps(sorted(external_ids)),
    )
    lines: list[dict[str, object]] = [
        {
            "id": new_id(),
            "integration_id": integration_id,
            "external_id": external_id,
            "headers": "{}",
            "received_at": to_milliseconds(now),
            "state": DeliveryState.READY,
            "due_at": to_milliseconds(due_at),
            "tries": "[]",
        }
        for external_id in sorted(set(external_ids) - {row["external_id"] for row in noted})
    ]
    await tx.upsert("inbound", lines, key=("id",))


def _claimed(row: Mapping[str, Any]) -> ClaimedDelivery:
    return ClaimedDelivery(
        id=row["id"],
        integration_id=row["integration_id"],
        external_id=row["external_id"],
        headers=loads(row["headers"]),
        body=row["body"],
        received_at=from_milliseconds(row["received_at"]),
        fence=row["fence"],
        attempt=row["attempt"],
        starts=row["starts"],
        tries=loads(row["tries"]),
        trace=row["trace"],
        kind=None if row["kind"] is None else RecordKind(row["kind"]),
    )
