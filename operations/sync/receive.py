"""Take in what a vendor tells by itself: verify it, store it, and let a worker merge it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial
from typing import Final

import structlog

from adapters.contract import Webhooks
from adapters.delivery import RawDelivery, Rejected, Verified
from adapters.registry import manifest
from domain.errors import Unavailable
from domain.exchange import DeliveryState, FlowDirection
from models.coding import dumps, to_milliseconds
from models.reads.receiver import AWAY, Receiver, sealed_secrets
from models.sealed import CannotOpen
from models.transaction import Transaction, commit
from operations.metrics import Figure, count
from operations.runtime import Runtime
from operations.span import name_incident, name_record, span, trace_here

log = structlog.get_logger()

# How many refused deliveries of an integration are kept, for its people to look at.
MOST_REJECTED: Final = 50
# The columns that keep them end there.
_LONGEST_REASON: Final = 200
_LONGEST_ADDRESS: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A request at the door; header names are in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    source_address: str | None


class Reception(StrEnum):
    """What became of a request at the door."""

    STORED = "STORED"
    KNOWN = "KNOWN"
    DROPPED = "DROPPED"
    REFUSED = "REFUSED"


async def receive(runtime: Runtime, receiver: Receiver, arrival: Arrival) -> Reception:
    """Store a delivery if its vendor has signed it; once, however often it comes (rule X7).

    One for an integration that takes nothing from its vendor is let go. Of one that
    is refused only the fact is kept. The trace of the others names the vendor's record;
    that of one that is stored, the incident too, if it is mirrored by now.
    Raises Unavailable when the database is away, and StorageFull: then it is to
    come again.
    Cost: two statements; two more where it is refused.
    """
    try:
        with span(
            "sync.webhook",
            integration_id=receiver.integration_id,
            integration_type=receiver.provider,
            direction=FlowDirection.INBOUND,
        ):
            return await _receive(runtime, receiver, arrival)
    except AWAY as error:
        raise Unavailable(f"the database does not answer: {type(error).__name__}") from error


async def secrets_of(runtime: Runtime, integration_id: str, webhooks: Webhooks) -> dict[str, str]:
    """Return the secrets that sign an integration's deliveries, in the clear.

    Raises Unavailable when one was sealed under a key that is not here.
    """
    sealed = await sealed_secrets(integration_id, webhooks.credentials)
    try:
        return {
            name: runtime.keys.open(text, integration_id=integration_id, name=name)
            for name, text in sealed.items()
        }
    except CannotOpen as error:
        raise Unavailable(str(error)) from None


async def _receive(runtime: Runtime, receiver: Receiver, arrival: Arrival) -> Reception:
    facts = {"integration_id": receiver.integration_id, "operation": "sync.webhook"}
    webhooks = manifest(receiver.provider).webhooks
    looked_at = frozenset[str]() if webhooks is None else webhooks.headers
    raw = RawDelivery(
        method=arrival.method,
        path=arrival.path,
        query=arrival.query,
        headers={name: arrival.headers[name] for name in looked_at & arrival.headers.keys()},
        body=arrival.body,
    )
    verdict: Verified | Rejected = Rejected(reason="this vendor sends no webhooks")
    if webhooks is not None:
        secrets = await secrets_of(runtime, receiver.integration_id, webhooks)
        verdict = webhooks.verify(raw, secrets, runtime.now())
    if isinstance(verdict, Rejected):
        log.warning("webhook_refused", reason=verdict.reason, **facts)
        await commit(partial(_refuse, runtime, receiver, arrival, verdict.reason))
        return Reception.REFUSED
    if verdict.external_id is not None:
        name_record(verdict.external_id)
    if not receiver.is_listening:
        log.info("webhook_dropped", **facts)
        return Reception.DROPPED
    kept = replace(raw, headers={n: v for n, v in raw.headers.items() if not _is_secret(n)})
    delivery_id = runtime.new_id()
    is_new = await commit(partial(_store, runtime, receiver, kept, verdict, delivery_id))
    if not is_new:
        return Reception.KNOWN
    log.info("webhook_stored", delivery_id=delivery_id, **facts)
    await runtime.wake("apply")
    return Reception.STORED


async def _store(  # noqa: PLR0913, PLR0917 — what a delivery is stored with
    runtime: Runtime,
    receiver: Receiver,
    raw: RawDelivery,
    verified: Verified,
    delivery_id: str,
    tx: Transaction,
) -> bool:
    """Store a delivery, due at once; False when one under its key is stored already."""
    now = to_milliseconds(runtime.now())
    stored = await tx.rows(
        """
        INSERT INTO inbound (id, integration_id, dedup_key, headers, body, received_at, state,
            due_at, tries, trace)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $6, '[]', $8)
        ON CONFLICT (integration_id, dedup_key) DO NOTHING
        RETURNING id, (
            SELECT incident_id FROM incident_link WHERE integration_id = $2 AND external_id = $9
        ) AS incident_id
        """,
        delivery_id,
        receiver.integration_id,
        verified.dedup_key,
        dumps(raw.headers),
        _text(raw.body),
        now,
        DeliveryState.READY,
        trace_here(),
        verified.external_id,
    )
    for row in stored:
        if row["incident_id"] is not None:
            name_incident(row["incident_id"])
    return bool(stored)


async def _refuse(
    runtime: Runtime, receiver: Receiver, arrival: Arrival, reason: str, tx: Transaction
) -> None:
    """Note when and why, never what it said; the last fifty are kept."""
    line: dict[str, object] = {
        "id": runtime.new_id(),
        "integration_id": receiver.integration_id,
        "at": to_milliseconds(runtime.now()),
        "reason": reason[:_LONGEST_REASON],
        "source_address": arrival.source_address and arrival.source_address[:_LONGEST_ADDRESS],
        "bytes": len(arrival.body),
    }
    await tx.upsert("rejected_delivery", [line], key=("id",))
    await tx.rows(
        """
        DELETE FROM rejected_delivery WHERE integration_id = $1 AND id NOT IN (
            SELECT id FROM rejected_delivery WHERE integration_id = $1
            ORDER BY at DESC, id DESC LIMIT $2
        ) RETURNING id
        """,
        receiver.integration_id,
        MOST_REJECTED,
    )
    await count(tx, runtime, receiver.integration_id, Figure.INBOUND_FAILED)


def _is_secret(header: str) -> bool:
    """Say whether a header proves who sent it; once that is seen, nobody needs it."""
    return header == "authorization" or "signature" in header


def _text(body: bytes) -> str:
    """Return a body as text that any database takes; what is no text cannot be read later."""
    return body.decode("utf-8", "backslashreplace").replace("\0", "\\x00")
