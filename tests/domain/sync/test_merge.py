"""A pulled snapshot against what the vendor last told."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.inbound import VendorKey
from domain.records import Direction, FieldValue, MergeReason
from domain.sync.merge import normalised, restamped
from domain.sync.snapshot import Known, merge_snapshot

START = datetime(2026, 3, 2, 12, tzinfo=UTC)


def key(seconds: int, sequence: int = 0) -> VendorKey:
    return VendorKey(at=START + timedelta(seconds=seconds), sequence=sequence)


KNOWN = Known(key=key(10, 2), base={"status": "NEW", "assignee": "dana"})


def test_a_record_seen_for_the_first_time_is_mirrored_whatever_the_direction() -> None:
    merged = merge_snapshot(None, key=key(0), fields={"a": 1}, direction=Direction.NONE)
    assert merged.reason is MergeReason.NEWER


@pytest.mark.parametrize("older", [key(9, 9), key(10, 1)])
def test_an_older_version_is_stale_whatever_it_says(older: VendorKey) -> None:
    merged = merge_snapshot(
        KNOWN, key=older, fields={"status": "CLOSED"}, direction=Direction.INBOUND
    )
    assert merged.reason is MergeReason.STALE
    assert merged.changes == ()


@pytest.mark.parametrize(
    ("pulled", "known_as"),
    [
        # Counts on, stamped earlier: the vendor's clock stepped back in between.
        (key(4, 3), key(4, 2)),
        # Older by both, or by its counter alone: the log's counters go back.
        (key(4, 2), key(10, 2)),
        (key(4, 1), key(10, 2)),
        (key(11, 1), key(10, 2)),
        (key(11, 3), key(10, 2)),
    ],
)
def test_a_pulled_version_that_counts_on_is_judged_by_the_clock_that_stamped_it(
    pulled: VendorKey, known_as: VendorKey
) -> None:
    assert restamped(KNOWN.key, pulled=pulled) == known_as


@pytest.mark.parametrize("same_or_newer", [key(10, 2), key(10, 3), key(11, 0)])
def test_equal_content_is_unchanged_under_any_version(same_or_newer: VendorKey) -> None:
    merged = merge_snapshot(
        KNOWN,
        key=same_or_newer,
        fields={"status": "NEW", "assignee": "dana"},
        direction=Direction.INBOUND,
    )
    assert merged.reason is MergeReason.UNCHANGED


def test_two_contents_of_one_version_are_told_apart() -> None:
    # The log has five pairs of updates that share number and version.
    merged = merge_snapshot(
        KNOWN, key=KNOWN.key, fields={"status": "CLOSED"}, direction=Direction.INBOUND
    )
    assert [(change.field, change.after) for change in merged.changes] == [("status", "CLOSED")]


def test_a_field_that_is_not_in_the_snapshot_keeps_its_value() -> None:
    merged = merge_snapshot(
        KNOWN, key=key(11), fields={"assignee": None}, direction=Direction.INBOUND
    )
    (change,) = merged.changes
    assert (change.field, change.before, change.after) == ("assignee", "dana", None)


@pytest.mark.parametrize(
    ("direction", "accepted", "reason"),
    [
        (Direction.INBOUND, True, MergeReason.NEWER),
        (Direction.BIDIRECTIONAL, True, MergeReason.NEWER),
        (Direction.OUTBOUND, False, MergeReason.DIRECTION),
        (Direction.NONE, False, MergeReason.DIRECTION),
    ],
)
def test_the_direction_decides_whether_a_change_is_taken(
    direction: Direction, accepted: bool, reason: MergeReason
) -> None:
    merged = merge_snapshot(KNOWN, key=key(11), fields={"status": "CLOSED"}, direction=direction)
    (change,) = merged.changes
    assert (change.accepted, change.reason) == (accepted, reason)


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("a\r\nb  \n", "a\nb"),
        ("  ", None),
        ("", None),
        ("a ", "a"),
        (0, 0),
        (False, False),
        (["x"], ["x"]),
    ],
)
def test_values_are_compared_in_one_form(raw: FieldValue, value: FieldValue) -> None:
    assert normalised(raw) == value


@given(st.text())
def test_normalising_twice_is_normalising_once(text: str) -> None:
    assert normalised(normalised(text)) == normalised(text)


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3), st.sampled_from("abc")), min_size=1)
)
def test_in_any_order_and_multiplicity_the_greatest_version_wins(
    changes: list[tuple[int, int, str]],
) -> None:
    # Invariant P3, for one content a version.
    content = {(seconds, sequence): value for seconds, sequence, value in changes}
    known: Known | None = None
    for seconds, sequence, _ in changes:
        fields = {"status": content[seconds, sequence]}
        merged = merge_snapshot(
            known, key=key(seconds, sequence), fields=fields, direction=Direction.INBOUND
        )
        if merged.reason is not MergeReason.STALE:
            known = Known(key=key(seconds, sequence), base=fields)
    assert known is not None
    assert known.base["status"] == content[max(content)]
