"""A page that shows a channel, newest first, about as Slack does."""

import re
from collections.abc import Iterable, Mapping
from html import escape, unescape
from typing import Any, Final

from simulators.slack.channel import Channel, Received

_STYLE: Final = """
body { font: 15px system-ui; max-width: 44rem; margin: 2rem auto; padding: 0 1rem }
article { border-left: 4px solid #ccc; margin: 1rem 0; padding: .25rem 1rem }
h1 { font-size: 1.2rem } h2 { font-size: 1rem; margin: .25rem 0 }
dl { display: grid; grid-template-columns: 1fr 1fr; gap: .5rem; margin: .5rem 0 }
small { color: #555 } .button { border: 1px solid #999; padding: .1rem .6rem; margin-right: .5rem }
"""
# Outside of these a text is plain, with Slack's escapes of three letters.
_MARKED: Final = re.compile(r"<([^<>]*)>")
_BOLD: Final = re.compile(r"\*(\S[^*\n]*)\*")


def page(channel: Channel) -> str:
    """Return the page; it loads itself again every five seconds."""
    shown = "".join(_article(message) for message in reversed(channel.messages))
    twice = sum(times > 1 for times in channel.ids.values())
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Alerts</title>'
        f'<meta http-equiv="refresh" content="5"><style>{_STYLE}</style></head><body>'
        f"<h1># alerts</h1><p><small>{channel.count} messages, {len(channel.ids)} alerts,"
        f" {twice} of them more than once</small></p>{shown}</body></html>"
    )


def _article(message: Received) -> str:
    body = "".join(_block(block) for block in message.blocks) or f"<p>{_words(message.text)}</p>"
    return f"<article><small>{message.at:%Y-%m-%d %H:%M:%S} UTC</small>{body}</article>"


def _block(block: Mapping[str, Any]) -> str:
    match block["type"]:
        case "header":
            return f"<h2>{escape(block['text']['text'])}</h2>"
        case "context":
            return f"<small>{_all(block['elements'], '<br>')}</small>"
        case "actions":
            return f"<p>{''.join(_button(one) for one in block['elements'])}</p>"
        case "divider":
            return "<hr>"
        case _:
            text = f"<p>{_words(block['text']['text'])}</p>" if "text" in block else ""
            fields = _all(block.get("fields", ()), "</div><div>")
            return f"{text}<dl><div>{fields}</div></dl>" if fields else text


def _all(texts: Iterable[Mapping[str, Any]], between: str) -> str:
    return between.join(_words(text["text"]) for text in texts)


def _button(button: Mapping[str, Any]) -> str:
    text, url = escape(button["text"]["text"]), escape(button.get("url", ""))
    return f'<a class="button" href="{url}">{text}</a>'


def _words(text: str) -> str:
    """Return mrkdwn as HTML, as far as it is used here."""
    parts = _MARKED.split(text)
    # Every second part was between < and >.
    shown = [_marked(part) if place % 2 else _plain(part) for place, part in enumerate(parts)]
    return "".join(shown).replace("\n", "<br>")


def _plain(text: str) -> str:
    return _BOLD.sub(r"<b>\1</b>", escape(unescape(text)))


def _marked(inner: str) -> str:
    """Return a link, or a date in its words for who cannot show dates."""
    target, _, label = inner.partition("|")
    if target.startswith(("http://", "https://")):
        return f'<a href="{escape(target)}">{escape(unescape(label or target))}</a>'
    return escape(unescape(label))
