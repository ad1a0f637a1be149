"""Figures for Prometheus: what every process finds in the database, and what this one did."""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from domain.access.roles import Actor
from domain.errors import Forbidden
from models.reads.counters import Traffic, traffic
from models.reads.sla_policy import PolicyFile, policy_file
from operations.access.scope import scope_of
from operations.metrics import Figure

DOORS: Final = frozenset({"graphql", "healthz", "metrics", "readyz", "static", "webhooks"})
_OTHER: Final = "other"
_OF_INTEGRATION: Final = ("integration", "provider")
_WHAT: Final = {
    Figure.OUTBOUND_SUCCESS: "Writes that the vendor has taken",
    Figure.OUTBOUND_FAILED: "Attempts to write that failed",
    Figure.INBOUND_SUCCESS: "Deliveries and pulled rows that were judged",
    Figure.INBOUND_FAILED: "Deliveries and pulled rows that could not be judged",
    Figure.CONFLICTS_DETECTED: "Edits of both sides that had not seen each other",
    Figure.CONFLICTS_RESOLVED: "Conflicts that the strategy decided by itself",
    Figure.DRIFT_DISCREPANCIES: "Differences that comparisons of both sides have found",
}

Answers = Counter[tuple[str, int]]


class CountAnswers:
    """Counts an application's answers by door and status; sockets pass uncounted."""

    def __init__(self, app: ASGIApp, *, answers: Answers) -> None:
        """Stand before an application."""
        self._app = app
        self._answers = answers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and note how it was answered."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 500

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        first = scope["path"].split("/")[1]
        try:
            await self._app(scope, receive, noting)
        finally:
            self._answers[first if first in DOORS else _OTHER, status] += 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics:
    """The door ``/metrics``: for who may read, as far as they may.

    who: whom an ``Authorization`` header names; None for nobody.
    process: names this process among those that answer on the same port.
    """

    who: Callable[[str | None], Awaitable[Actor | None]]
    now: Callable[[], datetime]
    process: str
    answers: Answers

    async def show(self, request: Request) -> Response:
        """Answer with all figures, read now."""
        actor = await self.who(request.headers.get("authorization"))
        if actor is None:
            needed = {"WWW-Authenticate": "Bearer"}
            return PlainTextResponse("a valid bearer token is needed", 401, headers=needed)
        try:
            scope = scope_of(actor)
        except Forbidden as refused:
            return PlainTextResponse(refused.message, 403)
        registry = CollectorRegistry()
        registry.register(_Synced(await traffic(scope), now=self.now()))
        registry.register(_Promised(await policy_file(), now=self.now()))
        registry.register(_Answered(self.answers, process=self.process))
        ProcessCollector(registry=registry)
        encode, content_type = choose_encoder(request.headers.get("accept", ""))
        return Response(encode(registry), headers={"Content-Type": content_type})


class _Synced(Collector):
    """Each integration's seven figures, and how much of it waits."""

    def __init__(self, found: Sequence[Traffic], *, now: datetime) -> None:
        self._found = found
        self._now = now

    def collect(self) -> Iterable[Metric]:
        for figure, what in _WHAT.items():
            counted = CounterMetricFamily(f"watchpane_sync_{figure}", what, labels=_OF_INTEGRATION)
            for one in self._found:
                counted.add_metric((one.key, one.provider), one.figures.get(figure, 0))
            yield counted
        yield self._gauge("outbox_depth", "Writes that wait", lambda one: one.waiting.writes)
        yield self._gauge("inbox_depth", "Deliveries that wait", lambda one: one.waiting.deliveries)
        yield self._gauge(
            "dead_letters",
            "Deliveries of both directions that wait for a person",
            lambda one: one.waiting.dead_letters,
        )
        yield self._gauge(
            "outbox_oldest_seconds",
            "How long the oldest write has waited",
            lambda one: self._since(one.waiting.oldest_write_at),
        )
        yield self._gauge(
            "dead_letter_oldest_seconds",
            "How long the oldest dead letter has waited for a person",
            lambda one: self._since(one.waiting.oldest_death_at),
        )

    def _gauge(self, name: str, what: str, value: Callable[[Traffic], float]) -> Metric:
        gauge = GaugeMetricFamily(f"watchpane_{name}", what, labels=_OF_INTEGRATION)
        for one in self._found:
            gauge.add_metric((one.key, one.provider), value(one))
        return gauge

    def _since(self, at: datetime | None) -> float:
        return 0.0 if at is None else (self._now - at).total_seconds()


class _Promised(Collector):
    """Whether the service levels in force are those of their file."""

    def __init__(self, file: PolicyFile | None, *, now: datetime) -> None:
        self._file = file
        self._now = now

    def collect(self) -> Iterable[Metric]:
        file = self._file
        is_refused = file is not None and file.refusal is not None
        age = 0.0 if file is None else (self._now - file.in_force_since).total_seconds()
        yield GaugeMetricFamily(
            "watchpane_sla_policy_refused",
            "1 while the policy file is refused and the last good one stays in force",
            value=int(is_refused),
        )
        yield GaugeMetricFamily(
            "watchpane_sla_policy_in_force_seconds",
            "How long the service levels in force have been so",
            value=age,
        )


class _Answered(Collector):
    """What this process has answered."""

    def __init__(self, answers: Answers, *, process: str) -> None:
        self._answers = answers
        self._process = process

    def collect(self) -> Iterable[Metric]:
        counted = CounterMetricFamily(
            "watchpane_http_requests",
            "Requests that this process has answered",
            labels=("door", "status", "process"),
        )
        for (door, status), count in sorted(self._answers.items()):
            counted.add_metric((door, str(status), self._process), count)
        yield counted
