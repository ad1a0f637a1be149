"""What this process has answered: how often, how, and how fast."""

import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Final

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

DOORS: Final = frozenset({"graphql", "healthz", "metrics", "readyz", "static", "webhooks"})
_OTHER: Final = "other"
# Upper ends of what is told apart, in seconds; what takes longer is counted in none of them.
_ENDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


@dataclass(slots=True)
class _Times:
    """How long the answers of a door took: in all, and how many by which end."""

    seconds: float = 0.0
    counts: list[int] = field(default_factory=lambda: [0] * (len(_ENDS) + 1))


@dataclass(slots=True, kw_only=True)
class Answers:
    """Counts answers.

    monotonic: the clock that they are timed by, in seconds.
    """

    monotonic: Callable[[], float] = time.monotonic
    counts: Counter[tuple[str, int]] = field(default_factory=Counter)
    times: dict[str, _Times] = field(default_factory=dict)

    def note(self, door: str, status: int, seconds: float) -> None:
        """Count an answer."""
        self.counts[door, status] += 1
        times = self.times.setdefault(door, _Times())
        times.seconds += seconds
        times.counts[bisect_left(_ENDS, seconds)] += 1


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
        status, began = 500, self._answers.monotonic()

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        first = scope["path"].split("/")[1]
        try:
            await self._app(scope, receive, noting)
        finally:
            took = self._answers.monotonic() - began
            self._answers.note(first if first in DOORS else _OTHER, status, took)


class Answered(Collector):
    """Shows the answers of a process to Prometheus."""

    def __init__(self, answers: Answers, *, process: str) -> None:
        """Show what has been counted, as that of a process by this name."""
        self._answers = answers
        self._process = process

    def collect(self) -> Iterable[Metric]:
        """Yield the figures."""
        counted = CounterMetricFamily(
            "watchpane_http_requests",
            "Requests that this process has answered",
            labels=("door", "status", "process"),
        )
        for (door, status), count in sorted(self._answers.counts.items()):
            counted.add_metric((door, str(status), self._process), count)
        yield counted
        timed = HistogramMetricFamily(
            "watchpane_http_request_seconds",
            "How long this process took to answer",
            labels=("door", "process"),
        )
        ends = [*(f"{end:g}" for end in _ENDS), "+Inf"]
        for door, times in sorted(self._answers.times.items()):
            buckets = list(zip(ends, accumulate(times.counts), strict=True))
            timed.add_metric((door, self._process), buckets, times.seconds)
        yield timed
