"""The simulated Slack takes what Slack takes, and refuses as it does."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from simulators.slack.instance import Slack
from tests.simulators.conftest import Clock
from tests.simulators.running import running
from tests.simulators.told import told

TOKEN = "open-sesame"  # noqa: S105 — of a simulator


@pytest.fixture
def slack(clock: Clock) -> Slack:
    return Slack(now=clock, token=TOKEN)


@pytest.fixture
async def http(slack: Slack) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=slack.app),
        base_url="http://slack",
        headers={"Authorization": f"Bearer {TOKEN}"},
    ) as client:
        yield client


def _text(length: int, kind: str = "mrkdwn") -> dict[str, Any]:
    return {"type": kind, "text": "x" * length}


def _section(length: int) -> dict[str, Any]:
    return {"type": "section", "text": _text(length)}


def _button(**more: object) -> dict[str, Any]:
    return {"type": "button", "text": _text(5, "plain_text"), **more}


def _actions(*elements: object) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements)}


GOOD: list[Any] = [
    [{"type": "header", "text": _text(150, "plain_text")}],
    [_section(3_000)],
    [{"type": "section", "fields": [_text(900)] * 10}],
    [{"type": "context", "elements": [_text(9)] * 10}, {"type": "divider"}],
    [_actions(*(_button(action_id=f"a{number}", url="https://x/y") for number in range(25)))],
    [_section(200)] * 50,
]
BAD: list[Any] = [
    {},
    [],
    [_section(10)] * 51,
    [_section(3_000)] * 5,
    [{"type": "banner"}],
    [{"type": "header", "text": _text(151, "plain_text")}],
    [{"type": "header", "text": _text(5)}],
    [_section(3_001)],
    [_section(0)],
    [{"type": "section"}],
    [{**_section(5), "colour": "red"}],
    [{"type": "section", "fields": [_text(5)] * 11}],
    [{"type": "section", "fields": [_text(2_001)]}],
    [{"type": "context", "elements": []}],
    [_actions(*[_button()] * 26)],
    [_actions(_button(action_id="a"), _button(action_id="a"))],
    [_actions({"type": "button", "text": _text(76, "plain_text")})],
    [_actions(_button(url="https://x/" + "y" * 3_000))],
    [_actions(_button(url="javascript:alert(1)"))],
    [{**_section(5), "block_id": "a"}, {**_section(5), "block_id": "a"}],
]


@pytest.mark.parametrize("blocks", GOOD, ids=range(len(GOOD)))
async def test_blocks_within_the_limits_are_taken(
    slack: Slack, http: httpx.AsyncClient, blocks: object
) -> None:
    answer = await http.post(slack.path, json={"text": "t", "blocks": blocks})
    assert (answer.status_code, answer.text) == (200, "ok")
    assert [message.blocks for message in slack.channel.messages] == [blocks]


@pytest.mark.parametrize("blocks", BAD, ids=range(len(BAD)))
async def test_blocks_beyond_a_limit_are_refused(
    slack: Slack, http: httpx.AsyncClient, blocks: object
) -> None:
    answer = await http.post(slack.path, json={"text": "t", "blocks": blocks})
    assert answer.status_code == 400
    assert answer.text.startswith("invalid_blocks: ")
    assert slack.channel.count == 0


async def test_it_refuses_in_slacks_words(slack: Slack, http: httpx.AsyncClient) -> None:
    async def said(path: str = slack.path, content: str = '{"text":"t"}') -> tuple[int, str]:
        slack.switches.rate_limit = None
        answer = await http.post(path, content=content)
        return answer.status_code, answer.text

    assert await said(f"{slack.path}x") == (403, "invalid_token")
    assert await said(content="payload") == (400, "invalid_payload")
    assert await said(content="{}") == (400, "no_text")
    assert await said(content='{"text":"t","metadata":[]}') == (400, "invalid_metadata_format")
    await told(http, "revoke")
    assert await said() == (404, "no_service")
    await told(http, "restore")
    assert await said() == (200, "ok")


async def test_a_second_message_within_a_second_is_told_when_to_come_back(
    slack: Slack, http: httpx.AsyncClient, clock: Clock
) -> None:
    first, second = [await http.post(slack.path, json={"text": "t"}) for _ in range(2)]
    assert (first.status_code, second.status_code, second.text) == (200, 429, "rate_limited")
    assert second.headers["Retry-After"] == "1"
    clock.move(seconds=1)
    assert (await http.post(slack.path, json={"text": "t"})).status_code == 200
    await told(http, "misfortunes", faults=[{"kind": "throttled", "detail": "30"}])
    clock.move(seconds=1)
    assert (await http.post(slack.path, json={"text": "t"})).headers["Retry-After"] == "30"


async def test_what_has_arrived_is_shown_and_counted_by_id(
    slack: Slack, http: httpx.AsyncClient
) -> None:
    await told(http, "limit")
    blocks = [
        {"type": "section", "text": {"type": "mrkdwn", "text": "<https://x/?a=1|T-1> &lt;b&gt;"}},
        {"type": "section", "fields": [{"type": "mrkdwn", "text": "*Clock*\nRESPONSE"}]},
        _actions(_button(url='https://x/"')),
    ]
    metadata = {"event_type": "alerts", "event_payload": {"ids": ["a", "b"]}}
    for _ in range(2):
        await http.post(slack.path, json={"text": "t", "blocks": blocks, "metadata": metadata})
    assert await told(http, "counts") == {"a": 2, "b": 2}
    assert [one["ids"] for one in await told(http, "messages")] == [["a", "b"]] * 2
    shown = (await http.get(slack.path)).text
    assert shown == (await http.get("/")).text
    assert '<a href="https://x/?a=1">T-1</a> &lt;b&gt;' in shown
    assert "<b>Clock</b><br>RESPONSE" in shown
    assert 'href="https://x/&quot;"' in shown
    assert "2 messages, 2 alerts, 2 of them more than once" in shown


def test_it_is_run_by_itself() -> None:
    with running("slack", "--token", TOKEN, "--die-with-stdin") as (_, said):
        assert said["vendor"] == "slack"
        assert said["url"].endswith(f"/{TOKEN}")
        assert httpx.post(said["url"], json={"text": "t"}).text == "ok"
