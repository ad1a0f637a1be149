"""What the vendor's own history tells, and when."""

from datetime import timedelta

from tests.mirror import rows_of, told
from tests.world import World, count


async def test_a_change_made_between_a_page_and_its_history_still_reaches_the_record(
    world: World,
) -> None:
    # given a record that is edited after its page was read, before its history is
    servicenow = world.servicenow
    number = servicenow.create({"short_description": "It is broken", "category": "a"})["number"]
    await world.sync()
    servicenow.edit(number, {"impact": "1"})
    edits = iter([{"category": "b"}])

    def edit(*_: object) -> None:
        for fields in edits:
            world.clock.move(seconds=1)
            servicenow.edit(number, fields)

    servicenow.hooks.after_page = edit

    # when the history that was read ahead is followed by the record itself
    await world.sync()
    assert (await rows_of("incident"))[0]["extra"]["category"] == "a"
    await world.sync()

    # then the record has the value, and the change was told once
    assert (await rows_of("incident"))[0]["extra"]["category"] == "b"
    ids = [edit for _, _, edits in await told() for edit in edits]
    assert len(ids) == len(set(ids)) == await count("edit")


async def test_changes_made_after_the_vendors_clock_stepped_back_are_mirrored_and_told(
    world: World,
) -> None:
    # given a mirrored record, and a vendor whose clock is put back by ten minutes
    servicenow = world.servicenow
    number = servicenow.create({"short_description": "It is broken", "category": "a"})["number"]
    await world.sync()
    await world.sync()
    servicenow.switches.skew = timedelta(minutes=-10)

    # when it is edited twice under stamps that are long mirrored
    for category in "bc":
        world.clock.move(seconds=60)
        servicenow.edit(number, {"category": category})
    for _ in range(2):
        world.clock.move(seconds=60)
        await world.sync()

    # then both changes are there
    assert (await rows_of("incident"))[0]["extra"]["category"] == "c"
    edits = sorted(await rows_of("edit"), key=lambda row: int(row["at"]))
    assert [(edit["before"], edit["after"]) for edit in edits] == [("a", "b"), ("b", "c")]
