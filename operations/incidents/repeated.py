"""Requests under a caller's own key: the same again makes nothing new."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Final

from domain.access.roles import Actor
from domain.errors import IdempotencyMismatch, Invalid
from models.coding import dumps, to_milliseconds
from models.transaction import Transaction
from operations.runtime import Runtime

# For so long a key is remembered.
KEPT: Final = timedelta(hours=24)
LONGEST_KEY: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request under a key; ``content`` is all that it says."""

    key: str
    content: object

    @property
    def digest(self) -> str:
        """What tells two requests apart."""
        return sha256(dumps(self.content).encode()).hexdigest()


async def once(
    runtime: Runtime,
    tx: Transaction,
    actor: Actor,
    asked: Asked,
    make: Callable[[], Awaitable[str]],
) -> str:
    """Return the id of what a request makes, or of what the same one has made within 24 h.

    Raises IdempotencyMismatch when the key was used for another request, and
    Invalid for a key that cannot be kept. Cost: two statements.
    """
    if not 1 <= len(asked.key) <= LONGEST_KEY:
        raise Invalid(f"a key has 1 to {LONGEST_KEY} characters", path=("idempotencyKey",))
    now = runtime.now()
    row_id = runtime.new_id()
    taken = await tx.rows(
        """
        INSERT INTO idempotency (id, actor, key, digest, result, at)
        VALUES ($1, $2, $3, $4, '', $5)
        ON CONFLICT (actor, key) DO UPDATE
        SET id = excluded.id, digest = excluded.digest, result = '', at = excluded.at
        WHERE idempotency.at < $6 RETURNING id
        """,
        row_id,
        actor.id,
        asked.key,
        asked.digest,
        to_milliseconds(now),
        to_milliseconds(now - KEPT),
    )
    if not taken:
        (before,) = await tx.rows(
            "SELECT digest, result FROM idempotency WHERE actor = $1 AND key = $2",
            actor.id,
            asked.key,
        )
        if before["digest"] != asked.digest:
            raise IdempotencyMismatch(
                "this key was used for another request; choose a new one",
                path=("idempotencyKey",),
            )
        return str(before["result"])
    result = await make()
    await tx.rows("UPDATE idempotency SET result = $2 WHERE id = $1 RETURNING id", row_id, result)
    return result
