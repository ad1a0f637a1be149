"""What a person's word does to a conflict and its field (rules F3, F5)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.exchange import ConflictSide, ConflictStatus
from domain.inbound import VendorKey
from domain.records import Direction, MergeReason
from domain.sync.conflict import (
    Decided,
    EndedBefore,
    Outdated,
    Repeated,
    Unsendable,
    Word,
    decided,
    is_accepted,
    too_late,
)
from domain.sync.field import Ack, Change, Field, Opposed, Policy
from domain.sync.merge import merge

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
OURS, THEIRS = ConflictSide.PLATFORM, ConflictSide.EXTERNAL


def key(seconds: float, sequence: int = 0) -> VendorKey:
    return VendorKey(at=NOW + timedelta(seconds=seconds), sequence=sequence)


def word(keep: ConflictSide | None, *, seen: int | None = None) -> Word:
    return Word(keep=keep, seen=seen, at=NOW + timedelta(seconds=200))


OPPOSED = Opposed(value="x", key=key(103, 2))
# p here, as version 2, against x there: the vendor held a before.
DISPUTED = Field(
    value="p",
    version=2,
    edited_at=NOW + timedelta(seconds=100),
    by=None,
    base="x",
    known_key=key(103, 2),
    in_key=key(103, 2),
    ack=Ack(version=1, key=key(90, 1), form="a"),
    conflict=OPPOSED,
)
# A write of ours had replaced x before it was seen.
LATE = replace(DISPUTED, base="p", known_key=key(105, 3))


def told(value: str, seconds: float, sequence: int) -> Change:
    at = key(seconds, sequence)
    return Change(value=value, key=at, edited_at=at.at)


POLICY = Policy(link="prod-snow", direction=Direction.BIDIRECTIONAL)


def end(field: Field, keep: ConflictSide | None, *, is_writable: bool = True) -> Decided:
    outcome = decided(word(keep), field, OPPOSED, is_writable=is_writable)
    assert isinstance(outcome, Decided)
    assert outcome.after.conflict is None
    return outcome


def test_ours_is_kept_and_sent() -> None:
    outcome = end(DISPUTED, OURS)
    assert (outcome.status, outcome.is_sent, outcome.is_taken) == (
        ConflictStatus.RESOLVED_PLATFORM,
        True,
        False,
    )
    assert (outcome.after.value, outcome.after.version) == ("p", 2)


def test_ours_is_not_kept_where_it_cannot_be_sent() -> None:
    outcome = decided(word(OURS), DISPUTED, OPPOSED, is_writable=False)
    assert outcome == Unsendable()


def test_theirs_is_taken_as_the_persons_edit_and_not_sent_back() -> None:
    outcome = end(DISPUTED, THEIRS)
    after = outcome.after
    assert (outcome.is_taken, outcome.is_sent) == (True, False)
    assert (after.value, after.version, after.by) == ("x", 3, None)
    # the vendor has had it: what it says next is no conflict
    verdict = merge(after, told("y", 110, 3), POLICY)
    assert (verdict.reason, verdict.clash) == (MergeReason.NEWER, None)


def test_theirs_goes_back_where_a_write_of_ours_had_replaced_it() -> None:
    outcome = end(LATE, THEIRS)
    assert (outcome.after.value, outcome.is_sent, outcome.after.is_queued) == ("x", True, True)
    # and a later edit there has not seen it
    assert merge(outcome.after, told("y", 110, 4), POLICY).clash is not None
    assert not end(LATE, THEIRS, is_writable=False).is_sent


def test_a_difference_that_is_ignored_is_accepted_until_either_side_edits() -> None:
    outcome = end(DISPUTED, None)
    after = outcome.after
    assert (outcome.status, outcome.is_sent, outcome.is_taken) == (
        ConflictStatus.IGNORED,
        False,
        False,
    )
    assert (after.value, after.version) == ("p", 2)
    assert is_accepted(after, "x")
    assert not is_accepted(after, "y")
    assert not is_accepted(replace(after, version=3), "x")
    assert not is_accepted(DISPUTED, "x")
    verdict = merge(after, told("x2", 130, 5), POLICY)
    assert (verdict.reason, verdict.after.value) == (MergeReason.NEWER, "x2")


def test_ignoring_what_is_late_forgets_no_later_acknowledgement() -> None:
    later = Ack(version=2, key=key(105, 3), form="p")
    assert end(replace(LATE, ack=later), None).after.ack == later


def test_the_same_word_again_is_heard_and_another_is_not() -> None:
    ended = ConflictStatus.RESOLVED_PLATFORM
    assert too_late(word(OURS, seen=1), status=ended, version=3) == Repeated()
    assert too_late(word(THEIRS), status=ended, version=3) == EndedBefore()
    assert too_late(word(None), status=ended, version=3) == EndedBefore()
    assert too_late(word(None), status=ConflictStatus.IGNORED, version=1) == Repeated()
    assert too_late(word(OURS), status=ConflictStatus.SUPERSEDED, version=1) == EndedBefore()


@pytest.mark.parametrize(("seen", "is_late"), [(None, False), (2, True), (3, False)])
def test_a_word_on_an_earlier_version_is_not_heard(seen: int | None, is_late: bool) -> None:
    found = too_late(word(OURS, seen=seen), status=ConflictStatus.OPEN, version=3)
    assert found == (Outdated() if is_late else None)
