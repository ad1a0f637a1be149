"""What is said of a value besides its rule, and what comes next."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.exchange import ConflictStatus, WarningCode
from domain.records import EditSource, MergeReason
from domain.sync.explain import Dispute, Waiting, alike
from domain.sync.sentences import explain
from tests.domain.sync.explaining import (
    BY_DANA,
    MANUAL,
    NOON,
    SNOW,
    at,
    case,
    dispute,
    sentence,
    told,
)


def test_a_value_that_has_never_changed_says_so() -> None:
    explained = explain(case(), now=at(60))
    assert explained.sentence == (
        "severity is `p`: it has not changed since the first copy from prod-snow."
    )
    assert (explained.rule, explained.decided_at) == (MergeReason.NEWER, at(-600))
    made_here = explain(replace(case(), copied_from=None), now=at(60))
    assert made_here.sentence == "severity is `p`: it has not changed since it was made here."
    assert made_here.rule is MergeReason.LOCAL_EDIT


def test_a_refused_change_leaves_the_first_copy_standing() -> None:
    assert sentence(case(told(MergeReason.DIRECTION))) == (
        "severity is `p`: it has not changed since the first copy from prod-snow; prod-snow set "
        "`x` at 12:00:03, but its direction brings nothing here."
    )


def test_a_persons_decision_is_told_as_one() -> None:
    decided = replace(BY_DANA, source=EditSource.CONFLICT_RESOLUTION)
    assert sentence(case(decided)) == "severity is `p`: dana decided a conflict for it at 12:00:00."


def test_it_is_said_to_whom_an_edit_does_not_go() -> None:
    unsent = {"jira": WarningCode.NOT_SENT, SNOW: WarningCode.OWNED_EXTERNALLY}
    assert sentence(case(BY_DANA, unsent=unsent)).endswith(
        "in place of `a`; it is not sent to jira, which takes none of it; it is not sent to "
        "prod-snow, which owns severity: its next value wins."
    )


def test_the_value_in_force_is_that_of_the_greatest_version_whenever_it_was_made() -> None:
    # given a late change that was taken, stamped before an edit of ours
    late = replace(told(MergeReason.SIMULTANEOUS, accepted=True), at=at(-5))
    one = case(late, BY_DANA)
    assert one.given is late
    assert one.last is late


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "empty"),
        ("", "empty"),
        (("db", "web"), "`db, web`"),
        ("two\nlines", "`two lines`"),
        ("x" * 61, f"`{'x' * 59}…`"),
        ("x" * 60, f"`{'x' * 60}`"),
    ],
)
def test_values_are_shown_on_one_line(value: Any, text: str) -> None:  # noqa: ANN401 — any value
    assert sentence(replace(case(), value=value)).startswith(f"severity is {text}: ")


def test_a_time_of_another_day_has_its_date() -> None:
    later = explain(case(BY_DANA), now=NOON + timedelta(days=1))
    assert "at 2026-03-02 12:00:00" in later.sentence


def test_a_write_that_waits_is_the_next_action() -> None:
    write = Waiting(side=SNOW, attempt=2, due_at=at(150))

    def action(*waiting: Waiting, disputes: Sequence[Dispute] = ()) -> str | None:
        return explain(case(waiting=waiting, disputes=disputes), now=NOON).next_action

    assert action() is None
    assert action(write) == "write to prod-snow, attempt 2 at 12:02:30"
    assert (
        action(replace(write, due_at=None)) == "write to prod-snow, after the record's own create"
    )
    assert action(replace(write, is_held=True)) == (
        "write to prod-snow, as soon as a person lets it work again"
    )
    waits = dispute(status=ConflictStatus.OPEN, strategy=MANUAL, resolved_by=None)
    dead = replace(write, side="jira", entry=456)
    assert action(dead, replace(write, side="pd"), write, disputes=[waits]) == (
        "waits for a person: conflict-12; waits for a person: entry-456; "
        "write to pd, attempt 2 at 12:02:30"
    )
    assert action(disputes=[dispute()]) is None


def test_sets_are_alike_in_any_order() -> None:
    assert alike(["a", "b"], ["b", "a"])
    assert not alike(["a"], ["a", "b"])
    assert alike(None, None)
    assert not alike("a", None)


def test_the_conflict_of_a_field_is_the_open_one_else_that_of_the_last_verdict() -> None:
    edit = told(MergeReason.SIMULTANEOUS, accepted=True)
    decided, waits = dispute(), dispute(id="7", status=ConflictStatus.OPEN)
    assert case(BY_DANA, edit, disputes=[decided]).dispute is decided
    assert case(BY_DANA, edit, disputes=[decided, waits]).dispute is waits
    assert case(BY_DANA, disputes=[decided]).dispute is None
    assert case().dispute is None
