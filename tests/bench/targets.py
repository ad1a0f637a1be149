"""What the figures are held against, and how they are shown."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from tests.bench import vendors


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The figure at a path of the result, and what it is to reach.

    limit: the most that it may be; for a ratio, the least. is_ratio: it says
    something without its machine, so the baseline keeps it.
    """

    name: str
    path: str
    limit: float
    unit: str
    is_ratio: bool = False

    def holds(self, figure: float) -> bool:
        """Say whether it is reached."""
        return figure >= self.limit if self.is_ratio else figure <= self.limit


def _operation(name: str, p95: float, times: float) -> tuple[Target, ...]:
    path = f"reads.operations.{name}"
    return (
        Target(name=f"{name}, p95", path=f"{path}.medians.ours.p95", limit=p95, unit="ms"),
        Target(
            name=f"{name}, requests a second against stock",
            path=f"{path}.ratios.per_second",
            limit=times,
            unit="x",
            is_ratio=True,
        ),
    )


TARGETS: Final = (
    *_operation("overview", 200, 80),
    *_operation("page of 50", 80, 8),
    *_operation("one with history", 30, 15),
    *(
        Target(name=f"{name}, p95", path=f"reads.unmatched.{name}.p95", limit=limit, unit="ms")
        for name, limit in (("incidents to tickets", 80), ("explain", 30))
    ),
    Target(name="tick, 1 % of 100,000 clocks due", path="tick.many.seconds", limit=1, unit="s"),
    Target(name="tick, ten times the clocks, as many due", path="tick.growth", limit=2, unit="x"),
    Target(
        name="vendor's edit to subscriber, p95",
        path="sides.from_vendor.p95",
        limit=1000,
        unit="ms",
    ),
    Target(name="edit here to vendor, p95", path="sides.to_vendor.p95", limit=5000, unit="ms"),
    Target(name="webhook accepted, p95", path="door.p95", limit=50, unit="ms"),
    Target(name="API memory", path="reads.megabytes.ours.peak", limit=250, unit="MB"),
    Target(
        name="insert against bulk_create",
        path="ingest.ratios.first",
        limit=2,
        unit="x",
        is_ratio=True,
    ),
    Target(
        name="overwrite against bulk_create",
        path="ingest.ratios.again",
        limit=2,
        unit="x",
        is_ratio=True,
    ),
    *(
        Target(
            name=f"worker memory, {vendor}",
            path=f"sync.{vendor}.worker_megabytes.peak",
            limit=300,
            unit="MB",
        )
        for vendor in vendors.KEYS
    ),
    Target(
        name="last of 1,000 subscribers, p99", path="fanout.ours.last_p99", limit=250, unit="ms"
    ),
)


def figure_at(result: Mapping[str, Any], path: str) -> float:
    """Return the figure at a path of names with dots between."""
    found: Any = result
    for name in path.split("."):
        found = found[name]
    return float(found)


def ratios(result: Mapping[str, Any]) -> dict[str, float]:
    """Return what a baseline keeps of one database's result."""
    return {
        target.name: round(figure_at(result, target.path), 2)
        for target in TARGETS
        if target.is_ratio
    }


def lines(result: Mapping[str, Any], baseline: Mapping[str, float]) -> Iterator[str]:
    """Yield a line a target: the figure, what it is to reach, and what it was."""
    for target in TARGETS:
        figure = figure_at(result, target.path)
        sign = "≥" if target.is_ratio else "≤"
        verdict = "ok" if target.holds(figure) else "MISSED"
        was = baseline.get(target.name)
        change = f"{figure / was - 1:+.0%}" if was else ""
        yield (
            f"  {target.name:<44}{figure:>10.2f} {target.unit:<3}"
            f"{sign} {target.limit:<6g}{verdict:<8}{change}"
        )


def facts(result: Mapping[str, Any]) -> Iterator[str]:
    """Yield the figures that have no target."""
    for name, operation in result["reads"]["operations"].items():
        for server, one in operation["medians"].items():
            figures = ", ".join(f"{what} {value:.2f}" for what, value in one.items())
            yield f"  {name}, {server}: {figures}"
    for name, alone in result["reads"]["unmatched"].items():
        yield f"  {name}: {_flat(alone)}"
    yield f"  memory: {_flat(result['reads']['megabytes'])}"
    for part in ("ingest", "fanout", "door", "sides", "tick"):
        yield f"  {part}: {_flat(result[part])}"


def _flat(figures: Mapping[str, Any], prefix: str = "") -> str:
    return ", ".join(
        _flat(value, f"{name} ") if isinstance(value, Mapping) else f"{prefix}{name} {value:,.1f}"
        for name, value in figures.items()
    )
