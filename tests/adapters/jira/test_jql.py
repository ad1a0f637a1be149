from datetime import UTC, datetime, timedelta, timezone

import pytest

from adapters.jira import jql
from simulators.jira.jql import Clause, parse


@pytest.mark.parametrize(
    "name", ["OPS", '"', "\\", 'x" OR project = "y', "a\nb", '\\" OR key > "', "事件"]
)
def test_a_value_cannot_leave_its_quotes(name: str) -> None:
    where = parse(jql.query([jql.one_of("project", [name])], "key ASC")).where

    assert isinstance(where, Clause)
    assert [value.text for value in where.values] == [name.replace("\n", " ")]


def test_times_are_milliseconds_since_the_epoch_whatever_their_zone() -> None:
    at = datetime(2026, 1, 2, 4, 4, 5, 678_900, tzinfo=timezone(timedelta(hours=1)))

    assert jql.updated_from(at) == "updated >= 1767323045678"
    assert jql.updated_from(None) == "updated >= 0"
    assert jql.whole_minute(at) == datetime(2026, 1, 2, 3, 4, tzinfo=UTC)


def test_conditions_that_there_are_not_leave_no_trace() -> None:
    assert jql.query([jql.one_of("project", []), "key > 1"], "key ASC") == (
        "key > 1 ORDER BY key ASC"
    )
