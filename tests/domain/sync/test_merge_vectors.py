"""The vectors of the merge rules (C), with their letters as names."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.exchange import (
    ConflictKind,
    ConflictSide,
    ConflictStrategy,
    ConflictWindowMode,
    WarningCode,
)
from domain.inbound import VendorKey
from domain.records import Direction, MergeReason, Owner
from domain.sync.answer import acknowledged
from domain.sync.field import Ack, Change, Field, Opposed, Policy, Sent
from domain.sync.merge import merge
from domain.sync.ownership import Owned

START = datetime(2026, 3, 2, 12, tzinfo=UTC)
LINK = "prod-snow"
SHARED = Owned()
PLATFORM = Owned(owner=Owner.PLATFORM)
EXTERNAL = Owned(owner=Owner.EXTERNAL, by=LINK)
LAST_WRITE = ConflictStrategy.LAST_WRITE_WINS
PRIORITY = ConflictStrategy.OWNERSHIP_PRIORITY
MANUAL = ConflictStrategy.MANUAL_REVIEW
S, D = ConflictKind.SIMULTANEOUS, ConflictKind.DIVERGED
OURS, THEIRS = ConflictSide.PLATFORM, ConflictSide.EXTERNAL
OVERRIDDEN = WarningCode.OWNER_OVERRIDDEN


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def key(seconds: float, sequence: int) -> VendorKey:
    return VendorKey(at=at(seconds), sequence=sequence)


def change(value: str, seconds: float, sequence: int, *, is_new: bool = False) -> Change:
    return Change(value=value, key=key(seconds, sequence), edited_at=at(seconds), is_new=is_new)


def policy(owned: Owned = SHARED, strategy: ConflictStrategy = LAST_WRITE) -> Policy:
    return Policy(link=LINK, direction=Direction.BIDIRECTIONAL, owned=owned, strategy=strategy)


def edited_here(seconds: float = 100.0) -> Field:
    """Both sides had ``a`` as version 1; our edit at that time made ``p``, which is queued."""
    return Field(
        value="p",
        version=2,
        edited_at=at(seconds),
        by=None,
        base="a",
        known_key=key(90, 1),
        ack=Ack(version=1, key=key(90, 1), form="a"),
        is_queued=True,
    )


def acked(field: Field, seconds: float = 101, sequence: int = 2) -> Field:
    sent = Sent(version=field.version, value=field.value, over=field.base)
    told = change(str(field.value), seconds, sequence, is_new=True)
    return acknowledged(field, sent=sent, told=told, policy=policy()).after


@dataclass(frozen=True, kw_only=True)
class Then:
    """What stands afterwards: value and version, what is queued, and the conflict."""

    value: str
    version: int
    queued: bool = False
    kind: ConflictKind | None = None
    winner: ConflictSide | None = None
    warning: WarningCode | None = None
    reason: MergeReason | None = None


APART = edited_here()
X_TAKEN = Then(value="x", version=3)
P_KEPT = Then(value="p", version=2)
VECTORS = {
    "C1": (APART, SHARED, LAST_WRITE, change("x", 103, 2),
           replace(X_TAKEN, kind=S, winner=THEIRS)),
    "C2": (APART, SHARED, LAST_WRITE, change("x", 97, 2),
           replace(P_KEPT, queued=True, kind=S, winner=OURS)),
    "C3": (APART, SHARED, LAST_WRITE, change("x", 105, 2),
           replace(X_TAKEN, kind=S, winner=THEIRS)),
    "C4": (APART, SHARED, LAST_WRITE, change("x", 106, 2),
           replace(X_TAKEN, kind=D, winner=THEIRS)),
    "C5": (edited_here(100.4), SHARED, LAST_WRITE, change("x", 100, 2),
           replace(X_TAKEN, kind=S, winner=THEIRS)),
    "C6": (edited_here(100.4), PLATFORM, LAST_WRITE, change("x", 100, 2),
           replace(P_KEPT, queued=True, kind=S, winner=OURS)),
    "C7": (APART, PLATFORM, LAST_WRITE, change("x", 103, 2),
           replace(X_TAKEN, kind=S, winner=THEIRS, warning=OVERRIDDEN)),
    "C8": (APART, PLATFORM, LAST_WRITE, change("x", 160, 2),
           replace(P_KEPT, queued=True, kind=D, winner=OURS)),
    "C10": (APART, replace(EXTERNAL, external_priority=5), PRIORITY, change("x", 97, 2),
            replace(X_TAKEN, kind=S, winner=THEIRS)),
    "C11": (APART, EXTERNAL, LAST_WRITE, change("x", 97, 2),
            replace(P_KEPT, queued=True, kind=S, winner=OURS, warning=OVERRIDDEN)),
    "C12": (APART, EXTERNAL, LAST_WRITE, change("x", 160, 2),
            replace(X_TAKEN, reason=MergeReason.OWNER_EXTERNAL)),
    "C12, late": (acked(edited_here(20)), EXTERNAL, LAST_WRITE, change("x", 97, 2),
                  replace(X_TAKEN, queued=True, kind=D, winner=THEIRS)),
    "C13": (APART, SHARED, MANUAL, change("x", 103, 2), replace(P_KEPT, kind=S)),
    "C15": (acked(APART), SHARED, LAST_WRITE, change("x", 102, 3),
            replace(X_TAKEN, reason=MergeReason.NEWER)),
    "C17": (APART, SHARED, LAST_WRITE, change("p", 101, 2),
            replace(P_KEPT, reason=MergeReason.ECHO)),
    "C18": (acked(APART, 101, 0), SHARED, LAST_WRITE, change("x", 101, 0, is_new=True),
            replace(X_TAKEN, kind=S, winner=THEIRS)),
    "C19": (acked(APART), SHARED, LAST_WRITE, change("x", 97, 2),
            replace(P_KEPT, queued=True, kind=S, winner=OURS)),
    "C20": (acked(edited_here(95), 101, 3), SHARED, LAST_WRITE, change("x", 97, 2),
            replace(X_TAKEN, queued=True, kind=S, winner=THEIRS)),
    "C21": (replace(APART, in_key=key(103, 2)), SHARED, LAST_WRITE, change("x", 103, 2),
            replace(P_KEPT, queued=True, reason=MergeReason.STALE)),
    "C22": (APART, SHARED, LAST_WRITE, change("a", 104, 2, is_new=True),
            replace(P_KEPT, queued=True, reason=MergeReason.UNCHANGED)),
    "C23": (acked(APART), PLATFORM, LAST_WRITE, change("x", 102, 3),
            replace(P_KEPT, reason=MergeReason.OWNER_PLATFORM)),
    "C23, later": (acked(APART), PLATFORM, LAST_WRITE, change("x", 130, 3),
                   replace(P_KEPT, reason=MergeReason.OWNER_PLATFORM)),
}  # fmt: skip


@pytest.mark.parametrize(
    ("ours", "owned", "strategy", "told", "then"), VECTORS.values(), ids=VECTORS.keys()
)
def test_vector(
    ours: Field, owned: Owned, strategy: ConflictStrategy, told: Change, then: Then
) -> None:
    verdict = merge(ours, told, policy(owned, strategy))
    after, clash = verdict.after, verdict.clash
    assert (after.value, after.version, after.is_queued) == (then.value, then.version, then.queued)
    assert (clash and clash.kind, clash and clash.winner) == (then.kind, then.winner)
    assert (clash and clash.warning) == then.warning
    assert verdict.accepted is (after.version > ours.version)
    assert verdict.reason is (then.reason or MergeReason(then.kind or ""))


@pytest.mark.parametrize(
    ("ours", "owned", "strategy", "told", "then"), VECTORS.values(), ids=VECTORS.keys()
)
def test_the_same_change_again_does_nothing(
    ours: Field, owned: Owned, strategy: ConflictStrategy, told: Change, then: Then
) -> None:
    # Invariant P2.
    once = merge(ours, told, policy(owned, strategy)).after
    again = merge(once, told, policy(owned, strategy))
    assert (again.accepted, again.clash) == (False, None)
    assert (again.after.value, again.after.version) == (then.value, then.version)
    assert (again.after.is_queued, again.after.conflict) == (once.is_queued, once.conflict)


def test_c13b_an_open_conflict_takes_up_both_sides_later_edits() -> None:
    open_ = merge(APART, change("x", 103, 2), policy(strategy=MANUAL)).after
    then = merge(open_, change("y", 110, 3), policy(strategy=MANUAL))
    assert then.reason is MergeReason.OPEN_CONFLICT
    assert then.after.conflict == Opposed(value="y", key=key(110, 3), version=2)
    assert (then.after.value, then.after.is_queued) == ("p", False)


def test_c13c_an_open_conflict_ends_when_both_sides_agree() -> None:
    open_ = merge(APART, change("x", 103, 2), policy(strategy=MANUAL)).after
    ours = replace(open_, value="q", version=3)
    then = merge(ours, change("q", 120, 4), policy(strategy=MANUAL))
    assert then.is_superseded
    assert (then.after.value, then.after.version, then.after.conflict) == ("q", 3, None)


def test_c15l_by_times_alone_two_edits_within_the_window_conflict() -> None:
    literal = replace(policy(), mode=ConflictWindowMode.LITERAL)
    then = merge(acked(APART), change("x", 102, 3), literal)
    assert then.clash is not None
    assert (then.clash.kind, then.clash.winner) == (S, THEIRS)


@pytest.mark.parametrize("ours", [APART, acked(APART)], ids=["not seen", "seen"])
def test_c15l_by_times_alone_edits_beyond_the_window_are_none(ours: Field) -> None:
    literal = replace(policy(), mode=ConflictWindowMode.LITERAL)
    then = merge(ours, change("x", 106, 3), literal)
    assert (then.reason, then.clash, then.after.value) == (MergeReason.NEWER, None, "x")


def test_c17_the_echo_is_the_ack() -> None:
    then = merge(APART, change("p", 101, 2), policy())
    assert then.after.ack == Ack(version=2, key=key(101, 2), form="p")


def test_c24_a_late_echo_of_an_older_write_changes_nothing() -> None:
    first = acked(APART)
    second = acked(replace(first, value="q", version=3, edited_at=at(101.5)), 102, 3)
    then = merge(second, change("p", 101, 2), policy())
    assert then.reason is MergeReason.ECHO
    assert (then.after.value, then.after.version, then.after.is_queued) == ("q", 3, False)
