"""Updates find their place, in whatever order they come (rule S1, invariant P17)."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.records import IncidentStatus, TicketStatus
from domain.sla.clock import clocks
from domain.sla.history import COUNTS_AS, History, Step, is_believable, placed
from domain.sla.terms import IngestOutcome
from tests.domain.sla.promises import history, instant, policy

STEPS: Final = history("NEW P1 10:00", "OPEN P1 11:00", "PENDING P2 12:00", "RESOLVED P2 13:00")


def told(*steps: Step, created: str = "10:00") -> tuple[History, list[IngestOutcome]]:
    known: History | None = None
    outcomes = []
    for step in steps:
        found = placed(known, step, created_ms=instant(created))
        known = found.history
        outcomes.append(found.outcome)
    assert known is not None
    return known, outcomes


def test_updates_in_order_are_new() -> None:
    known, outcomes = told(*STEPS.steps)
    assert outcomes == [IngestOutcome.CREATED] + [IngestOutcome.UPDATED] * 3
    assert known == STEPS


def test_an_earlier_update_takes_its_place() -> None:
    first, second, third, fourth = STEPS.steps
    known, outcomes = told(second, fourth, first, third)
    assert outcomes[2:] == [IngestOutcome.LATE] * 2
    assert known == STEPS


def test_a_known_update_changes_nothing() -> None:
    found = placed(STEPS, STEPS.steps[1], created_ms=STEPS.created_ms)
    assert (found.outcome, found.history, found.payload_differs) == (
        IngestOutcome.DUPLICATE,
        STEPS,
        False,
    )


def test_a_known_update_that_says_something_else_is_told() -> None:
    other = replace(STEPS.steps[1], status=TicketStatus.CLOSED, content="other")
    found = placed(STEPS, other, created_ms=STEPS.created_ms)
    assert (found.outcome, found.history, found.payload_differs) == (
        IngestOutcome.DUPLICATE,
        STEPS,
        True,
    )


def test_updates_that_disagree_on_the_creation_agree_on_the_earliest() -> None:
    first, second, *_ = STEPS.steps
    later = placed(None, first, created_ms=instant("10:00")).history
    assert placed(later, second, created_ms=instant("09:00")).history.created_ms == instant("09:00")
    assert placed(later, second, created_ms=instant("11:00")).history.created_ms == instant("10:00")


@given(
    st.lists(st.sampled_from(STEPS.steps), max_size=6).flatmap(
        lambda again: st.permutations([*STEPS.steps, *again])
    ),
    st.data(),
)
def test_any_order_ends_in_equal_histories_and_clocks(
    order: list[Step], data: st.DataObject
) -> None:
    creations = {step.at_ms: data.draw(st.integers(0, STEPS.created_ms)) for step in STEPS.steps}
    known: History | None = None
    for step in order:
        known = placed(known, step, created_ms=creations[step.at_ms]).history
    assert known == replace(STEPS, created_ms=min(creations.values()))
    at = data.draw(st.integers(STEPS.created_ms, instant("20:00")))
    in_order = replace(STEPS, created_ms=known.created_ms)
    assert clocks(known, policy(), at) == clocks(in_order, policy(), at)


@pytest.mark.parametrize(
    ("year", "believable"), [(1989, False), (1990, True), (2099, True), (2100, False)]
)
def test_an_update_of_another_century_is_a_mistake(year: int, believable: bool) -> None:
    at_ms = round(datetime(year, 1, 1, tzinfo=UTC).timestamp()) * 1000
    step = STEPS.steps[0]
    assert is_believable(step, created_ms=at_ms) is believable
    assert is_believable(replace(step, at_ms=at_ms), created_ms=step.at_ms) is believable


@pytest.mark.parametrize("status", IncidentStatus)
def test_an_incident_that_is_taken_up_counts_as_open(status: IncidentStatus) -> None:
    taken_up = {IncidentStatus.ACKNOWLEDGED, IncidentStatus.IN_PROGRESS}
    expected = "OPEN" if status in taken_up else status.value
    assert COUNTS_AS[status] == TicketStatus(expected)
