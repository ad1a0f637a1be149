"""The page on sending alerts does what it says."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

import pytest

from adapters.channels.registry import CHANNELS, opened
from adapters.channels.webhook import Webhook
from adapters.channels.webhook import document as told_as
from domain.sla.terms import AlertLevel
from domain.sync.retry import DELAYS, MOST_FAILURES
from im.settings import SECRETS, read
from tests.adapters.channels.telling import CHANGES, NOTICE, REFUSED, Receiver, notices, way
from tests.docs.documents import ROOT, blocks

_PAGE: Final = ROOT / "docs" / "how-to" / "send-alerts.md"


def _texts(language: str) -> list[str]:
    return [block.text for block in blocks(_PAGE) if block.language == language]


def _run(text: str) -> Mapping[str, Any]:
    """Return the names that a block of Python makes."""
    names: dict[str, Any] = {}
    exec(compile(text, _PAGE.name, "exec"), names)  # noqa: S102 — a page of ours
    return names


async def test_the_settings_of_the_page_open_all_channels() -> None:
    settings = read({}, "".join(_texts("ini")))
    texts = {
        name: getattr(settings, name).reveal()
        for kind in CHANNELS.values()
        for name in kind.settings
    }
    assert {name.upper() for name in texts} <= set(SECRETS)
    channels = opened(way(**texts))
    assert channels.keys() == CHANNELS.keys()
    for channel in channels.values():
        await channel.close()


def test_the_channels_that_the_page_names_are_those_that_there_are() -> None:
    policy, *_ = _texts("")
    levels = dict(re.findall(r"^  (\w+): \[(.*)\]$", policy, re.MULTILINE))
    assert levels.keys() == set(AlertLevel)
    assert {name for names in levels.values() for name in names.split(", ")} == CHANNELS.keys()


def test_the_bodies_are_those_of_the_page() -> None:
    shown, of_policy = _texts("json")
    assert json.loads(of_policy) == told_as(REFUSED)
    told = told_as(replace(NOTICE, during=CHANGES))
    told["data"]["alertId"], told["data"]["subject"]["id"] = "QWxlcnQ6MDFB", "VGlja2V0OjAxVA=="
    assert json.loads(shown) == told


async def test_the_pages_receiver_knows_what_is_genuine(monkeypatch: pytest.MonkeyPatch) -> None:
    verifying, _ = _texts("python")
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 — the page's
    receiver = Receiver()
    await Webhook(
        way(receiver, alert_webhook_url="https://a.example.com/", alert_webhook_secret=secret)
    ).send([NOTICE])
    ((request, body),) = receiver.requests
    names = _run(verifying)
    sent_at = datetime(2026, 3, 2, 14, tzinfo=UTC).timestamp()
    for late, is_genuine in ((0, True), (299, True), (301, False)):
        monkeypatch.setattr(names["time"], "time", lambda late=late: sent_at + late)
        assert names["is_genuine"](secret, request.headers, body) is is_genuine
    monkeypatch.setattr(names["time"], "time", lambda: sent_at)
    assert not names["is_genuine"](secret, request.headers, body + b" ")


async def test_the_pages_channel_sends() -> None:
    _, example = _texts("python")
    kind = _run(example)["MATTERMOST"]
    receiver = Receiver()
    channel = kind.open(way(receiver, mattermost_url="https://chat.example.com/hooks/x"))
    assert await channel.send(notices(channel.most)) is None
    ((_, body),) = receiver.requests
    assert json.loads(body)["text"].count("HELP-17 I cannot pay") == channel.most
    receiver.status = 500
    assert await channel.send(notices(1)) is not None
    await channel.close()


def test_the_waits_are_those_of_the_page() -> None:
    seconds = [int(delay.total_seconds()) for delay in DELAYS]
    assert (seconds, MOST_FAILURES) == ([0, 30, 120, 480, 1_800], 5)
    assert "30 s later, then 2, 8 and 30 min" in _PAGE.read_text()
