"""People are told which changes were under way when an alert's level was reached."""

from models.tables.ticket import TicketRow
from tests import given
from tests.operations.sla.speaking import Speaking
from tests.operations.sla.watched import Watched, at


async def test_x24_an_alert_names_the_change_that_was_under_way(watched: Watched) -> None:
    # given an alert about a service that is being changed
    speaking = Speaking(watched=watched)
    await speaking.raise_alerts()
    shop = await given.service("Web Shop")
    await given.affects(await TicketRow.get(source_id="T-1"), shop)
    change = await given.change(number="CHG1", starts_at=at("13:00"), ends_at=at("14:00"))
    await given.affects(change, shop)

    # when people are told
    assert await speaking.tell() == 1

    # then they read of the change
    (message,) = speaking.slack.channel.messages
    assert "During the change CHG1 Replace a disk, until 2026-03-02 14:00 UTC" in str(
        message.blocks
    )
