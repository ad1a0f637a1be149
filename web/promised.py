"""Figures of service levels for Prometheus."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import product
from typing import Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from domain.sla.terms import AlertLevel, NotificationState, SlaClockKind, SlaPhase, SlaState
from models.reads.sla_figures import Rounds, SlaFigures
from models.reads.sla_policy import PolicyFile

_ACTIVE: Final = (SlaPhase.RUNNING, SlaPhase.PAUSED)


class InForce(Collector):
    """Whether the service levels in force are those of their file."""

    def __init__(self, file: PolicyFile | None, *, now: datetime) -> None:
        """Show what became of the file."""
        self._file = file
        self._now = now

    def collect(self) -> Iterable[Metric]:
        """Yield the figures."""
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


class Watching(Collector):
    """How the watch over the clocks runs."""

    def __init__(self, found: Rounds | None, *, now: datetime) -> None:
        """Show its last round; nothing is told of before the first."""
        self._found = found
        self._now = now

    def collect(self) -> Iterable[Metric]:
        """Yield the figures."""
        found = self._found
        nothing = timedelta()
        took, late = (nothing, nothing) if found is None else (found.took, found.late)
        overdue = nothing if found is None else max(nothing, self._now - found.next_at)
        yield CounterMetricFamily(
            "watchpane_sla_rounds",
            "Rounds over all clocks",
            value=0 if found is None else found.count,
        )
        for name, what, span in (
            ("round_seconds", "How long the last round took", took),
            ("round_lag_seconds", "How long before it the earliest of its clocks was due", late),
            ("round_overdue_seconds", "How long the next round has been due", overdue),
        ):
            yield GaugeMetricFamily(f"watchpane_sla_{name}", what, value=span.total_seconds())


class Promised(Collector):
    """How far the clocks are, what they raised, and who was told."""

    def __init__(self, found: SlaFigures) -> None:
        """Show what was counted; what there is none of is told as 0."""
        self._found = found

    def collect(self) -> Iterable[Metric]:
        """Yield the figures."""
        found = self._found
        clocks = GaugeMetricFamily(
            "watchpane_sla_clocks",
            "Clocks that are not at rest",
            labels=("clock", "phase", "state"),
        )
        for labels in product(SlaClockKind, _ACTIVE, SlaState):
            clocks.add_metric(labels, found.clocks.get(labels, 0))
        yield clocks
        alerts = CounterMetricFamily(
            "watchpane_sla_alerts", "Alerts that were raised", labels=("clock", "level")
        )
        breaches = CounterMetricFamily(
            "watchpane_sla_breaches", "Breaches that were raised", labels=("clock",)
        )
        for kind in SlaClockKind:
            for level in AlertLevel:
                alerts.add_metric((kind, level), found.alerts.get((kind, level), 0))
            breaches.add_metric((kind,), found.alerts.get((kind, AlertLevel.BREACH), 0))
        yield alerts
        yield breaches
        told = GaugeMetricFamily(
            "watchpane_sla_notifications", "Messages to people", labels=("channel", "state")
        )
        channels = sorted({channel for channel, _ in found.notifications})
        for channel, state in product(channels, NotificationState):
            told.add_metric((channel, state), found.notifications.get((channel, state), 0))
        yield told
        yield GaugeMetricFamily(
            "watchpane_sla_set_aside",
            "Tickets and incidents whose clocks could not be measured at the last look",
            value=found.set_aside,
        )
