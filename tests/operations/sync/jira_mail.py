"""What a mirrored Jira tells by itself, for a test to deliver."""

from operations.integrations.credentials import SetCredentials, set_credentials
from operations.sync.apply import apply_due
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
