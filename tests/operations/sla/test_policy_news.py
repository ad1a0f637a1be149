"""A policy file that is refused reaches people, and so does that it is good again."""

import pytest

from models.coding import loads
from models.reads.notification import policy_notifications
from tests.operations.sla.speaking import Speaking, notifications, states
from tests.operations.sla.watched import POLICY, Watched

TORN = POLICY[:200]
STRICTER = POLICY.replace("alert_at: 0.85", "alert_at: 0.5")


@pytest.fixture
def speaking(watched: Watched) -> Speaking:
    return Speaking(watched=watched)


async def test_a_refused_file_is_told_through_all_channels_that_the_policy_names(
    speaking: Speaking,
) -> None:
    await speaking.watched.go_by(TORN)
    assert "notify" in speaking.watched.world.hints
    assert await states() == [("email", "READY", 0), ("slack", "READY", 0)]

    # a channel that is not set ends as it does for alerts
    assert await speaking.tell() == 1
    assert await states() == [("email", "DEAD", 0), ("slack", "DONE", 0)]
    (message,) = speaking.slack.channel.messages
    assert message.text.startswith("Service levels refused: ")
    assert "line 11, column 1: " in message.text
    assert "Still in force: version " in message.text


async def test_it_is_told_once_whoever_looks_and_anew_for_another_fault(
    speaking: Speaking,
) -> None:
    for _ in range(3):
        await speaking.watched.go_by(TORN)
    assert len(await notifications()) == 2
    await speaking.watched.go_by(POLICY.replace("alert_at: 0.85", "alert_at: many"))
    news = [loads(row["policy_news"])["fault"] for row in await notifications()]
    assert len(news) == 4
    assert len(set(news)) == 2


@pytest.mark.parametrize("good", [POLICY, STRICTER])
async def test_that_it_is_good_again_is_told_whatever_it_says_now(
    speaking: Speaking, good: str
) -> None:
    await speaking.watched.go_by(TORN)
    await speaking.tell()
    speaking.watched.clock.move(minutes=3)
    await speaking.watched.go_by(good)
    await speaking.tell()
    refused, mended = speaking.slack.channel.messages
    assert refused.text.startswith("Service levels refused: ")
    assert mended.text.startswith("Service levels good again: ")
    (_, last) = await policy_notifications()
    assert (last.channel, last.state, [last.id]) == ("slack", "DONE", list(mended.ids))


async def test_a_file_that_was_never_refused_is_told_to_nobody(speaking: Speaking) -> None:
    await speaking.watched.go_by(STRICTER)
    await speaking.watched.go_by("# the same\n" + STRICTER)
    assert await notifications() == []
    assert await policy_notifications() == []


async def test_it_goes_out_beside_alerts_in_one_digest(speaking: Speaking) -> None:
    await speaking.raise_alerts()
    await speaking.watched.go_by(TORN)
    assert await speaking.tell() == 2
    (message,) = speaking.slack.channel.messages
    assert message.text == "2 alerts"
    lines = message.blocks[1]["text"]["text"].splitlines()
    assert lines[0].startswith("• *ALERT* ")
    assert lines[1].startswith("• *Service levels refused* line 11")


async def test_it_is_tried_again_where_the_channel_is_away(speaking: Speaking) -> None:
    await speaking.watched.go_by(TORN)
    speaking.use(slack_webhook_url="https://canary.example.com/services/none")
    assert await speaking.tell() == 0
    (_, slack) = await notifications()
    assert (slack["state"], slack["alert_id"]) == ("DEAD", None)
    (_, shown) = await policy_notifications()
    assert shown.error
