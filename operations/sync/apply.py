"""Merge what vendors have told by themselves (rule X7)."""

import asyncio
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import structlog
from opentelemetry.trace import Span

from adapters.contract import Manifest
from adapters.delivery import Hinted, RawDelivery, Reads, Told, Unreadable
from adapters.exchange import Failed
from adapters.registry import manifest
from domain.exchange import FlowDirection
from domain.records import RecordKind
from domain.sync.retry import Fault
from models.inbox import (
    ClaimedDelivery,
    claim_deliveries,
    end_deliveries,
    give_back,
    has_deliveries,
    hold_deliveries,
)
from models.reads.links import known_versions
from models.reads.receiver import webhook_path
from models.tables.integration import IntegrationRow
from models.transaction import Transaction, commit
from operations.metrics import Figure, count
from operations.runtime import Runtime
from operations.span import span, trace_here
from operations.sync.contact import Contact
from operations.sync.hearing import Hearing
from operations.sync.rounds import Heard, Round, heard_of, needs_reading, rounds
from operations.sync.set_back import give_up, set_back
from operations.sync.shapes import SHAPES

log = structlog.get_logger()

# Deliveries that one worker has in hand at once.
MOST: Final = 50
# A delivery that was begun so often without an end is what ends its workers.
MOST_STARTS: Final = 20
# One record may be at fault for what the vendor says of all that were asked for with it.
_OF_ONE: Final = frozenset({Fault.REJECTED, Fault.BAD_ANSWER, Fault.GONE})


async def apply_due(runtime: Runtime) -> int:
    """Merge all deliveries that are due and that no other worker has; return how many those were.

    Safe to call from any number of workers at once, and as often as one likes: a
    lease in the database arbitrates.
    Cost when nothing is due: one index probe, no lock.
    """
    taken = 0
    if not await has_deliveries(now=runtime.now()):
        return taken

    async def claim(tx: Transaction) -> list[ClaimedDelivery]:
        return await claim_deliveries(
            tx, now=runtime.now(), owner=runtime.owner, lease=runtime.lease, most=MOST
        )

    while deliveries := await commit(claim):
        try:
            for integration_id in dict.fromkeys(one.integration_id for one in deliveries):
                of_one = [one for one in deliveries if one.integration_id == integration_id]
                await _apply(runtime, integration_id, of_one)
        except asyncio.CancelledError:
            # The worker stops: another may go on at once.
            await commit(partial(give_back, deliveries=deliveries))
            raise
        finally:
            await runtime.wake("events")
            await runtime.wake("push")
        taken += len(deliveries)
    return taken


async def _apply(
    runtime: Runtime, integration_id: str, deliveries: Sequence[ClaimedDelivery]
) -> None:
    integration = await IntegrationRow.get_or_none(id=integration_id)
    if integration is None:
        # Removed meanwhile, and its deliveries with it.
        return
    contact = Contact(runtime=runtime, integration=integration)
    inbox = _Inbox(
        runtime=runtime,
        integration=integration,
        about=manifest(integration.provider),
        contact=contact,
    )
    try:
        await inbox.take(deliveries)
    finally:
        await contact.close()


@dataclass(slots=True, kw_only=True)
class _Inbox:
    """What one integration's vendor has told, taken by one worker."""

    runtime: Runtime
    integration: IntegrationRow
    about: Manifest
    contact: Contact

    async def take(self, deliveries: Sequence[ClaimedDelivery]) -> None:
        """Read the deliveries, and merge them round by round."""
        heard: list[Heard] = []
        reads = await self._reads(deliveries)
        for delivery in deliveries:
            told = self._told(delivery, reads)
            if isinstance(told, Failed):
                await self._set_back(delivery, told)
            elif unreadable := next((one for one in told if isinstance(one, Unreadable)), None):
                failed = Failed(fault=Fault.BAD_ANSWER, detail=unreadable.detail)
                await commit(
                    partial(give_up, runtime=self.runtime, delivery=delivery, failed=failed)
                )
            elif told:
                heard += heard_of(delivery, told)
            else:
                await commit(partial(self._let_go, delivery=delivery))
        for round_ in rounds(await self._how(heard)):
            await self._merge(round_)

    async def _reads(self, deliveries: Sequence[ClaimedDelivery]) -> Reads | Failed | None:
        """Return what reads deliveries; our own notes need nothing."""
        if all(one.body is None for one in deliveries):
            return None
        return await self.contact.reads()

    def _told(self, delivery: ClaimedDelivery, reads: Reads | Failed | None) -> Told | Failed:
        if delivery.starts > MOST_STARTS:
            detail = f"begun {delivery.starts - 1} times and never ended; see the log"
            return Failed(fault=Fault.REJECTED, detail=detail)
        if delivery.body is None or reads is None:
            record = delivery.external_id
            if record is None:
                return Failed(fault=Fault.REJECTED, detail="what it said is no longer kept")
            kind = delivery.kind or RecordKind.INCIDENT
            return [Hinted(kind=kind, external_id=record, is_full=True)]
        if isinstance(reads, Failed):
            return reads
        return reads(
            RawDelivery(
                method="POST",
                path=webhook_path(self.about.key, self.integration.key),
                headers=delivery.headers,
                body=delivery.body.encode(),
            )
        )

    async def _how(self, heard: Sequence[Heard]) -> list[tuple[Heard, bool]]:
        """Say of each whether its record must be read. Cost: one statement a kind."""
        known = {
            kind: await known_versions(
                SHAPES[kind].table,
                self.integration.id,
                {one.external_id for one in heard if one.told.kind is kind},
            )
            for kind in {one.told.kind for one in heard}
        }
        return [(one, needs_reading(one, known[one.told.kind])) for one in heard]

    async def _merge(self, round_: Round) -> None:
        """Merge a round; where that fails for what one of it tells, each by itself."""
        try:
            merged = await self._traced(round_)
        except Exception as error:
            log.exception(
                "delivery_failed",
                operation="sync.apply",
                integration_id=self.integration.id,
                delivery_ids=[one.delivery.id for one in round_.heard],
            )
            merged = Failed(fault=Fault.BAD_ANSWER, detail=f"{type(error).__name__}; see the log")
        if merged is True:
            return
        if len(round_.heard) > 1 and (merged is False or merged.fault in _OF_ONE):
            for alone in round_.apart():
                await self._merge(alone)
        elif merged is not False:
            for one in round_.heard:
                await self._set_back(replace(one.delivery, external_id=one.external_id), merged)

    async def _traced(self, round_: Round) -> bool | Failed:
        """Merge a round within the traces of all its deliveries.

        What is queued because of a delivery is traced from it.
        """
        spans: dict[str, Span] = {}
        traces: dict[str, str] = {}
        with ExitStack() as stack:
            for one in round_.heard:
                traced = span(
                    "sync.apply",
                    integration_id=self.integration.id,
                    integration_type=self.about.key,
                    direction=FlowDirection.INBOUND,
                    external_id=one.external_id,
                    parent=one.delivery.trace,
                )
                spans[one.external_id] = stack.enter_context(traced)
                if here := trace_here():
                    traces[one.external_id] = here
            hearing = Hearing(
                runtime=self.runtime,
                integration=self.integration,
                about=self.about,
                contact=self.contact,
                kind=round_.kind,
                traces=traces,
            )
            merged = await hearing.merge(round_.heard, by_reading=round_.by_reading)
            for external_id, incident_id in hearing.incidents.items():
                spans[external_id].set_attribute("sync.incident_id", incident_id)
            return merged

    async def _set_back(self, delivery: ClaimedDelivery, failed: Failed) -> None:
        log.warning(
            "delivery_set_back",
            operation="sync.apply",
            integration_id=self.integration.id,
            delivery_id=delivery.id,
            fault=failed.fault,
            detail=failed.detail,
        )
        await commit(
            partial(
                set_back,
                runtime=self.runtime,
                integration=self.integration,
                delivery=delivery,
                failed=failed,
            )
        )

    async def _let_go(self, tx: Transaction, *, delivery: ClaimedDelivery) -> None:
        """End a delivery that tells nothing of interest."""
        if await hold_deliveries(tx, [delivery]):
            await end_deliveries(tx, {delivery.id: None}, at=self.runtime.now())
            await count(tx, self.runtime, self.integration.id, Figure.INBOUND_SUCCESS)
