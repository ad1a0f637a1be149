"""What a comparison writes over at the vendor is kept, with the reason (rule M13)."""

from domain.records import Direction
from models.reads.statement import rows
from models.tables.integration import IntegrationRow
from tests.operations.reconcile.drifting import Drifting
from tests.world import count


async def test_what_the_platform_replaces_is_an_edit_that_was_refused(drifting: Drifting) -> None:
    drifting.there(1, short_description="x")
    plan = await drifting.plan()
    await drifting.plan(plan_hash=plan["hash"])
    assert await drifting.push() == 1
    assert drifting.theirs(1)["short_description"] == "a1"
    (edit,) = await rows("SELECT * FROM edit WHERE field = 'title'")
    assert (edit["source"], edit["reason"], edit["after"], bool(edit["accepted"])) == (
        "RECONCILE",
        "OWNER_PLATFORM",
        '"x"',
        False,
    )


async def test_so_is_what_the_direction_replaces(drifting: Drifting) -> None:
    await IntegrationRow.all().update(direction=Direction.OUTBOUND)
    drifting.there(1, state="2")
    plan = await drifting.plan()
    await drifting.plan(plan_hash=plan["hash"])
    (edit,) = await rows("SELECT reason, accepted FROM edit WHERE field = 'status'")
    assert (edit["reason"], bool(edit["accepted"])) == ("DIRECTION", False)


async def test_what_only_we_have_changed_is_sent_and_is_no_edit_there(drifting: Drifting) -> None:
    await drifting.here(1, title="y")
    plan = await drifting.plan()
    await drifting.plan(plan_hash=plan["hash"])
    assert await drifting.push() == 1
    assert drifting.theirs(1)["short_description"] == "y"
    assert await count("edit") == 0
