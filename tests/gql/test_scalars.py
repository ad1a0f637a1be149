"""Scalars, as they come in and go out."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from graphql import GraphQLError
from hypothesis import given
from hypothesis import strategies as st

from gql.scalars import (
    cursor_of,
    duration_of,
    duration_text,
    field_value_of,
    field_value_shown,
    instant_of,
    instant_text,
)
from tests.gql.board import Board
from tests.gql.knocking import code, knock, post


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-03-02T13:24:00Z", datetime(2026, 3, 2, 13, 24, tzinfo=UTC)),
        ("2026-03-02t13:24:00z", datetime(2026, 3, 2, 13, 24, tzinfo=UTC)),
        ("2026-03-02T13:24:00.000Z", datetime(2026, 3, 2, 13, 24, tzinfo=UTC)),
        ("2026-03-02T13:24:00.5Z", datetime(2026, 3, 2, 13, 24, 0, 500_000, tzinfo=UTC)),
        ("2026-03-02T13:24:00.123456789Z", datetime(2026, 3, 2, 13, 24, 0, 123_456, tzinfo=UTC)),
        ("2026-03-02T14:24:00+01:00", datetime(2026, 3, 2, 13, 24, tzinfo=UTC)),
        ("2026-03-02T07:54:00-05:30", datetime(2026, 3, 2, 13, 24, tzinfo=UTC)),
    ],
)
def test_an_instant_is_read_into_utc(text: str, instant: datetime) -> None:
    assert instant_of(text) == instant
    assert instant_of(text).tzinfo is UTC


@pytest.mark.parametrize(
    "value",
    [
        "2026-03-02T13:24:00",
        "2026-03-02",
        "2026-03-02 13:24:00Z",
        "20260302T132400Z",
        "2026-03-02T13:24Z",
        "2026-03-02T24:24:00Z",
        "2026-03-02T13:24:60Z",
        "2026-02-30T13:24:00Z",
        "2026-03-02T13:24:00.Z",
        "2026-03-02T13:24:00+0100",
        "2026-03-02T13:24:00Z ",
        "0001-01-01T00:00:00+23:00",
        "٢٠٢٦-03-02T13:24:00Z",
        "",
        1_772_457_840,
        None,
        True,
    ],
)
def test_another_instant_is_refused(value: object) -> None:
    with pytest.raises(GraphQLError):
        instant_of(value)


def test_an_instant_is_written_in_utc_with_milliseconds() -> None:
    summer = timezone(timedelta(hours=2))
    instant = datetime(2026, 3, 2, 15, 24, 0, 999_999, tzinfo=summer)
    assert instant_text(instant) == "2026-03-02T13:24:00.999Z"


def test_a_naive_instant_of_ours_is_a_bug() -> None:
    with pytest.raises(ValueError, match="zone"):
        instant_text(datetime(2026, 3, 2))  # noqa: DTZ001 — naive is the point


@pytest.mark.parametrize(
    ("text", "duration", "written"),
    [
        ("PT15M", timedelta(minutes=15), "PT15M"),
        ("PT1H", timedelta(hours=1), "PT1H"),
        ("-PT30S", -timedelta(seconds=30), "-PT30S"),
        ("PT0S", timedelta(0), "PT0S"),
        ("-PT0S", timedelta(0), "PT0S"),
        ("PT90M", timedelta(minutes=90), "PT1H30M"),
        ("P1D", timedelta(days=1), "PT24H"),
        ("P1W", timedelta(weeks=1), "PT168H"),
        ("P1DT2H3M4.5S", timedelta(days=1, seconds=7384.5), "PT26H3M4.5S"),
        ("PT0.001S", timedelta(milliseconds=1), "PT0.001S"),
        ("+PT1S", timedelta(seconds=1), "PT1S"),
    ],
)
def test_a_duration_is_read_and_written(text: str, duration: timedelta, written: str) -> None:
    assert duration_of(text) == duration
    assert duration_text(duration) == written


@pytest.mark.parametrize(
    "value",
    ["", "P", "PT", "P1", "1H", "PT1", "P1DT", "PT1H1", "P1Y", "P1M", "PT1.5H", "PT0.0001S",
     "PT1,5S", "PT-1S", "pt1s", "PT1S ", "PT99999999999S", 60, None, True],
)  # fmt: skip
def test_another_duration_is_refused(value: object) -> None:
    with pytest.raises(GraphQLError):
        duration_of(value)


@given(st.integers(-(10**13), 10**13))
def test_a_duration_of_milliseconds_survives(milliseconds: int) -> None:
    duration = timedelta(milliseconds=milliseconds)
    assert duration_of(duration_text(duration)) == duration


@given(st.datetimes(timezones=st.just(UTC)))
def test_an_instant_survives_to_the_millisecond(instant: datetime) -> None:
    whole = instant.replace(microsecond=instant.microsecond // 1000 * 1000)
    assert instant_of(instant_text(instant)) == whole


@pytest.mark.parametrize("value", ["x", "", 0, -1, 2**53 - 1, 1.5, True, None, [], ["a", "b"]])
def test_a_field_value_goes_in_and_out(value: object) -> None:
    assert field_value_of(value) == value
    assert field_value_shown(value) == value


@pytest.mark.parametrize(
    "value", [2**53, -(2**53), float("nan"), float("inf"), {}, {"a": 1}, [1], [None], [["a"]]]
)
def test_another_field_value_is_refused(value: object) -> None:
    with pytest.raises(GraphQLError):
        field_value_of(value)
    with pytest.raises(ValueError, match="value of a field"):
        field_value_shown(value)


@pytest.mark.parametrize("value", ["", "x" * 513, 1, None, ["x"]])
def test_another_cursor_is_refused(value: object) -> None:
    with pytest.raises(GraphQLError):
        cursor_of(value)


async def test_scalars_pass_through_the_graph(board: Board) -> None:
    query = """query($at: DateTime!, $of: Duration!, $given: FieldValue) {
        instant(at: $at) duration(of: $of) value(given: $given)
        literal: instant(at: "2026-03-02T14:24:00+01:00")
        list: value(given: ["a", "b"]) none: value(given: null)
    }"""
    variables = {"at": "2026-03-02T13:24:00Z", "of": "PT90M", "given": 1.5}
    async with knock(board) as client:
        answer = await post(client, {"query": query, "variables": variables})
        assert answer.json()["data"] == {
            "instant": "2026-03-02T13:24:00.000Z",
            "duration": "PT1H30M",
            "value": 1.5,
            "literal": "2026-03-02T13:24:00.000Z",
            "list": ["a", "b"],
            "none": None,
        }
        naive = {**variables, "at": "2026-03-02T13:24:00"}
        assert code(await post(client, {"query": query, "variables": naive})) == "BAD_INPUT"
        literal = await post(client, {"query": '{ instant(at: "2026-03-02") }'})
        assert code(literal) == "GRAPHQL_VALIDATION_FAILED"
