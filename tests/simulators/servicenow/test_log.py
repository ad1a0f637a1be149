from datetime import UTC, datetime
from itertools import pairwise

import pytest

from simulators.servicenow.log import Version, moment, read
from tests.simulators.servicenow.imported import IMPORTED


@pytest.fixture(scope="module")
def incidents() -> list[list[Version]]:
    return read()


def test_the_whole_log_is_read(incidents: list[list[Version]]) -> None:
    assert len(incidents) == 24_918
    assert sum(map(len, incidents)) == 141_712


def test_the_log_holds_this_many_changes(incidents: list[list[Version]]) -> None:
    changes = [
        sum(getattr(version.row, name) != getattr(version.before, name) for name in IMPORTED)
        for versions in incidents
        for version in versions
        if version.before is not None
    ]
    assert len(changes) == 116_794
    assert sum(changes) == 127_843
    assert sum(1 for count in changes if count) == 88_309


def test_versions_are_in_order_of_time_then_of_the_file(incidents: list[list[Version]]) -> None:
    for versions in incidents:
        keys = [(version.at, version.position) for version in versions]
        assert keys == sorted(keys)
        assert versions[0].before is None
        assert all(a.row is b.before for a, b in pairwise(versions))


def test_the_last_version_in_time_is_the_last_in_the_file(incidents: list[list[Version]]) -> None:
    for versions in incidents:
        assert versions[-1].position == max(version.position for version in versions)


def test_the_first_rows_are_whole_incidents(incidents: list[list[Version]]) -> None:
    first = read(rows=5_998)
    assert len(first) == 890
    assert [len(versions) for versions in first] == [len(v) for v in incidents[:890]]


def test_a_time_is_read_as_utc() -> None:
    assert moment("1/3/2016 09:52") == datetime(2016, 3, 1, 9, 52, tzinfo=UTC)
