"""Webhooks V3: messages that tell subscribers what happened, and their delivery."""

import asyncio
import hashlib
import hmac
import random
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

import httpx
import orjson

from simulators.pagerduty.drafts import Agent, Happened
from simulators.pagerduty.messages import event
from simulators.pagerduty.names import based
from simulators.pagerduty.store import Document, Store
from simulators.pagerduty.subscriptions import Subscriptions

# A receiver has so long to answer.
_TIMEOUT_SECONDS: Final = 5.0
_TRIED_FOR: Final = timedelta(hours=48)
_LONGEST_WAIT_SECONDS: Final = 3_600
_MOST_BYTES: Final = 256 * 1024


@dataclass(slots=True, kw_only=True)
class Mishaps:
    """What goes wrong between queue and receiver, as shares of 1 of the messages.

    lose: they vanish; double: they are sent twice; delay: they come
    ``delayed_by`` later; swap: they change places with the one before them.
    """

    lose: float = 0
    double: float = 0
    delay: float = 0
    delayed_by: timedelta = timedelta(minutes=1)
    swap: float = 0
    seed: int = 0
    _random: random.Random = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Start the sequence that the seed stands for."""
        self._random = random.Random(self.seed)  # noqa: S311 — a simulation that can be repeated

    def happens(self, share: float) -> bool:
        """Say whether a mishap of this share happens now."""
        return self._random.random() < share


class _Outcome(StrEnum):
    """What became of an attempt; after OFF, the subscription gets nothing more."""

    TAKEN = "taken"
    AGAIN = "again"
    DROPPED = "dropped"
    OFF = "off"


@dataclass(slots=True, kw_only=True)
class Message:
    """One message to one subscription, until it is taken or dropped.

    name: ``X-Webhook-Id``, the same at each attempt; line: messages of one
    incident to one subscription wait for each other.
    """

    name: str
    subscription: str
    line: str
    body: bytes
    made_at: datetime
    due_at: datetime
    attempts: int = 0


class Webhooks:
    """Queues a message for each subscriber of each event, and sends what is due.

    ``queue`` may be edited: drop a message to lose it, append one again to
    double it, reverse the queue to disorder it.
    """

    def __init__(
        self,
        store: Store,
        subscriptions: Subscriptions,
        now: Callable[[], datetime],
        new_id: Callable[[], str],
    ) -> None:
        """Send by this clock; new_id names messages."""
        self.subscriptions = subscriptions
        self.queue: deque[Message] = deque()
        self.mishaps = Mishaps()
        self.http: httpx.AsyncClient | None = None
        """Through which messages go; None makes one when needed."""
        self._store = store
        self._now = now
        self._new_id = new_id
        self._events = 0
        self._woken = asyncio.Event()

    def heard(self, happened: Happened) -> None:
        """Queue a message for each subscription that wants it."""
        for subscription in self.subscriptions.all():
            if self.subscriptions.wants(subscription, happened):
                body = event(self._event_id(happened.at), happened, subscription, self._store)
                incident = (happened.incident or {}).get("id", "")
                self._queue(subscription, f"{subscription['id']}/{incident}", body)

    def ping(self, id: str, agent: Agent | None) -> None:
        """Queue a test message; raise Refusal (404)."""
        subscription = self.subscriptions.get(id)
        happened = Happened(event="pagey.ping", at=self._now(), agent=agent)
        body = event(self._event_id(happened.at), happened, subscription, self._store)
        self._queue(subscription, f"{id}/ping", body)

    async def send(self) -> int:
        """Send what is due, each message once; return how many were taken."""
        if self.http is not None:
            return await self._send(self.http)
        async with httpx.AsyncClient(timeout=_TIMEOUT_SECONDS, trust_env=False) as http:
            return await self._send(http)

    async def run(self, settle: Callable[[], None]) -> None:
        """Send what falls due, until cancelled; settle: lets time pass, each second."""
        while True:
            try:
                await asyncio.wait_for(self._woken.wait(), 1)
            except TimeoutError:
                settle()
            self._woken.clear()
            if self.queue:
                await self.send()

    def _event_id(self, at: datetime) -> str:
        """Return an id that sorts by time, then by order of making."""
        self._events += 1
        milliseconds = int(at.timestamp() * 1_000)
        return f"01{based(milliseconds, 9)}{based(self._events, 15)}"

    def _queue(self, subscription: Mapping[str, Any], line: str, body: Document) -> None:
        raw, mishaps, now = orjson.dumps(body), self.mishaps, self._now()
        if len(raw) > _MOST_BYTES or mishaps.happens(mishaps.lose):
            return
        message = Message(
            name=self._new_id(),
            subscription=subscription["id"],
            line=line,
            body=raw,
            made_at=now,
            due_at=now + mishaps.delayed_by if mishaps.happens(mishaps.delay) else now,
        )
        swaps = self.queue and mishaps.happens(mishaps.swap)
        self.queue.insert(len(self.queue) - bool(swaps), message)
        if mishaps.happens(mishaps.double):
            self.queue.append(message)
        self._woken.set()

    async def _send(self, http: httpx.AsyncClient) -> int:
        taken, now, waiting = 0, self._now(), deque[Message]()
        held: set[str] = set()
        while self.queue:
            message = self.queue.popleft()
            if message.line in held or message.due_at > now:
                # A delayed message is overtaken; one that is tried again is waited for.
                waiting.append(message)
                if message.attempts:
                    held.add(message.line)
                continue
            match await self._attempt(http, message):
                case _Outcome.TAKEN:
                    taken += 1
                case _Outcome.AGAIN:
                    held.add(message.line)
                    waiting.extend([message] if self._again(message, now) else [])
                case _Outcome.OFF:
                    self._forget(message.subscription)
                    waiting = deque(m for m in waiting if m.subscription != message.subscription)
        self.queue.extendleft(reversed(waiting))
        return taken

    async def _attempt(self, http: httpx.AsyncClient, message: Message) -> _Outcome:
        """Send a message once, and note what became of it."""
        subscription = self.subscriptions.find(message.subscription)
        if subscription is None:
            return _Outcome.OFF
        status = await self._post(http, message, subscription)
        if 200 <= status < 300:  # noqa: PLR2004 — success, by HTTP
            self.subscriptions.delivered(message.subscription)
            return _Outcome.TAKEN
        if status in {0, 429} or status >= 500:  # noqa: PLR2004 — tried again, as documented
            return _Outcome.AGAIN
        is_off = self.subscriptions.dropped(message.subscription)
        return _Outcome.OFF if is_off else _Outcome.DROPPED

    def _forget(self, subscription: str) -> None:
        kept = [message for message in self.queue if message.subscription != subscription]
        self.queue.clear()
        self.queue.extend(kept)

    def _again(self, message: Message, now: datetime) -> bool:
        """Set when a message is due again; say whether it still is tried."""
        message.attempts += 1
        message.due_at = now + timedelta(
            seconds=min(5 * 2**message.attempts, _LONGEST_WAIT_SECONDS)
        )
        return message.due_at <= message.made_at + _TRIED_FOR

    async def _post(self, http: httpx.AsyncClient, message: Message, subscription: Document) -> int:
        """Return the status that the receiver answered, 0 for none."""
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "PagerDuty-Webhook/V3.0",
            "X-PagerDuty-Signature": signature(subscription["secrets"], message.body),
            "X-Webhook-Id": message.name,
            "X-Webhook-Subscription": message.subscription,
        }
        headers |= {header["name"]: header["value"] for header in subscription["custom_headers"]}
        try:
            answer = await http.post(subscription["url"], content=message.body, headers=headers)
        except httpx.TransportError:
            return 0
        return answer.status_code


def signature(secrets: list[str], body: bytes) -> str:
    """Return the signature of a body: one for each secret, during a rotation two."""
    digests = (hmac.new(s.encode(), body, hashlib.sha256).hexdigest() for s in secrets)
    return ",".join(f"v1={digest}" for digest in digests)
