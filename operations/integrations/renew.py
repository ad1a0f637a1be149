"""Renew the tokens of an integration: one asks, in one process, and all others take its answer.

A refresh token may be good for one use (RFC 9700, 4.14.2), while several workers
read one integration, each by a connection of its own.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import structlog

from adapters.contract import AskTokens
from adapters.exchange import Failed
from adapters.registry import manifest
from domain.sync.retry import Fault
from models.coding import to_milliseconds
from models.sealed import CannotOpen
from models.tables.integration import IntegrationRow
from models.transaction import Transaction, commit
from operations.integrations.configure import find
from operations.integrations.vault import opened, put
from operations.runtime import Runtime

log = structlog.get_logger()

# Longer than any asking takes; who has said nothing by then is gone.
LEASE: Final = timedelta(seconds=30)
_LOOK_EVERY: Final = timedelta(milliseconds=200)
THE_VENDOR: Final = "the vendor"

Held = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Turn:
    """What is stored; ``until`` when we may ask for more, None when it is new to the caller."""

    stored: Held = field(repr=False)
    until: datetime | None = None


async def renew(
    runtime: Runtime,
    integration_id: str,
    seen: Held,
    ask: AskTokens,
    *,
    patience: timedelta = LEASE,
) -> Held | Failed:
    """Return credentials other than ``seen``: those stored meanwhile, or what ``ask`` gives.

    The turn to ask is a lease in the database, so no transaction is open while
    the vendor is called. New tokens are stored before they are returned, also
    when the caller is cancelled. A process that is killed between the vendor's
    answer and that commit takes the only good refresh token with it: the next
    renewal is denied, which parks the integration until a person authorises it
    again. Waits for the end of another's turn with ``patience``.
    """
    try:
        turn = await _awaited_turn(runtime, integration_id, seen, patience)
    except CannotOpen as error:
        return Failed(fault=Fault.UNAUTHORISED, detail=str(error))
    if turn is None:
        detail = (
            f"another's renewal of the tokens did not end within {patience.total_seconds():g} s"
        )
        return Failed(fault=Fault.TIMED_OUT, detail=detail)
    if turn.until is None:
        return turn.stored
    asking = asyncio.create_task(_asked(runtime, integration_id, turn, ask))
    try:
        return await asyncio.shield(asking)
    except asyncio.CancelledError:
        await asyncio.wait({asking})
        raise


async def _awaited_turn(
    runtime: Runtime, integration_id: str, seen: Held, patience: timedelta
) -> _Turn | None:
    async def take(_: Transaction) -> _Turn | None:
        row = await find(integration_id)
        stored = await _stored(runtime, row)
        if stored != seen:
            return _Turn(stored=stored)
        now = runtime.now()
        if row.renewing_until is not None and row.renewing_until > now:
            return None
        row.renewing_until = now + LEASE
        await row.save(update_fields=["renewing_until"])
        return _Turn(stored=stored, until=row.renewing_until)

    for _ in range(patience // _LOOK_EVERY):
        turn = await commit(take)
        if turn is not None:
            return turn
        with suppress(TimeoutError):
            async with asyncio.timeout(_LOOK_EVERY.total_seconds()):
                await asyncio.Event().wait()
    return None


async def _asked(
    runtime: Runtime, integration_id: str, turn: _Turn, ask: AskTokens
) -> Held | Failed:
    """Ask the vendor, store what it gives, and end the turn."""
    given = await ask(turn.stored)

    async def keep(tx: Transaction) -> Held | Failed:
        row = await find(integration_id)
        if turn.until is not None:
            await _end(tx, row.id, turn.until)
        stored = await _stored(runtime, row)
        if stored != turn.stored:
            # A person has set others meanwhile: those hold, whatever was given for the old.
            return stored
        if isinstance(given, Failed):
            return given
        await put(runtime, row.id, given, set_by=THE_VENDOR)
        return {**stored, **given}

    held = await commit(keep)
    if not isinstance(held, Failed):
        log.info("tokens_renewed", integration_id=integration_id)
    return held


async def _stored(runtime: Runtime, row: IntegrationRow) -> dict[str, str]:
    """Return what a connection is given: all that is stored to sign in with."""
    return await opened(runtime, row.id, without=manifest(row.provider).webhook_secrets)


async def _end(tx: Transaction, integration_id: str, until: datetime) -> None:
    """Give the turn back, unless it lapsed and another has it."""
    await tx.rows(
        """
        UPDATE integration SET renewing_until = NULL
        WHERE id = $1 AND renewing_until = $2 RETURNING id
        """,
        integration_id,
        to_milliseconds(until),
    )
