from datetime import UTC, datetime

import pytest

from adapters.servicenow.keyset import Position, Walk, stored
from tests.adapters.servicenow.translating import ROW

AT = datetime(2026, 3, 2, 13, 24, tzinfo=UTC)


def test_a_walk_repeats_its_condition_in_both_halves() -> None:
    walk = Walk(time="sys_created_on", condition="tablename=incident", since=AT)
    order = "ORDERBYsys_created_on^ORDERBYsys_id"

    assert walk.query(Position()) == (
        f"tablename=incident^sys_created_on>=2026-03-02 13:24:00^{order}"
    )
    assert walk.query(Position(after=(AT, "a1"), offset=500)) == (
        "tablename=incident^sys_created_on=2026-03-02 13:24:00^sys_id>a1"
        f"^NQtablename=incident^sys_created_on>2026-03-02 13:24:00^{order}"
    )
    assert Walk(time="sys_created_on").query(Position()) == order


@pytest.mark.parametrize(
    "position", [Position(), Position(offset=500), Position(after=(AT, "a1"), offset=25)]
)
def test_a_position_survives_storage(position: Position) -> None:
    assert stored(position.text()) == position


def test_a_walk_that_goes_nowhere_is_refused() -> None:
    walk, row = Walk(time="sys_updated_on"), ROW | {"sys_id": "b1"}

    with pytest.raises(ValueError, match="not ordered"):
        walk.behind([row], Position(after=(AT, "b1")), 1)
    assert walk.behind([row, {}], Position(after=(AT, "a1")), 2) == Position(after=(AT, "b1"))
    assert walk.behind([{}], Position(after=(AT, "a1"), offset=2), 2) == Position(
        after=(AT, "a1"), offset=4
    )
