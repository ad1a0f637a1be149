"""Cursors of the event log: vectors E-a and E-b, and what is not a cursor."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import CursorUnknown
from domain.events.cursor import Head, Position, Start, read, start_after, written

HEAD = Head(epoch="a1", newest=5, oldest=1)


def position(number: int, epoch: str = "a1") -> Position:
    return Position(epoch=epoch, number=number)


def test_without_a_cursor_a_subscriber_begins_now() -> None:
    assert start_after(None, HEAD) == Start(number=5)


def test_a_cursor_resumes_right_after_itself() -> None:
    assert start_after(position(3), HEAD) == Start(number=3)  # Vector E-a


def test_a_cursor_older_than_what_is_kept_is_told_of_the_gap() -> None:
    head = Head(epoch="a1", newest=500, oldest=100)
    assert start_after(position(40), head) == Start(number=99, gap_from=40)  # Vector E-b
    assert start_after(position(98), head) == Start(number=99, gap_from=98)
    assert start_after(position(99), head) == Start(number=99)


@pytest.mark.parametrize("wrong", [position(6), position(3, epoch="b2")])
def test_a_cursor_ahead_or_of_another_log_is_refused(wrong: Position) -> None:
    with pytest.raises(CursorUnknown):
        start_after(wrong, HEAD)


@given(st.integers(0, 10**18 - 1))
def test_a_cursor_survives_its_text(number: int) -> None:
    assert read(written(position(number))) == position(number)


@pytest.mark.parametrize(
    "torn",
    [
        "",
        "é",
        "a b",
        "AAAA",
        base64.urlsafe_b64encode(b"a1.-4").decode(),
        base64.urlsafe_b64encode(b"a1.1e3").decode(),
        base64.urlsafe_b64encode(b"a1." + b"9" * 19).decode(),
        base64.urlsafe_b64encode("a1.٣".encode()).decode(),
        written(position(3))[:-2],
    ],
)
def test_any_other_text_is_refused(torn: str) -> None:
    with pytest.raises(CursorUnknown):
        read(torn)
