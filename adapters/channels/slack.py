"""Slack, by an incoming webhook: blocks, at most one message a second."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from html import escape
from typing import Any, Final

from adapters.channels.contract import (
    AlertNotice,
    ChannelKind,
    Maintenance,
    Notice,
    PolicyNotice,
    Way,
)
from adapters.channels.post import Post
from adapters.channels.wording import (
    heading,
    in_force,
    left,
    line,
    summary,
    used,
    window,
)
from adapters.exchange import Failed

Block = dict[str, Any]

# Slack takes 50 blocks of 3,000 characters, but some 13,000 characters of all together.
_MOST: Final = 25
_SECTION_LINES: Final = 5
_PAUSE: Final = timedelta(seconds=1)
_LONGEST_TEXT: Final = 1_000
_LONGEST_TITLE: Final = 250
_LONGEST_IN_DIGEST: Final = 60
_LONGEST_NUMBER: Final = 40
# More of them than these tell nothing more.
_MOST_CHANGES: Final = 5


class Slack:
    """A channel of Slack. Several alerts that wait at once are one digest."""

    most: Final = _MOST
    pause: Final = _PAUSE

    def __init__(self, way: Way) -> None:
        """Open nothing yet."""
        self._post = Post(way.settings["slack_webhook_url"], way)

    async def send(self, notices: Sequence[Notice]) -> Failed | None:
        """Tell of alerts in one message."""
        return await self._post.send(json.dumps(message(notices)).encode(), {})

    async def close(self) -> None:
        """Let go of the connections."""
        await self._post.close()


def message(notices: Sequence[Notice]) -> dict[str, Any]:
    """Return what is sent: blocks, a text for where there is no room, and our ids."""
    first, *others = notices
    return {
        "text": f"{len(notices)} alerts" if others else _escaped(summary(first), _LONGEST_TEXT),
        "blocks": _digest(notices) if others else _blocks(first),
        "metadata": {
            "event_type": "watchpane_alerts",
            "event_payload": {"ids": [notice.id for notice in notices]},
        },
        "unfurl_links": False,
    }


def _blocks(notice: Notice) -> list[Block]:
    if isinstance(notice, PolicyNotice):
        return _of_policy(notice)
    fields = {
        "Priority": notice.priority,
        "Clock": notice.clock,
        "Used": used(notice),
        "Time": left(notice),
        "Escalation": str(notice.escalation_level),
    }
    if notice.breach_at is not None:
        fields["Target"] = _instant(notice.breach_at)
    title = _escaped(notice.title, _LONGEST_TITLE)
    return [
        _header(f"{notice.level}: {line(notice.number, _LONGEST_NUMBER)}"),
        {"type": "section", "text": _words(f"{_link(notice)} {title}")},
        {
            "type": "section",
            "fields": [_words(f"*{name}*\n{text}") for name, text in fields.items()],
        },
        *([_during(notice.during)] if notice.during else []),
        {
            "type": "actions",
            "elements": [
                _button("Open", notice.link),
                _button("Acknowledge", notice.acknowledge),
            ],
        },
        {
            "type": "context",
            "elements": [_words(f"Raised {_instant(notice.raised_at)} as {notice.id}")],
        },
    ]


def _of_policy(notice: PolicyNotice) -> list[Block]:
    what = _escaped(notice.path, _LONGEST_TITLE)
    if notice.fault:
        what = f"{what}\n{_escaped(notice.fault, _LONGEST_TEXT)}"
    return [
        _header(heading(notice)),
        {"type": "section", "text": _words(what)},
        {"type": "section", "text": _words(in_force(notice))},
        {"type": "actions", "elements": [_button("Open", notice.link)]},
        {
            "type": "context",
            "elements": [_words(f"Found {_instant(notice.at)}, told as {notice.id}")],
        },
    ]


def _during(changes: Sequence[Maintenance]) -> Block:
    lines = [f"During the change {_escaped(window(one), _LONGEST_TITLE)}" for one in changes]
    rest = len(lines) - _MOST_CHANGES
    told = lines[:_MOST_CHANGES] + ([f"and {rest} more"] if rest > 0 else [])
    return {"type": "context", "elements": [_words("\n".join(told))]}


def _digest(notices: Sequence[Notice]) -> list[Block]:
    lines = [_in_digest(notice) for notice in notices]
    parts = [lines[at : at + _SECTION_LINES] for at in range(0, len(lines), _SECTION_LINES)]
    return [
        _header(f"{len(notices)} alerts"),
        *({"type": "section", "text": _words("\n".join(part))} for part in parts),
    ]


def _in_digest(notice: Notice) -> str:
    if isinstance(notice, PolicyNotice):
        fault = f" {_escaped(notice.fault, _LONGEST_TITLE)}" if notice.fault else ""
        return f"• *{heading(notice)}*{fault}"
    return (
        f"• *{notice.level}* {_link(notice)} "
        f"{_escaped(notice.title, _LONGEST_IN_DIGEST)} ({notice.priority}), "
        f"{notice.clock}, {left(notice)}{_named(notice.during)}, "
        f"<{notice.acknowledge}|acknowledge>"
    )


def _named(changes: Sequence[Maintenance]) -> str:
    """Return the first of the changes, for where there is no room for more."""
    return f", during {_escaped(changes[0].number, _LONGEST_NUMBER)}" if changes else ""


def _header(text: str) -> Block:
    return {"type": "header", "text": {"type": "plain_text", "text": text}}


def _words(text: str) -> Block:
    return {"type": "mrkdwn", "text": text}


def _button(text: str, url: str) -> Block:
    return {
        "type": "button",
        "text": {"type": "plain_text", "text": text},
        "url": url,
        "action_id": text.lower(),
    }


def _link(notice: AlertNotice) -> str:
    return f"<{notice.link}|{_escaped(notice.number, _LONGEST_NUMBER)}>"


def _instant(at: datetime) -> str:
    """Return an instant that each reader sees in the own time zone."""
    return f"<!date^{int(at.timestamp())}^{{date_short_pretty}} {{time}}|{at:%Y-%m-%d %H:%M} UTC>"


def _escaped(text: str, longest: int) -> str:
    """Return a text as one line, and in it the three letters escaped that Slack reads as its own.

    longest: with the escapes.
    """
    for length in range(longest, 0, -1):
        escaped = escape(line(text, length), quote=False)
        if len(escaped) <= longest:
            return escaped
    return ""


SLACK: Final = ChannelKind(key="slack", settings=("slack_webhook_url",), open=Slack)
