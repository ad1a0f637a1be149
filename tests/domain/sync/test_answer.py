"""What a vendor's answer to a write means (rules M4 and M14)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.inbound import VendorKey
from domain.records import Direction, MergeReason, Owner
from domain.sync.answer import acknowledged
from domain.sync.field import Ack, Change, Field, Policy, Sent, in_step
from domain.sync.merge import merge
from domain.sync.ownership import Owned

START = datetime(2026, 3, 2, 12, tzinfo=UTC)
LINK = "prod-snow"
SHARED = Owned()
PLATFORM = Owned(owner=Owner.PLATFORM)


def key(seconds: float, sequence: int) -> VendorKey:
    return VendorKey(at=START + timedelta(seconds=seconds), sequence=sequence)


def told(value: str, seconds: float, sequence: int) -> Change:
    at = key(seconds, sequence)
    return Change(value=value, key=at, edited_at=at.at, is_new=True)


def policy(owned: Owned = SHARED, *, is_lossy: bool = False) -> Policy:
    return Policy(link=LINK, direction=Direction.BIDIRECTIONAL, owned=owned, is_lossy=is_lossy)


# Both sides held a; our edit at 100 s made p, and its write is on its way.
WRITE = Sent(version=2, value="p", over="a")
UNDER_WAY = Field(
    value="p",
    version=2,
    edited_at=START + timedelta(seconds=100),
    by=None,
    base="a",
    known_key=key(90, 1),
    ack=Ack(version=1, key=key(90, 1), form="a"),
    sent=(WRITE,),
    is_queued=True,
)


def test_an_answer_that_shows_what_was_sent_is_the_ack() -> None:
    verdict = acknowledged(UNDER_WAY, sent=WRITE, told=told("p", 101, 2), policy=policy())
    after = verdict.after
    assert (verdict.reason, verdict.accepted) == (MergeReason.ECHO, False)
    assert (after.value, after.version, after.base, after.is_queued) == ("p", 2, "p", False)
    assert after.ack == Ack(version=2, key=key(101, 2), form="p")


@pytest.mark.parametrize(
    ("by", "reason", "value", "version"),
    [
        (policy(), MergeReason.VENDOR_TRANSFORMED, "P", 3),
        (
            policy(Owned(owner=Owner.EXTERNAL, by=LINK)),
            MergeReason.VENDOR_TRANSFORMED,
            "P",
            3,
        ),
        (policy(PLATFORM), MergeReason.OWNER_PLATFORM, "p", 2),
        (policy(is_lossy=True), MergeReason.ECHO, "p", 2),
    ],
    ids=["shared", "external", "platform", "of fewer values"],
)
def test_what_a_vendor_makes_of_a_value_is_ours_unless_the_platform_owns_it(
    by: Policy, reason: MergeReason, value: str, version: int
) -> None:
    verdict = acknowledged(UNDER_WAY, sent=WRITE, told=told("P", 101, 2), policy=by)
    after = verdict.after
    assert verdict.reason is reason
    assert (after.value, after.version, after.base) == (value, version, "P")
    # it is not sent again, and its echo says nothing more
    assert not after.is_queued
    again = merge(after, told("P", 101, 2), by)
    assert (again.accepted, again.after.is_queued) == (False, False)


def test_an_answer_to_an_older_write_leaves_the_later_one_queued() -> None:
    later = replace(UNDER_WAY, value="q", version=3)
    verdict = acknowledged(later, sent=WRITE, told=told("P", 101, 2), policy=policy())
    assert verdict.reason is MergeReason.OWNER_PLATFORM
    assert (verdict.after.value, verdict.after.version) == ("q", 3)
    assert verdict.after.is_queued


def test_a_write_whose_answer_was_lost_is_known_by_its_place_among_the_others() -> None:
    # given three writes, of which only the outer ones were answered
    sent = (
        replace(WRITE, key=key(101, 2)),
        Sent(version=3, value="q", over="p"),
        Sent(version=4, value="r", over="q", key=key(105, 4)),
    )
    ours = replace(
        UNDER_WAY, value="r", version=4, base="r", known_key=key(105, 4), sent=sent, is_queued=False
    )
    # then the lost one is an echo between their keys, and no other value or place is
    assert merge(ours, told("q", 103, 3), policy()).reason is MergeReason.ECHO
    for change in (told("q", 106, 5), told("x", 106, 5)):
        assert merge(ours, change, policy()).reason is not MergeReason.ECHO


def test_each_of_our_writes_of_one_stamp_is_known_when_it_is_seen_again() -> None:
    # given a vendor that counts no versions and took two writes in one second, and a later edit
    sent = (
        replace(WRITE, key=key(101, 0)),
        Sent(version=3, value="q", over="p", key=key(101, 0)),
    )
    ours = replace(
        UNDER_WAY, value="r", version=4, base="q", known_key=key(101, 0), sent=sent, is_queued=True
    )
    # then neither is an edit of the vendor's
    for value in "pq":
        assert merge(ours, told(value, 101, 0), policy()).reason is MergeReason.ECHO


def test_what_the_vendor_writes_in_our_name_is_its_own() -> None:
    # a rule of the vendor's puts the value back right behind our write
    after = acknowledged(UNDER_WAY, sent=WRITE, told=told("p", 101, 2), policy=policy()).after
    verdict = merge(after, told("a", 102, 3), policy())
    assert (verdict.reason, verdict.accepted, verdict.after.value) == (MergeReason.NEWER, True, "a")


def test_the_last_twenty_writes_are_remembered() -> None:
    ours = UNDER_WAY
    for version in range(2, 32):
        one = Sent(version=version, value=f"v{version}", over=ours.base)
        ours = replace(ours, value=one.value, version=version, sent=(*ours.sent, one))
        answer = told(f"v{version}", 100 + version, version)
        ours = acknowledged(ours, sent=one, told=answer, policy=policy()).after
    assert len(ours.sent) == 20
    assert merge(ours, told("v12", 112, 12), policy()).reason is MergeReason.ECHO


def test_a_value_that_is_written_again_over_a_later_change_is_had_since_then() -> None:
    # given a value that the vendor had, and has changed since, and a person who chose ours
    had = Ack(version=2, key=key(101, 2), form="p")
    before = replace(UNDER_WAY, base="b", ack=had, in_key=key(110, 3))
    again = Sent(version=2, value="p", over="b")

    # when the vendor, which has fewer values, takes it in a form of its own
    after = acknowledged(
        before, sent=again, told=told("q", 120, 4), policy=policy(is_lossy=True)
    ).after

    # then both are in step
    assert after.ack == Ack(version=2, key=key(120, 4), form="q")
    assert in_step(after)


def test_what_a_vendor_adds_at_the_stamp_of_our_write_is_not_in_step() -> None:
    # given labels of ours, at a vendor that counts no versions
    ours = replace(UNDER_WAY, value=["p"], base=["a"], sent=())
    write = Sent(version=2, value=["p"], over=["a"])
    held = policy(Owned(owner=Owner.PLATFORM))
    answer = Change(value=["p"], key=key(101, 0), edited_at=key(101, 0).at, is_new=True)
    before = acknowledged(ours, sent=write, told=answer, policy=held).after
    assert in_step(before)

    # when one more is added there within the same second
    verdict = merge(before, replace(answer, value=["p", "x"]), held)

    # then ours stay, and the next comparison takes it out
    assert (verdict.reason, verdict.after.value) == (MergeReason.OWNER_PLATFORM, ["p"])
    assert not in_step(verdict.after)


def test_an_echo_at_the_stamp_of_the_write_before_is_known_though_its_answer_was_lost() -> None:
    # given two writes within one second, at a vendor that counts no versions
    first = acknowledged(UNDER_WAY, sent=WRITE, told=told("p", 101, 0), policy=policy()).after
    second = Sent(version=3, value="q", over="p")
    ours = replace(first, value="r", version=4, sent=(*first.sent, second), is_queued=True)

    # when the second is seen, and no answer came
    verdict = merge(ours, told("q", 101, 0), policy())

    # then it is ours, and no edit
    assert (verdict.reason, verdict.after.ack) == (
        MergeReason.ECHO,
        Ack(version=3, key=key(101, 0), form="q"),
    )
    assert verdict.after.is_queued
