"""Channels by their settings, as processes open them at their start."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from im.address import local_url
from im.channels import channels_of
from im.processes.run import servers
from im.refusal import StartRefusedError
from im.settings import read

HOOK = "https://hooks.example.com/services/canary"


def _opened(**settings: str) -> set[str]:
    now = datetime(2026, 3, 2, tzinfo=UTC)
    getting = partial(getattr, read(settings))
    return set(channels_of(getting, now=lambda: now, deadline=timedelta(seconds=1)))


def test_what_is_set_is_open() -> None:
    assert _opened() == set()
    assert _opened(SLACK_WEBHOOK_URL=HOOK) == {"slack"}


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"ALERT_WEBHOOK_URL": HOOK}, "ALERT_WEBHOOK_SECRET is not set: the channel webhook needs"),
        ({"SMTP_URL": "canary"}, "ALERT_EMAIL_FROM, ALERT_EMAIL_TO is not set: the channel email"),
        (
            {"ALERT_WEBHOOK_URL": HOOK, "ALERT_WEBHOOK_SECRET": "canary"},
            "ALERT_WEBHOOK_SECRET must be 16 characters or more",
        ),
    ],
)
def test_a_start_with_half_a_channel_is_refused_and_shows_no_value(
    settings: dict[str, str], told: str
) -> None:
    with pytest.raises(StartRefusedError, match=told) as refused:
        _opened(**settings)
    assert "canary" not in str(refused.value)


def test_children_get_what_was_read_from_files_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_WEBHOOK_URL_FILE", "/run/secrets/slack")
    monkeypatch.setenv("REDIS_URL_FILE", "/run/secrets/redis")
    settings = read({"SLACK_WEBHOOK_URL": HOOK, "REDIS_URL": "redis://h"})
    for program in servers(settings, socket=0, local_vendors=False):
        assert program.env is not None
        child = read(program.env)
        assert child.slack_webhook_url == settings.slack_webhook_url
        assert child.redis_url == settings.redis_url


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("0.0.0.0", "http://127.0.0.1:80"),  # noqa: S104 — read, not bound
        ("::", "http://[::1]:80"),
        ("wp.example.com", "http://wp.example.com:80"),
    ],
)
def test_links_lead_to_an_address_that_can_be_opened(host: str, url: str) -> None:
    assert local_url(host, 80) == url
