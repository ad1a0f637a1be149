"""What follows when a delivery could not be merged."""

from dataclasses import replace

from adapters.exchange import Failed
from domain.events.entry import NewEntry, SyncEventKind, Topic
from domain.records import IntegrationState
from domain.sync.dead_letter import NUMBERED, label
from domain.sync.retry import Bury, Park, SendAgain, Throttle, after_send_failure
from models.coding import to_milliseconds
from models.inbox import Again, ClaimedDelivery, Death, bury, hold_deliveries, put_off
from models.serial import next_numbers
from models.tables.integration import IntegrationRow
from models.transaction import Transaction
from operations.metrics import Figure, count
from operations.runtime import Runtime
from operations.sync.ending import park, wait_out
from operations.sync.in_flight import PATIENCE


async def set_back(
    tx: Transaction,
    *,
    runtime: Runtime,
    integration: IntegrationRow,
    delivery: ClaimedDelivery,
    failed: Failed,
) -> None:
    """Try a delivery again later, or make it a dead letter (rules X4, X7).

    Where the vendor may not be asked at all it waits, and spends no attempt.
    """
    if not await hold_deliveries(tx, [delivery]):
        return
    now = runtime.now()
    after = after_send_failure(
        failed.fault, failures=delivery.attempt, now=now, retry_after=failed.retry_after
    )
    again = Again(
        due_at=now + PATIENCE,
        attempt=delivery.attempt,
        tries=delivery.tries,
        external_id=delivery.external_id,
        code=failed.fault,
        error=failed.detail,
    )
    match after:
        case Park():
            await put_off(tx, delivery, again)
            if integration.state != IntegrationState.PARKED:
                await park(runtime, tx, integration.id, failed.detail)
        case Throttle(until=until):
            await put_off(tx, delivery, replace(again, due_at=until))
            await wait_out(runtime, tx, integration.id, failed.detail, until=until)
        case SendAgain(at=at, failures=failures):
            tries = _tried(runtime, delivery, failed)
            await put_off(tx, delivery, replace(again, due_at=at, attempt=failures, tries=tries))
        case Bury():
            await _bury(tx, runtime, delivery, failed)


async def give_up(
    tx: Transaction, *, runtime: Runtime, delivery: ClaimedDelivery, failed: Failed
) -> None:
    """Make a delivery that cannot be read a dead letter at once; trying again reads the same."""
    if await hold_deliveries(tx, [delivery]):
        await _bury(tx, runtime, delivery, failed)


async def _bury(
    tx: Transaction, runtime: Runtime, delivery: ClaimedDelivery, failed: Failed
) -> None:
    number = await _number(tx, delivery)
    death = Death(
        at=runtime.now(),
        attempt=delivery.attempt + 1,
        tries=_tried(runtime, delivery, failed),
        external_id=delivery.external_id,
        code=failed.fault,
        error=failed.detail,
        number=number,
    )
    await bury(tx, delivery, death)
    await count(tx, runtime, delivery.integration_id, Figure.INBOUND_FAILED)
    tx.tell(
        NewEntry(
            topic=Topic.SYNC,
            kind=SyncEventKind.DEAD_LETTER_ADDED,
            occurred_at=runtime.now(),
            integration_id=delivery.integration_id,
            message=f"{label(number)}: {failed.detail}",
        )
    )


async def _number(tx: Transaction, delivery: ClaimedDelivery) -> int:
    """Return what people call the delivery; one that was dead before keeps its number."""
    (row,) = await tx.rows("SELECT number FROM inbound WHERE id = $1", delivery.id)
    number: int | None = row["number"]
    return (await next_numbers(tx, NUMBERED))[0] if number is None else number


def _tried(runtime: Runtime, delivery: ClaimedDelivery, failed: Failed) -> list[dict[str, object]]:
    """Return the attempts that there have been, with the one that has just failed."""
    attempt: dict[str, object] = {
        "at": to_milliseconds(runtime.now()),
        "status": failed.status,
        "outcome": failed.fault,
        "message": failed.detail,
    }
    return [*map(dict, delivery.tries), attempt]
