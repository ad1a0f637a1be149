"""The channels that this build knows, one line each."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from adapters.channels.contract import Channel, ChannelKind, Way
from adapters.channels.email import EMAIL
from adapters.channels.slack import SLACK
from adapters.channels.webhook import WEBHOOK

CHANNELS: Final[Mapping[str, ChannelKind]] = MappingProxyType(
    {
        EMAIL.key: EMAIL,
        SLACK.key: SLACK,
        WEBHOOK.key: WEBHOOK,
    }
)


def opened(way: Way) -> dict[str, Channel]:
    """Open the channels that are set, by their keys.

    Raises ValueError for one that is set in part, and for a setting that is wrong.
    """
    channels: dict[str, Channel] = {}
    for kind in CHANNELS.values():
        lacking = [name.upper() for name in kind.settings if not way.settings[name]]
        if not lacking:
            channels[kind.key] = kind.open(way)
        elif len(lacking) < len(kind.settings):
            raise ValueError(
                f"{', '.join(lacking)} is not set: the channel {kind.key} needs {kind.keys}"
            )
    return channels


def absence(key: str) -> str:
    """Return why a channel is not open, and what to do."""
    if key not in CHANNELS:
        return f"no channel is called {key}; name one of {', '.join(CHANNELS)} in the policy"
    return f"the channel {key} is not set; set {CHANNELS[key].keys}, or take it out of the policy"
