"""What a vendor shows of a field that nobody has edited here, against what it told last."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.inbound import VendorKey
from domain.records import Direction, FieldValue, MergeReason
from domain.sync.field import Change, Field, Policy, Verdict
from domain.sync.merge import merge, normalised, restamped

START = datetime(2026, 3, 2, 12, tzinfo=UTC)


def key(seconds: int, sequence: int = 0) -> VendorKey:
    return VendorKey(at=START + timedelta(seconds=seconds), sequence=sequence)


LINK = "prod-snow"
STATUS = Field(
    value="NEW",
    version=0,
    edited_at=START,
    by=LINK,
    base="NEW",
    known_key=key(10, 2),
)


def shown(value: FieldValue, at: VendorKey) -> Change:
    return Change(value=value, key=at, edited_at=at.at, is_new=True)


def judged(
    change: Change, direction: Direction = Direction.INBOUND, ours: Field = STATUS
) -> Verdict:
    return merge(ours, change, Policy(link=LINK, direction=direction))


@pytest.mark.parametrize("older", [key(9, 9), key(10, 1)])
def test_an_older_version_is_stale_whatever_it_says(older: VendorKey) -> None:
    verdict = judged(shown("CLOSED", older))
    assert verdict.reason is MergeReason.STALE
    assert verdict.after == STATUS


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
    assert restamped(STATUS.known_key, pulled=pulled) == known_as


@pytest.mark.parametrize("same_or_newer", [key(10, 2), key(10, 3), key(11, 0)])
def test_equal_content_changes_nothing_under_any_version(same_or_newer: VendorKey) -> None:
    verdict = judged(shown("NEW", same_or_newer))
    assert (verdict.accepted, verdict.reason) == (False, MergeReason.SAME)
    assert verdict.after.value == verdict.after.base == "NEW"


def test_two_contents_of_one_version_are_told_apart() -> None:
    # The log has five pairs of updates that share number and version.
    verdict = judged(shown("CLOSED", STATUS.known_key))
    assert (verdict.accepted, verdict.after.value) == (True, "CLOSED")


def test_a_field_that_the_vendor_empties_is_empty() -> None:
    verdict = judged(shown(None, key(11)))
    assert (verdict.accepted, verdict.after.value, verdict.after.base) == (True, None, None)


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
    verdict = judged(shown("CLOSED", key(11)), direction)
    assert (verdict.accepted, verdict.reason) == (accepted, reason)
    assert verdict.after.base == "CLOSED"


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
    first, *others = [
        (key(seconds, sequence), content[seconds, sequence]) for seconds, sequence, _ in changes
    ]
    ours = replace(STATUS, value=first[1], base=first[1], known_key=first[0])
    for at, value in others:
        ours = judged(shown(value, at), ours=ours).after
    assert ours.value == ours.base == content[max(content)]
