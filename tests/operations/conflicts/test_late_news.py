"""What is older than an open conflict does not move it (rule F1)."""

from models.reads.statement import rows
from operations.integrations.credentials import SetCredentials, set_credentials
from operations.sync.apply import apply_due
from tests.operations.conflicts.quarrel import Quarrel
from tests.postbox import ADDRESS, Letter, Postbox
from tests.web.door import SECRET, knocking
from tests.world import ADMIN, World


async def subscribed(world: World) -> Postbox:
    """Let Jira tell of everything from now on; return where its letters arrive."""
    ask = SetCredentials(integration_id=world.integration_id, values={"webhook_secret": SECRET})
    await set_credentials(world.runtime, ADMIN, ask)
    assert world.jira is not None
    box = Postbox()
    world.jira.webhook.install(f"{ADDRESS}/webhooks/jira/prod-jira", SECRET, http=box.http)
    return box


async def deliver(world: World, letter: Letter) -> None:
    """Bring a letter to the door, and merge it."""
    async with knocking(world.runtime, lambda: 0) as http:
        await letter.deliver(http)
    assert await apply_due(world.runtime) == 1


async def test_f1_a_change_that_is_told_too_late_leaves_the_conflict(calm: Quarrel) -> None:
    # given two edits there, of which the first one's delivery is lost, and one here
    world = calm.world
    assert world.jira is not None
    box = await subscribed(world)
    await calm.edit("p")
    for title in ("w", "x"):
        world.clock.move(seconds=2)
        world.jira.edit(calm.key, {"summary": title})
    await world.jira.webhook.send()
    _, last = box.take()
    await deliver(world, last)
    assert await calm.state() == ("OPEN", "p", "x", 1)

    # when the history tells of the first
    await calm.sync()

    # then it is kept, and the conflict is still about what the vendor holds
    (late,) = await rows("SELECT reason FROM edit WHERE after = $1", '"w"')
    assert late["reason"] == "STALE"
    assert await calm.state() == ("OPEN", "p", "x", 1)
    assert await calm.heard() == ["OPENED"]
