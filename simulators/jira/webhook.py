"""Tells other systems of what happens."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

import httpx
import orjson

from simulators.jira import signing
from simulators.jira.catalogue import FIELDS
from simulators.jira.index import milliseconds
from simulators.jira.records import Written
from simulators.jira.registry import EVENTS, Hook, Registrant, Registry
from simulators.jira.switches import Switches
from simulators.jira.view import View

# Five to connect, twenty to answer.
_TIMEOUT: Final = httpx.Timeout(20.0, connect=5.0)
_TRIED_AGAIN: Final = frozenset({408, 409, 425, 429, *range(500, 600)})
_MOST_RETRIES: Final = 5
_RETRY_AFTER: Final = timedelta(minutes=5)
_TOKEN_LIVES_SECONDS: Final = 180
_FAILED_KEPT: Final = 100
# What a comment's event shows of its issue.
_BRIEF: Final = ("summary", "issuetype", "project", "assignee", "priority", "status")


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One telling of one webhook; ``id`` stays the same when it is tried again."""

    id: str
    hook: int
    body: bytes
    due_at: datetime
    retries: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A delivery that was given up; ``at`` in milliseconds since the epoch."""

    id: str
    hook: Hook
    body: bytes
    at: int


class Webhook:
    """Queues a delivery for each write and webhook, and sends what is due.

    The body tells the issue as it was when it was written. ``queue`` may be
    edited: drop a delivery to lose it, append one again to double it. The
    switches of the site do so by chance.
    """

    def __init__(  # noqa: PLR0913 — what it needs of the site
        self,
        registry: Registry,
        switches: Switches,
        *,
        now: Callable[[], datetime],
        new_id: Callable[[], str],
        view: Callable[[], View],
        fits: Callable[[str, Written], bool],
    ) -> None:
        """Take the clock by which deliveries fall due, and what tells whether a query fits."""
        self.registry = registry
        self.queue: deque[Delivery] = deque()
        self.failed: deque[Failure] = deque(maxlen=_FAILED_KEPT)
        self._switches = switches
        self._now = now
        self._new_id = new_id
        self._view = view
        self._fits = fits
        self.http: httpx.AsyncClient | None = None
        """Through which messages go; None makes one when needed."""
        self._woken = asyncio.Event()

    def install(  # noqa: PLR0913 — what a webhook is made of
        self,
        url: str,
        secret: str = "",
        *,
        events: tuple[str, ...] = EVENTS,
        jql: str = "",
        registrant: Registrant = Registrant.ADMIN,
        client_key: str = "",
        http: httpx.AsyncClient | None = None,
    ) -> Hook:
        """Register a webhook; all are sent through the given client, if any."""
        self.http = http or self.http
        hook = Hook(
            id=0,
            url=url,
            secret=secret,
            events=events,
            jql=jql,
            registrant=registrant,
            client_key=client_key,
        )
        return self.registry.add(hook)

    def heard(self, written: Written) -> None:
        """Queue a delivery for each webhook that wants to know."""
        now = self._now()
        wanting = [hook for hook in self.registry.all() if self._wants(hook, written, now)]
        if not wanting:
            return
        body = self._body(written, now)
        for hook in wanting:
            self._put(Delivery(id=self._new_id(), hook=hook.id, body=body, due_at=now))
        self._woken.set()

    async def send(self) -> int:
        """Send what is due, each delivery once; return how many were accepted."""
        if self.http is None:
            async with httpx.AsyncClient(timeout=_TIMEOUT, trust_env=False) as http:
                return await self._send(http)
        return await self._send(self.http)

    async def run(self) -> None:
        """Send what is due, until cancelled."""
        while True:
            waits = [(one.due_at - self._now()).total_seconds() for one in self.queue]
            try:
                async with asyncio.timeout(max(0.01, min(waits)) if waits else None):
                    await self._woken.wait()
            except TimeoutError:
                pass
            self._woken.clear()
            await self.send()

    def _wants(self, hook: Hook, written: Written, now: datetime) -> bool:
        if written.event not in hook.events or 0 < hook.expires <= milliseconds(now):
            return False
        return not hook.jql or self._fits(hook.jql, written)

    def _put(self, delivery: Delivery) -> None:
        chances, switches = self._switches.chances, self._switches
        if switches.webhooks_lost and chances.random() < switches.webhooks_lost:
            return
        late = timedelta(seconds=chances.uniform(0, switches.webhook_lag_seconds))
        self.queue.append(replace(delivery, due_at=delivery.due_at + late))
        if switches.webhooks_doubled and chances.random() < switches.webhooks_doubled:
            self.queue.append(self.queue[-1])
        if switches.webhooks_swapped and chances.random() < switches.webhooks_swapped:
            self.queue.rotate(1)

    async def _send(self, http: httpx.AsyncClient) -> int:
        accepted = 0
        due = [delivery for delivery in self.queue if delivery.due_at <= self._now()]
        for delivery in due:
            self.queue.remove(delivery)
            hook = self.registry.one(delivery.hook)
            if hook is None:
                continue
            url, headers = self._signed(hook, delivery)
            try:
                answer = await http.post(url, content=delivery.body, headers=headers)
            except httpx.TransportError:
                self._missed(hook, delivery)
                continue
            accepted += answer.is_success
            if answer.status_code in _TRIED_AGAIN:
                self._missed(hook, delivery)
        return accepted

    def _missed(self, hook: Hook, delivery: Delivery) -> None:
        """Try again later, or give up."""
        now = self._now()
        if delivery.retries < _MOST_RETRIES:
            again = replace(delivery, due_at=now + _RETRY_AFTER, retries=delivery.retries + 1)
            self.queue.append(again)
        else:
            failure = Failure(id=delivery.id, hook=hook, body=delivery.body, at=milliseconds(now))
            self.failed.append(failure)

    def _signed(self, hook: Hook, delivery: Delivery) -> tuple[str, dict[str, str]]:
        """Return address and headers of a delivery."""
        headers = {
            "Content-Type": "application/json; charset=UTF-8",
            "User-Agent": "Atlassian HttpClient",
            "X-Atlassian-Webhook-Identifier": delivery.id,
            "X-Atlassian-Webhook-Flow": "Primary",
        }
        if delivery.retries:
            headers["X-Atlassian-Webhook-Retry"] = str(delivery.retries)
        at = milliseconds(self._now()) // 1000
        claims: dict[str, Any] = {"iat": at, "exp": at + _TOKEN_LIVES_SECONDS}
        url = hook.url
        match hook.registrant:
            case Registrant.ADMIN if hook.secret:
                headers["X-Hub-Signature"] = signing.signature(hook.secret, delivery.body)
            case Registrant.CONNECT:
                by = orjson.loads(delivery.body).get("user", {}).get("accountId", "")
                url = str(httpx.URL(url).copy_merge_params({"user_id": by, "user_key": by}))
                claims |= {"iss": hook.client_key, "qsh": signing.query_hash("POST", url)}
                headers["Authorization"] = f"JWT {signing.token(hook.secret, claims)}"
            case Registrant.APP:
                token = signing.token(hook.secret, {"iss": "jira"} | claims)
                headers["Authorization"] = f"Bearer {token}"
            case _:
                pass
        return url, headers

    def _body(self, written: Written, now: datetime) -> bytes:
        view = self._view()
        body: dict[str, Any] = {"timestamp": milliseconds(now), "webhookEvent": written.event}
        is_comment = written.event.startswith("comment_")
        if written.kind:
            body["issue_event_type_name"] = written.kind
        if not is_comment:
            body["user"] = view.person(written.by)
        if written.comment is not None:
            body["comment"] = view.comment(written.issue["id"], written.comment)
        body["issue"] = view.issue(written.issue, _BRIEF if is_comment else list(FIELDS))
        del body["issue"]["expand"]
        if written.history is not None:
            history = written.history
            body["changelog"] = {"id": str(history["id"]), "items": history["items"]}
        return orjson.dumps(body)
