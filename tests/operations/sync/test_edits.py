"""The order in which a vendor's history is judged."""

from datetime import UTC, datetime, timedelta

from domain.inbound import InboundEdit, VendorKey
from operations.sync.edits import in_order

_START = datetime(2026, 3, 2, 10, tzinfo=UTC)


def edit(name: str, before: str, after: str, *, field: str = "title", at: int = 0) -> InboundEdit:
    return InboundEdit(
        external_id=name,
        record_external_id="1",
        field=field,
        before=before,
        after=after,
        key=VendorKey(at=_START + timedelta(seconds=at), sequence=0),
        author="Ada",
    )


def names(*history: InboundEdit) -> str:
    return "".join(one.external_id for one in in_order(history))


def test_changes_come_by_their_stamps() -> None:
    assert names(edit("b", "p", "q", at=2), edit("a", "q", "r", at=1)) == "ab"


def test_changes_of_one_stamp_follow_from_each_other() -> None:
    assert names(edit("a", "r", "s"), edit("b", "p", "q"), edit("c", "q", "r")) == "bca"


def test_what_another_field_changed_to_is_no_cause() -> None:
    assert names(edit("a", "p", "q"), edit("b", "o", "p", field="description")) == "ab"


def test_what_goes_round_in_a_circle_is_told_whole() -> None:
    assert names(edit("b", "q", "p"), edit("a", "p", "q")) == "ab"


def test_a_circle_ends_with_what_the_record_shows() -> None:
    circle = edit("b", "q", "p"), edit("a", "p", "q")
    for title, order in (("p", "ab"), ("q", "ba")):
        assert "".join(one.external_id for one in in_order(circle, {"title": title})) == order


def test_or_with_what_the_next_change_begins_from() -> None:
    circle = edit("b", "q", "p"), edit("a", "p", "q")
    assert names(*circle, edit("c", "q", "r", at=1)) == "bac"
