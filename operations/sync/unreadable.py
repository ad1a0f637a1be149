"""Rows that could not be read: each is a dead letter until its record can be (rule W13)."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from domain.events.entry import NewEntry, SyncEventKind, Topic
from domain.exchange import DeliveryState
from domain.inbound import FaultyRecord
from domain.redaction import redacted
from domain.sync.dead_letter import NUMBERED, label
from domain.sync.retry import Fault
from models.coding import dumps, to_milliseconds
from models.serial import next_numbers
from operations.metrics import Figure, count
from operations.sync.writing import Writing

# What a row says is kept up to here, in characters of its JSON; all of it is with the vendor.
LONGEST_ROW: Final = 64 * 1024
LONGEST_DETAIL: Final = 500


async def store_faulty(to: Writing, faulty: Sequence[FaultyRecord]) -> None:
    """Keep rows that could not be read, and make a dead letter of each that has none.

    One that is read again without success is the same dead letter, whoever has
    given it up or is trying it again meanwhile.
    Cost: nothing without such a row; two statements, five where one is new.
    """
    if not faulty:
        return
    by_id = {one.external_id: one for one in faulty}
    now = to_milliseconds(to.runtime.now())
    await to.tx.upsert(
        "faulty_record",
        [
            {
                "id": to.runtime.new_id(),
                "integration_id": to.integration_id,
                "kind": to.shape.kind,
                "external_id": one.external_id,
                "detail": one.detail[:LONGEST_DETAIL],
                "payload": _kept(one.payload),
                "seen_at": now,
            }
            for one in by_id.values()
        ],
        key=("integration_id", "kind", "external_id"),
    )
    new = await to.tx.rows(
        f"""
        SELECT f.id, f.external_id, f.detail FROM faulty_record f
        WHERE f.integration_id = $1 AND f.kind = $2 AND {to.tx.one_of("f.external_id", "$3")}
            AND NOT EXISTS (SELECT 1 FROM inbound d WHERE d.id = f.id)
        ORDER BY f.external_id
        """,  # noqa: S608 — the inserted text is ours
        to.integration_id,
        to.shape.kind,
        dumps(sorted(by_id)),
    )
    if new:
        await _bury(to, {row["id"]: by_id[row["external_id"]] for row in new})


async def _bury(to: Writing, new: Mapping[str, FaultyRecord]) -> None:
    """Make dead letters, with the ids of the rows that they are about."""
    now = to.runtime.now()
    at = to_milliseconds(now)
    lines: list[dict[str, object]] = []
    numbers = await next_numbers(to.tx, NUMBERED, len(new))
    for number, (letter_id, one) in zip(numbers, new.items(), strict=True):
        detail = one.detail[:LONGEST_DETAIL]
        attempt = {"at": at, "status": None, "outcome": Fault.BAD_ANSWER, "message": detail}
        lines.append(
            {
                "id": letter_id,
                "integration_id": to.integration_id,
                "external_id": one.external_id if one.is_named else None,
                "headers": "{}",
                "received_at": at,
                "state": DeliveryState.DEAD,
                "attempt": 1,
                "number": number,
                "code": Fault.BAD_ANSWER,
                "error": detail,
                "tries": dumps([attempt]),
                "ended_at": at,
            }
        )
        to.tx.tell(
            NewEntry(
                topic=Topic.SYNC,
                kind=SyncEventKind.DEAD_LETTER_ADDED,
                occurred_at=now,
                integration_id=to.integration_id,
                message=f"{label(number)}: {detail}",
            )
        )
    await to.tx.insert("inbound", lines)
    await count(to.tx, to.runtime, to.integration_id, Figure.INBOUND_FAILED, len(new))


async def forget_faulty(to: Writing, external_ids: Collection[str]) -> None:
    """Forget rows of records that have been read by now, and end their dead letters.

    One that a worker is trying again just now ends by itself.
    Cost: a statement, two where there was such a row.
    """
    if not external_ids:
        return
    read = await to.tx.rows(
        f"""
        DELETE FROM faulty_record
        WHERE integration_id = $1 AND kind = $2 AND {to.tx.one_of("external_id", "$3")}
        RETURNING id
        """,  # noqa: S608 — the inserted text is ours
        to.integration_id,
        to.shape.kind,
        dumps(sorted(external_ids)),
    )
    if not read:
        return
    # Who retries a letter has locked it and then waits for the integration, as this may hold it.
    await to.tx.rows(
        f"""
        UPDATE inbound SET state = $2, due_at = NULL, ended_at = $3 WHERE id IN (
            SELECT d.id FROM inbound d
            WHERE {to.tx.one_of("d.id", "$1")} AND d.lease_until IS NULL
                AND {to.tx.one_of("d.state", "$4")} {to.tx.skip_locked_of("d")}
        ) RETURNING id
        """,  # noqa: S608 — the inserted text is ours
        dumps(sorted(row["id"] for row in read)),
        DeliveryState.SUPERSEDED,
        to_milliseconds(to.runtime.now()),
        dumps([DeliveryState.READY, DeliveryState.DEAD, DeliveryState.DISCARDED]),
    )


async def forget_letters(to: Writing, ids: Collection[str]) -> None:
    """Forget the rows of dead letters whose retries have ended, the record being gone too.

    Cost: a statement where there is such a letter.
    """
    if ids:
        await to.tx.rows(
            f"DELETE FROM faulty_record WHERE {to.tx.one_of('id', '$1')} RETURNING id",  # noqa: S608 — words of ours
            dumps(sorted(ids)),
        )


def _kept(row: Mapping[str, object]) -> str:
    """Return a row's JSON without secrets; of one that is too long, the beginning as a text."""
    shown = redacted(row)
    try:
        text = dumps(shown)
    except TypeError:
        # A number of more than 64 bits.
        return dumps({"row": str(shown)[:LONGEST_ROW]})
    return text if len(text) <= LONGEST_ROW else dumps({"row": text[:LONGEST_ROW]})
