"""Direction and owner say what goes out and what comes in (rules O, table)."""

from typing import Final

import pytest

from domain.records import Direction, MergeReason, Owner
from models.reads.statement import rows
from models.tables.integration import IntegrationRow
from tests.operations.push.pair import Pair

NONE, OUT, IN, BOTH = (
    Direction.NONE,
    Direction.OUTBOUND,
    Direction.INBOUND,
    Direction.BIDIRECTIONAL,
)
PLATFORM, EXTERNAL, SHARED = Owner.PLATFORM, Owner.EXTERNAL, None
NOT_SENT, THEIRS_ALONE = "NOT_SENT", "OWNED_EXTERNALLY"
IGNORED, REFUSED = MergeReason.DIRECTION, MergeReason.OWNER_PLATFORM
TAKEN = MergeReason.NEWER
# By owner: our name, our value, and the vendor's column.
FIELDS: Final = {
    PLATFORM: ("title", "p", "short_description"),
    EXTERNAL: ("assignee", "Dana", "assigned_to"),
    SHARED: ("status", "ON_HOLD", "state"),
}


@pytest.mark.parametrize(
    ("direction", "owner", "warning", "reason"),
    [
        (NONE, SHARED, NOT_SENT, IGNORED),
        (NONE, PLATFORM, NOT_SENT, IGNORED),
        (NONE, EXTERNAL, NOT_SENT, IGNORED),
        (OUT, SHARED, None, IGNORED),
        (OUT, PLATFORM, None, IGNORED),
        (OUT, EXTERNAL, THEIRS_ALONE, IGNORED),
        (IN, SHARED, NOT_SENT, TAKEN),
        (IN, PLATFORM, NOT_SENT, REFUSED),
        (IN, EXTERNAL, NOT_SENT, TAKEN),
        (BOTH, SHARED, None, TAKEN),
        (BOTH, PLATFORM, None, REFUSED),
        (BOTH, EXTERNAL, THEIRS_ALONE, MergeReason.OWNER_EXTERNAL),
    ],
)
async def test_an_edit_here_and_a_later_one_there(
    pair: Pair,
    direction: Direction,
    owner: Owner | None,
    warning: str | None,
    reason: MergeReason,
) -> None:
    world, (field, ours, column) = pair.world, FIELDS[owner]
    await IntegrationRow.all().update(direction=direction)
    before = pair.theirs[column]

    # when a person edits here
    result = await pair.edit(**{field: ours})
    assert [one.code for one in result.warnings] == ([] if warning is None else [warning])
    assert await pair.push() == (1 if warning is None else 0)
    assert (pair.theirs[column] == before) is (warning is not None)
    world.clock.move(seconds=5)
    await world.sync()
    assert (await pair.ours())[field] == ours

    # and another there, a minute later
    world.clock.move(seconds=60)
    person = world.servicenow.reference("sys_user", "Resolver 13")
    told = {"short_description": "x", "assigned_to": person, "state": "2"}[column]
    world.servicenow.edit(pair.number, {column: told})
    world.clock.move(seconds=5)
    await world.sync()

    # then it is taken or not, kept with its reason, and nothing goes back
    is_taken = reason in (TAKEN, MergeReason.OWNER_EXTERNAL)
    theirs = {"title": "x", "assignee": "Resolver 13", "status": "IN_PROGRESS"}[field]
    assert (await pair.ours())[field] == (theirs if is_taken else ours)
    (edit,) = await rows("SELECT * FROM edit WHERE field = $1 AND after = $2", field, f'"{theirs}"')
    assert (edit["reason"], bool(edit["accepted"])) == (reason, is_taken)
    assert await pair.push() == 0
    assert await rows("SELECT id FROM conflict") == []
