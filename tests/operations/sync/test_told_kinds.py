"""Of kinds without a history only the state is kept, whatever a delivery tells beside it."""

from models.reads.statement import rows
from tests.operations.sync.mailed import Mailed, states
from tests.world import World


async def test_a_change_that_is_told_with_its_history_is_mirrored_without(world: World) -> None:
    mailed = Mailed(world=world)
    await mailed.subscribe()
    made = world.servicenow.create({"short_description": "Patch"}, table="change_request")
    world.servicenow.edit(made["number"], {"short_description": "Patch it"}, table="change_request")
    world.servicenow.note(made["number"], "Begun", table="change_request")
    letters = await mailed.letters()
    assert any(b'"newvalue":"Patch it"' in letter.body for letter in letters)

    await mailed.deliver(letters)

    assert set(await states()) == {"DONE"}
    assert [row["title"] for row in await rows("SELECT title FROM change")] == ["Patch it"]
