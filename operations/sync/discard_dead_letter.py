"""Give up on a delivery that failed for good (rule X6)."""

from dataclasses import dataclass
from typing import Final

from domain.access.roles import Actor
from domain.errors import Invalid
from domain.exchange import DeadLetterStatus, FlowDirection, WriteKind, WriteState
from domain.sync.dead_letter import label, status_of
from models.coding import to_milliseconds
from models.transaction import Transaction, commit
from operations.runtime import Runtime
from operations.sync.retry_dead_letter import find, lock_lane

LONGEST_REASON: Final = 1_000
_TABLES: Final = {FlowDirection.OUTBOUND: "outbox", FlowDirection.INBOUND: "inbound"}


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscardDeadLetter:
    """Which dead letter, and why nobody needs it delivered."""

    id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Discarded:
    """What was given up.

    is_create: the incident has no record there, and what is written of it later waits
        until the create is retried.
    """

    id: str
    is_create: bool


async def discard_dead_letter(runtime: Runtime, actor: Actor, ask: DiscardDeadLetter) -> Discarded:
    """Set a dead letter aside with a reason; a later retry takes it up again.

    Asking twice keeps the first reason. Raises NotFound, Forbidden, and Invalid
    for a reason that is empty or too long, and for what is not dead (any more).
    """
    reason = ask.reason.strip()
    if not 1 <= len(reason) <= LONGEST_REASON:
        raise Invalid(f"a reason has 1 to {LONGEST_REASON:,} characters", path=("reason",))
    letter = await find(actor, ask.id)
    table = _TABLES[letter.direction]

    async def write(tx: Transaction) -> None:
        if letter.direction is FlowDirection.OUTBOUND:
            await lock_lane(tx, letter)
        done = await tx.rows(
            f"""
            UPDATE {table} SET state = $2, ended_at = $3, discarded_by = $4, discard_reason = $5
            WHERE id = $1 AND state = $6 RETURNING id
            """,  # noqa: S608 — names of ours
            letter.id,
            WriteState.DISCARDED,
            to_milliseconds(runtime.now()),
            actor.name,
            reason,
            WriteState.DEAD,
        )
        if not done:
            await _check_discarded(tx, table, letter.id, letter.number)

    await commit(write)
    return Discarded(id=letter.id, is_create=letter.kind is WriteKind.CREATE)


async def _check_discarded(tx: Transaction, table: str, letter_id: str, number: int) -> None:
    (row,) = await tx.rows(f"SELECT state FROM {table} WHERE id = $1", letter_id)  # noqa: S608 — a name of ours
    status = status_of(WriteState(row["state"]))
    if status is not DeadLetterStatus.DISCARDED:
        raise Invalid(f"{label(number)} is {status}: only what is dead is discarded", path=("id",))
