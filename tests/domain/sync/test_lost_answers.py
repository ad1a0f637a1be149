"""Two writes of one value, the answer of the first of which was lost."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from domain.inbound import VendorKey
from domain.records import Direction, MergeReason
from domain.sync.answer import acknowledged
from domain.sync.field import Ack, Change, Field, Policy, Sent
from domain.sync.merge import merge

START = datetime(2026, 3, 2, 12, tzinfo=UTC)
SHARED = Policy(link="prod-snow", direction=Direction.BIDIRECTIONAL)
FIRST = Sent(version=1, value="p", over="a")
SECOND = Sent(version=1, value="p", over="x")


def key(seconds: int) -> VendorKey:
    return VendorKey(at=START + timedelta(seconds=seconds), sequence=0)


def told(value: str, seconds: int) -> Change:
    return Change(value=value, key=key(seconds), edited_at=key(seconds).at, is_new=True)


# Ours was written, replaced by `x` at the vendor, and is written again; meanwhile we have `q`.
SENT_TWICE = Field(
    value="q",
    version=2,
    edited_at=key(70).at,
    by=None,
    base="x",
    known_key=key(60),
    sent=(FIRST, SECOND),
    is_queued=True,
)


def test_writes_keep_their_order_in_whatever_order_they_are_found_to_have_arrived() -> None:
    first = merge(SENT_TWICE, told("p", 50), SHARED)
    assert first.after.sent == (replace(FIRST, key=key(50)), SECOND)

    second = merge(first.after, told("p", 80), SHARED)
    assert (first.reason, second.reason) == (MergeReason.ECHO, MergeReason.ECHO)
    assert (second.after.value, second.after.is_queued) == ("q", True)


def test_what_the_second_of_two_lost_writes_hid_is_still_disputed() -> None:
    echoed = merge(merge(SENT_TWICE, told("p", 50), SHARED).after, told("p", 80), SHARED).after
    assert merge(echoed, told("y", 78), SHARED).clash is not None


def test_what_a_lost_write_has_replaced_is_not_what_the_vendor_holds() -> None:
    # Our `p` was written over `a`, and its answer lost; the record was told since, without
    # this field, and a person here has made `q` of it.
    lost = replace(SENT_TWICE, base="a", sent=(FIRST,))
    echoed = merge(lost, told("p", 50), SHARED).after
    shown = merge(echoed, told("p", 60), SHARED)
    assert (shown.reason, shown.clash) == (MergeReason.UNCHANGED, None)
    assert (shown.after.value, shown.after.is_queued) == ("q", True)

    # and what takes the former value up again behind it is an edit
    assert merge(echoed, told("a", 60), SHARED).clash is not None


def test_an_edit_of_the_second_in_which_we_had_won_over_another_has_not_seen_that() -> None:
    # Our `a` was acknowledged in the very second of an edit there; ours won, and was written
    # again over it.
    again = Sent(version=1, value="a", over="x")
    won = replace(
        SENT_TWICE,
        value="a",
        version=1,
        known_key=key(60),
        in_key=key(60),
        ack=Ack(version=1, key=key(60), form="a"),
        sent=(Sent(version=1, value="a", over=None, key=key(60)), again),
        is_queued=False,
    )
    arrived = acknowledged(won, sent=again, told=told("a", 75), policy=SHARED).after
    assert arrived.ack == Ack(version=1, key=key(75), form="a")
    assert merge(arrived, told("y", 75), SHARED).clash is not None
    assert merge(arrived, told("y", 76), SHARED).clash is None


def test_a_lost_write_found_by_a_later_record_has_its_row_in_the_second_of_the_one_before() -> None:
    # Our `a` and our `p` were written within a second; a record that had changed since told
    # of `p`, and only then the history does.
    before = Sent(version=1, value="a", over=None, key=key(50))
    found = merge(replace(SENT_TWICE, base="a", sent=(before, FIRST)), told("p", 61), SHARED).after
    row = merge(found, told("p", 50), SHARED)
    assert (row.reason, row.clash) == (MergeReason.ECHO, None)
    assert row.after.value == "q"
