"""Figures for Prometheus: what every process finds in the database, and what this one did."""

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

from domain.access.roles import Actor
from domain.errors import Forbidden
from models.reads.counters import Traffic, traffic
from models.reads.sla_figures import rounds, sla_figures
from models.reads.sla_policy import policy_file
from operations.access.scope import scope_of
from operations.metrics import Figure
from web.answered import Answered, Answers
from web.promised import InForce, Promised, Watching

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
        now = self.now()
        registry.register(_Synced(await traffic(scope), now=now))
        registry.register(InForce(await policy_file(), now=now))
        registry.register(Watching(await rounds(), now=now))
        registry.register(Promised(await sla_figures(scope, now)))
        registry.register(Answered(self.answers, process=self.process))
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
