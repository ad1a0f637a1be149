"""Sets are united; they have no conflicts (rule K1, invariant P3)."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.exchange import ConflictStrategy
from domain.inbound import VendorKey
from domain.records import Direction, MergeReason, Owner
from domain.sync.field import Change, Field, Policy, Sent
from domain.sync.merge import merge
from domain.sync.ownership import Owned

START = datetime(2026, 3, 2, 12, tzinfo=UTC)
LABELS = st.lists(st.sampled_from("abcde"), unique=True)


def key(sequence: int) -> VendorKey:
    return VendorKey(at=START + timedelta(seconds=sequence), sequence=sequence)


def labels(ours: Sequence[str], base: Sequence[str]) -> Field:
    return Field(
        value=list(ours), version=2, edited_at=START, by=None, base=list(base), known_key=key(1)
    )


def told(value: Sequence[str], sequence: int = 2) -> Change:
    at = key(sequence)
    return Change(value=list(value), key=at, edited_at=at.at, is_new=True)


def policy(owner: Owner | None = None, direction: Direction = Direction.BIDIRECTIONAL) -> Policy:
    return Policy(
        link="prod-jira",
        direction=direction,
        owned=Owned(owner=owner),
        strategy=ConflictStrategy.MANUAL_REVIEW,
    )


@pytest.mark.parametrize(
    ("ours", "theirs", "value", "is_queued", "reason"),
    [
        ("a", "ab", "ab", False, MergeReason.NEWER),
        ("ac", "ab", "abc", True, MergeReason.NEWER),
        ("", "ab", "b", True, MergeReason.NEWER),
        ("ab", "", "b", True, MergeReason.NEWER),
        ("ac", "", "c", True, MergeReason.NEWER),
        ("ab", "ab", "ab", False, MergeReason.SAME),
        ("ab", "a", "ab", False, MergeReason.UNCHANGED),
    ],
    ids=[
        "added there",
        "added on both sides",
        "taken out here, added there",
        "added here, taken out there",
        "replaced between them",
        "the same on both sides",
        "not changed there",
    ],
)
def test_what_either_side_put_in_is_in_and_what_either_took_out_is_out(
    ours: str, theirs: str, value: str, *, is_queued: bool, reason: MergeReason
) -> None:
    verdict = merge(labels(ours, "a"), told(theirs), policy())
    after = verdict.after
    assert (verdict.reason, verdict.clash) == (reason, None)
    assert (after.value, after.is_queued) == (list(value), is_queued)
    assert verdict.accepted is (after.version == 3)


@pytest.mark.parametrize(
    ("owner", "direction", "value", "is_queued"),
    [
        (Owner.PLATFORM, Direction.BIDIRECTIONAL, "ac", False),
        (Owner.EXTERNAL, Direction.BIDIRECTIONAL, "abc", False),
        (None, Direction.INBOUND, "abc", False),
        (None, Direction.OUTBOUND, "ac", False),
    ],
)
def test_owner_and_direction_hold_for_sets_too(
    owner: Owner | None, direction: Direction, value: str, *, is_queued: bool
) -> None:
    after = merge(labels("ac", "a"), told("ab"), policy(owner, direction)).after
    assert (after.value, after.is_queued) == (list(value), is_queued)


def test_what_an_unanswered_write_may_have_taken_out_nobody_there_did() -> None:
    # given that we took b out, wrote so, and put it back before the answer came
    sent = Sent(version=2, value=["a"], over=["a", "b"])
    ours = Field(
        value=["a", "b"],
        version=3,
        edited_at=START,
        by=None,
        base=["a", "b"],
        known_key=key(1),
        sent=(sent,),
        is_queued=True,
    )
    after = merge(ours, told("ac"), policy()).after
    assert (after.value, after.is_queued) == (["a", "b", "c"], True)


@given(LABELS, LABELS, LABELS, LABELS)
def test_two_vendors_labels_end_alike_whoever_is_heard_first(
    ours: list[str], base: list[str], one: list[str], other: list[str]
) -> None:
    # Invariant P3: each vendor has its own link, and both share our value.
    ends = []
    for heard in ((one, other), (other, one)):
        value = ours
        for theirs in heard:
            after = merge(labels(value, base), told(theirs), policy()).after.value
            assert isinstance(after, list)
            value = after
        ends.append(frozenset(value))
    assert ends[0] == ends[1]
