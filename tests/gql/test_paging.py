"""Pages and their cursors."""

from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import BadCursor, Invalid
from gql.paging import Connection, Window, connection, cursor_of, key_of, window
from tests.gql.board import Board
from tests.gql.knocking import code, knock, post

NUMBERS = list(range(1, 11))


def read(asked: Window) -> list[int]:
    """Read as a database would: past the position, in the window's direction."""
    if asked.is_backward:
        before = [n for n in reversed(NUMBERS) if asked.position is None or n < asked.position[0]]
        return before[: asked.fetch]
    after = [n for n in NUMBERS if asked.position is None or n > asked.position[0]]
    return after[: asked.fetch]


def page(**asked: Any) -> Connection[int]:  # noqa: ANN401 — any arguments of a list
    async def count() -> int:
        return len(NUMBERS)

    found = window(order="NUMBER", **asked)
    return connection(found, read(found), key=lambda n: (n,), node=lambda n: n, count=count)


def rows(shown: Connection[int]) -> list[int]:
    return [edge.node for edge in shown.edges]


def test_pages_forward_meet_without_gap() -> None:
    seen: list[int] = []
    after = None
    for _ in range(4):
        shown = page(first=3, after=after)
        assert shown.page_info.has_previous_page is (after is not None)
        seen += rows(shown)
        after = shown.page_info.end_cursor
    assert seen == NUMBERS
    assert after == page(last=1).page_info.end_cursor


def test_pages_backward_meet_without_gap_and_keep_the_order() -> None:
    shown = page(last=4)
    assert rows(shown) == [7, 8, 9, 10]
    assert (shown.page_info.has_previous_page, shown.page_info.has_next_page) == (True, False)
    shown = page(last=8, before=shown.page_info.start_cursor)
    assert rows(shown) == [1, 2, 3, 4, 5, 6]
    assert (shown.page_info.has_previous_page, shown.page_info.has_next_page) == (False, True)


def test_an_exact_last_page_has_no_next() -> None:
    assert not page(first=10).page_info.has_next_page
    assert page(first=9).page_info.has_next_page


def test_an_empty_page_has_no_cursors() -> None:
    shown = page(first=3, after=page(first=10).page_info.end_cursor)
    assert rows(shown) == []
    assert shown.page_info.end_cursor is None


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        ({"first": 0}, "first"),
        ({"first": 101}, "first"),
        ({"first": -1}, "first"),
        ({"last": 0}, "last"),
        ({"last": 101}, "last"),
        ({"first": 5, "last": 5}, "last"),
        ({"first": 5, "before": "x"}, "before"),
        ({"last": 5, "after": "x"}, "after"),
    ],
)
def test_sizes_and_pairs_that_make_no_page_are_refused(asked: dict[str, Any], path: str) -> None:
    with pytest.raises(Invalid) as refused:
        window(order="NUMBER", **asked)
    assert refused.value.path == (path,)


@pytest.mark.parametrize(
    ("asked", "size"),
    [({}, 20), ({"first": 1}, 1), ({"first": 100}, 100), ({"last": 100}, 100),
     ({"first": 20, "last": 7}, 7)],
)  # fmt: skip
def test_sizes_from_1_to_100_are_taken(asked: dict[str, Any], size: int) -> None:
    found = window(order="NUMBER", **asked)
    assert (found.size, found.fetch) == (size, size + 1)


def raw(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "zzz",
        "é",
        "x" * 600,
        "AQ",
        raw(b"\x01null"),
        raw(b"\x01[]"),
        raw(b"\x01{}"),
        raw(b'\x01["NUMBER"]'),
        raw(b'\x02["NUMBER",1]'),
        raw(b'["NUMBER",1]'),
        raw(b'\x01["OTHER",1]'),
        raw(b'\x01["NUMBER",{}]'),
        raw(b'\x01["NUMBER",{"at":1}]'),
        raw(b'\x01["NUMBER",{"at":"2026-01-01T00:00:00"}]'),
        raw(b'\x01["NUMBER",[1]]'),
        raw(b'\x01["NUMBER",1'),
        raw(b"\x01" + b"[" * 400),
    ],
)
def test_a_torn_or_foreign_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(BadCursor):
        key_of(cursor, order="NUMBER")


@given(
    st.lists(
        st.none()
        | st.text(max_size=20)
        | st.integers(-(2**53), 2**53)
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.datetimes(timezones=st.just(UTC)),
        min_size=1,
        max_size=3,
    )
)
def test_a_key_survives_its_cursor(values: list[Any]) -> None:
    key = tuple(values)
    assert key_of(cursor_of(key, order="NUMBER"), order="NUMBER") == key


def test_an_instant_keeps_its_microseconds() -> None:
    instant = datetime(2026, 3, 2, 13, 24, 0, 123_456, tzinfo=UTC)
    assert key_of(cursor_of((instant, "id"), order="AT"), order="AT") == (instant, "id")


async def test_the_whole_is_counted_only_when_asked_for(board: Board) -> None:
    async with knock(board) as client:
        answer = await post(client, {"query": "{ items(first: 2) { edges { node { name } } } }"})
        assert len(answer.json()["data"]["items"]["edges"]) == 2
        counted = await post(client, {"query": "{ items(first: 2) { totalCount } }"})
        assert counted.json()["data"] == {"items": {"totalCount": 3}}


@pytest.mark.parametrize("size", [0, 101])
async def test_a_size_out_of_bounds_is_never_clipped(board: Board, size: int) -> None:
    async with knock(board) as client:
        query = f"{{ items(first: {size}) {{ totalCount }} }}"
        assert code(await post(client, {"query": query})) == "BAD_INPUT"
