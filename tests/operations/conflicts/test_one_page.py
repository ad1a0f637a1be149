"""Conflicts that begin and end in what one page tells (rules F1, F4)."""

from models.coding import loads
from models.reads.statement import rows
from tests.operations.conflicts.quarrel import Quarrel


async def tell(quarrel: Quarrel, *titles: str, apart: float = 1) -> None:
    """Let a person at the vendor edit the title again and again, and hear of all of it at once.

    apart: seconds between the edits.
    """
    assert quarrel.world.jira is not None
    for title in titles:
        quarrel.world.clock.move(seconds=apart)
        quarrel.world.jira.edit(quarrel.key, {"summary": title})
    await quarrel.sync()


async def conflicts() -> list[tuple[str, str, str]]:
    """Return status and both values of all conflicts, the oldest first."""
    found = await rows("SELECT * FROM conflict ORDER BY number")
    return [
        (row["status"], loads(row["platform_value"]), loads(row["external_value"])) for row in found
    ]


async def test_one_that_is_opened_and_overtaken_is_kept_as_superseded(calm: Quarrel) -> None:
    await calm.edit("p")

    await tell(calm, "x", "p")

    assert await conflicts() == [("SUPERSEDED", "p", "p")]
    found = await calm.conflict()
    assert (found["open_slot"], found["resolved_by"]) == (None, "sync")
    assert found["resolved_at"] == found["detected_at"]
    assert await calm.heard() == ["SUPERSEDED"]
    assert await calm.figures() == {"conflicts_detected": 1}
    # and the field is free: what either side says next goes to the other
    await calm.told("y")
    assert (await calm.title())[0] == "y"
    assert await conflicts() == [("SUPERSEDED", "p", "p")]


async def test_one_that_is_opened_takes_up_what_the_vendor_says_next(calm: Quarrel) -> None:
    await calm.edit("p")

    await tell(calm, "x", "y")

    assert await calm.state() == ("OPEN", "p", "y", 2)
    assert await calm.heard() == ["OPENED"]
    assert await calm.figures() == {"conflicts_detected": 1}
    # and is the one that goes along from then on
    await calm.told("z")
    assert await calm.state() == ("OPEN", "p", "z", 3)
    assert await calm.heard() == ["OPENED", "UPDATED"]


async def test_one_that_has_ended_leaves_its_place_to_another(quarrel: Quarrel) -> None:
    # given a vendor that says the same as we, and at the same moment something else
    await tell(quarrel, "p", "z", apart=0)

    # then the first conflict has ended, and the second is open
    assert await conflicts() == [("SUPERSEDED", "p", "p"), ("OPEN", "p", "z")]
    assert await quarrel.heard() == ["OPENED", "SUPERSEDED", "OPENED"]
    # and it is the second that goes along
    await quarrel.told("q")
    assert await conflicts() == [("SUPERSEDED", "p", "p"), ("OPEN", "p", "q")]
