"""Which channels are open, by what is set."""

import pytest

from adapters.channels.registry import CHANNELS, absence, opened
from tests.adapters.channels.telling import way

ALL = {
    "slack_webhook_url": "https://hooks.example.com/canary",
    "alert_webhook_url": "https://alerts.example.com/canary",
    "alert_webhook_secret": "canary, and long enough",
    "smtp_url": "smtp://canary@mail.example.com",
    "alert_email_from": "canary@example.com",
    "alert_email_to": "canary@example.com",
}


async def test_a_channel_is_open_when_all_that_it_needs_is_set() -> None:
    assert opened(way()) == {}
    channels = opened(way(**ALL))
    assert channels.keys() == CHANNELS.keys() == {"email", "slack", "webhook"}
    for channel in channels.values():
        await channel.close()
    assert opened(way(slack_webhook_url=ALL["slack_webhook_url"])).keys() == {"slack"}


@pytest.mark.parametrize("name", [name for name in ALL if name != "slack_webhook_url"])
def test_a_channel_that_is_set_in_part_is_refused_by_name(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name.upper()} is not set: the channel") as refused:
        opened(way(**(ALL | {name: ""})))
    assert "canary" not in str(refused.value)


def test_a_channel_that_is_not_there_is_told_with_what_to_do() -> None:
    assert absence("email") == (
        "the channel email is not set; set SMTP_URL, ALERT_EMAIL_FROM and ALERT_EMAIL_TO,"
        " or take it out of the policy"
    )
    assert absence("pager") == (
        "no channel is called pager; name one of email, slack, webhook in the policy"
    )


def test_the_way_out_does_not_show_what_opens_it() -> None:
    assert "canary" not in repr(way(**ALL))
