"""Send what is to be told, at least once, and at the pace that each channel takes."""

import asyncio
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import structlog

from adapters.channels.contract import Channel
from adapters.channels.registry import absence
from adapters.exchange import Failed
from domain.sla.terms import NotificationState
from domain.sync.retry import Bury, Park, SendAgain, Throttle, after_send_failure
from models.channels import (
    Attempt,
    HeldChannel,
    Waiting,
    due_messages,
    end_unsent,
    hold_channel,
    leave_channel,
    record_attempt,
    take_channel,
    waiting_channels,
)
from models.coding import to_milliseconds
from models.transaction import Transaction, commit
from operations.runtime import Runtime
from operations.sla.notice import notice_of
from operations.span import within

log = structlog.get_logger()

NO_CHANNEL: Final = "NO_CHANNEL"
# Messages of a channel without digests that are on their way at once.
_SIDE_BY_SIDE: Final = 20


async def notify_due(runtime: Runtime) -> int:
    """Send all messages that are due; return how many were taken.

    One worker at a time sends through a channel, and holds it until the answer is
    recorded; so workers together keep to its pace. Who dies leaves the channel for the
    length of a lease, and what was not recorded is sent again under the same id.
    Safe to call from any number of workers at once.
    Cost when nothing is due: an index probe, no lock.
    """
    waiting = await waiting_channels(now=runtime.now())
    for name in waiting:
        if name not in runtime.channels:
            await _end(runtime, name)
    return await _all(_send_through(runtime, name) for name in waiting if name in runtime.channels)


async def _end(runtime: Runtime, name: str) -> None:
    """End what is to be told through a channel that is not there."""
    error, now = absence(name), runtime.now()
    ended = await commit(
        partial(end_unsent, channels=[name], now=now, code=NO_CHANNEL, error=error)
    )
    if not ended:
        # Another worker was first, and has said so.
        return
    log.error("alerts_not_told", operation="sla.notify", channel=name, alerts=ended, detail=error)


async def _all(sendings: Iterable[Awaitable[int]]) -> int:
    """Await them side by side; what goes wrong with one disturbs no other, and is raised last."""
    ended = await asyncio.gather(*sendings, return_exceptions=True)
    faults = [one for one in ended if isinstance(one, BaseException)]
    if faults:
        raise BaseExceptionGroup("messages that did not end", faults)
    return sum(one for one in ended if isinstance(one, int))


async def _send_through(runtime: Runtime, name: str) -> int:
    """Send what is due through a channel, as long as nobody else does and it need not rest."""
    told = 0
    while taken := await commit(partial(_take, runtime=runtime, name=name)):
        told += await taken.send()
    return told


async def _take(tx: Transaction, *, runtime: Runtime, name: str) -> "_Sending | None":
    channel, now = runtime.channels[name], runtime.now()
    held = await take_channel(tx, name, now=now, until=now + runtime.lease)
    if held is None:
        return None
    most = channel.most if channel.most > 1 else _SIDE_BY_SIDE
    messages = await due_messages(tx, name, now=now, most=most)
    if not messages:
        await leave_channel(tx, held, free_at=now)
        return None
    return _Sending(runtime=runtime, channel=channel, held=held, messages=messages, rests_until=now)


@dataclass(slots=True, kw_only=True)
class _Sending:
    """Messages that this worker has in hand, with the channel that they go through.

    rests_until: until when the channel has asked to be left alone.
    """

    runtime: Runtime
    channel: Channel
    held: HeldChannel
    messages: Sequence[Waiting]
    rests_until: datetime

    async def send(self) -> int:
        """Send them, and give the channel back; return how many were taken."""
        one_by_one = [[waiting] for waiting in self.messages]
        parcels = [self.messages] if self.channel.most > 1 else one_by_one
        try:
            told = await _all(self._send(parcel) for parcel in parcels)
        except asyncio.CancelledError:
            # The worker stops: another may go on.
            await self._leave()
            raise
        await self._leave()
        return told

    async def _leave(self) -> None:
        free_at = max(self.runtime.now() + self.channel.pause, self.rests_until)
        await commit(partial(leave_channel, held=self.held, free_at=free_at))

    async def _send(self, parcel: Sequence[Waiting]) -> int:
        runtime, began = self.runtime, self.runtime.now()
        notices = [notice_of(waiting, runtime.public_url) for waiting in parcel]
        with within(parcel[0].trace):
            failed = await self.channel.send(notices)
        facts = {
            "operation": "sla.notify",
            "channel": self.held.name,
            "message_ids": [waiting.id for waiting in parcel],
            "alert_ids": [
                waiting.facts["alert_id"] for waiting in parcel if waiting.facts["alert_id"]
            ],
            "latency_ms": (runtime.now() - began) // timedelta(milliseconds=1),
        }
        dead = await commit(partial(self._record, parcel=parcel, failed=failed))
        if failed is None:
            log.info("alerts_told", **facts)
            return len(parcel)
        tell = log.error if dead else log.warning
        tell("alerts_not_told", fault=failed.fault, detail=failed.detail, dead=dead, **facts)
        return 0

    async def _record(
        self, tx: Transaction, *, parcel: Sequence[Waiting], failed: Failed | None
    ) -> int:
        """Note what became of messages, unless another worker has them by now.

        Returns how many are given up.
        """
        if not await hold_channel(tx, self.held):
            return 0
        dead = 0
        for waiting in parcel:
            attempt = self._arrived(waiting) if failed is None else self._failed(waiting, failed)
            dead += attempt.state is NotificationState.DEAD
            await record_attempt(tx, waiting.id, attempt)
        return dead

    def _arrived(self, waiting: Waiting) -> Attempt:
        return Attempt(
            state=NotificationState.DONE,
            at=self.runtime.now(),
            due_at=None,
            attempt=waiting.attempt,
            tries=self._tries(waiting),
        )

    def _failed(self, waiting: Waiting, failed: Failed) -> Attempt:
        """Decide what follows a failure (rules X4, X5); a throttled channel rests as a whole.

        Where the address or the key is refused, nobody but who sets another can mend it.
        """
        now = self.runtime.now()
        attempt = Attempt(
            state=NotificationState.READY,
            at=now,
            due_at=waiting.due_at,
            attempt=waiting.attempt,
            tries=waiting.tries,
            code=failed.fault,
            error=failed.detail,
        )
        match after_send_failure(
            failed.fault, failures=waiting.attempt, now=now, retry_after=failed.retry_after
        ):
            case Throttle(until=until):
                self.rests_until = max(self.rests_until, until)
                return attempt
            case SendAgain(at=at, failures=failures):
                tries = self._tries(waiting, failed)
                return replace(attempt, due_at=at, attempt=failures, tries=tries)
            case Bury() | Park():
                return replace(
                    attempt,
                    state=NotificationState.DEAD,
                    due_at=None,
                    attempt=waiting.attempt + 1,
                    tries=self._tries(waiting, failed),
                )

    def _tries(self, waiting: Waiting, failed: Failed | None = None) -> list[Mapping[str, object]]:
        """Return the attempts, with the one that has just ended."""
        attempt = {
            "at": to_milliseconds(self.runtime.now()),
            "status": None if failed is None else failed.status,
            "outcome": "DELIVERED" if failed is None else failed.fault,
            "message": "" if failed is None else failed.detail,
        }
        return [*waiting.tries, attempt]
