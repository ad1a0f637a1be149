"""The clock agrees with a vendor's own verdicts on 24,918 incidents of a real year.

Each share is that of the incidents whose breach at closing is what the vendor said. Calendars,
pauses or targets that did nothing, or something else, would show.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import pytest

from domain.records import TicketStatus
from domain.sla.calendar import BusinessCalendar
from domain.sla.clock import clock
from domain.sla.history import History, placed
from domain.sla.policy import SlaPolicy
from domain.sla.terms import SlaClockKind, SlaState
from tests.acceptance.made_sla import OF_THE_DEMO, Judged, hours, judged, promise

# Many steps through lines that other tests count: they run faster uncounted.
pytestmark = pytest.mark.no_cover

AFTERNOONS: Final = hours(14, 23)
WEEKDAYS: Final = hours(0, 24)
WITHOUT_END: Final = BusinessCalendar(name="always", is_always=True)
TARGETS: Final = (4, 4, 62, 134)
BEST: Final = promise(AFTERNOONS, TARGETS)
PENDING, ON_HOLD, RESOLVED = TicketStatus.PENDING, TicketStatus.ON_HOLD, TicketStatus.RESOLVED


@pytest.fixture(scope="module", name="log")
def _log() -> list[Judged]:
    return judged()


def is_breached(history: History, policy: SlaPolicy, now_ms: int) -> bool:
    read = clock(SlaClockKind.RESOLUTION, history, policy, now_ms)
    assert read is not None
    return read.state is SlaState.BREACH


def agreement(log: Sequence[Judged], policy: SlaPolicy) -> float:
    """Return the share of the incidents, in percent, that the clock judges as the vendor did."""
    alike = sum(is_breached(one.history, policy, one.closed_ms) is one.is_missed for one in log)
    return 100 * alike / len(log)


def test_the_log_is_whole(log: list[Judged]) -> None:
    assert len(log) == 24_918
    assert sum(one.is_missed for one in log) == 9_115


def test_the_clock_agrees_with_the_vendor(log: list[Judged]) -> None:
    assert agreement(log, BEST) >= 99.8
    assert agreement(log[:OF_THE_DEMO], BEST) >= 99.8


@pytest.mark.parametrize(
    ("calendar", "targets", "share"),
    [
        (WEEKDAYS, (4, 4, 153.4, 345), 99.30),
        (WITHOUT_END, (6, 1, 217.5, 497), 98.05),
        (WITHOUT_END, TARGETS, 38.4),
    ],
    ids=["whole weekdays", "without end", "without end, targets of afternoons"],
)
def test_other_hours_agree_less(
    log: list[Judged], calendar: BusinessCalendar, targets: Sequence[float], share: float
) -> None:
    assert agreement(log, promise(calendar, targets)) == pytest.approx(share, abs=0.1)


@pytest.mark.parametrize(
    ("pause_on", "share"),
    [({PENDING}, 92.49), ({PENDING, ON_HOLD}, 92.05), ({RESOLVED}, 81.00)],
    ids=["user", "anyone", "resolved"],
)
def test_pauses_that_the_vendor_did_not_make_show(
    log: list[Judged], pause_on: set[TicketStatus], share: float
) -> None:
    paused = promise(AFTERNOONS, TARGETS, pause_on=frozenset(pause_on))
    assert agreement(log, paused) == pytest.approx(share, abs=0.1)


def test_targets_that_do_not_follow_the_priority_show(log: list[Judged]) -> None:
    kept = [replace(one, history=with_first_priority(one.history)) for one in log]
    assert agreement(kept, BEST) == pytest.approx(99.15, abs=0.1)


def with_first_priority(history: History) -> History:
    first = history.steps[0].priority
    steps = (replace(step, priority=first) for step in history.steps)
    return replace(history, steps=tuple(steps))


def test_update_by_update_ends_as_all_at_once(log: list[Judged]) -> None:
    for one in log:
        history, verdict = told_singly(one.history)
        assert history == one.history
        assert verdict is is_breached(one.history, BEST, one.closed_ms)


def told_singly(history: History) -> tuple[History, bool]:
    """Tell the updates one by one and look at the clock after each, as a running system does."""
    known = History(created_ms=history.created_ms, steps=history.steps[:1], subject=history.subject)
    verdict = is_breached(known, BEST, history.steps[0].at_ms)
    for step in history.steps[1:]:
        known = placed(known, step, created_ms=history.created_ms).history
        verdict = is_breached(known, BEST, step.at_ms)
    return known, verdict
