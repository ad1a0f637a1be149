"""The channels that the settings open."""

from collections.abc import Callable
from datetime import datetime, timedelta

from adapters.channels.contract import Channel, Way
from adapters.channels.registry import CHANNELS, opened
from im.refusal import StartRefusedError
from im.secret import Secret


def channels_of(
    setting: Callable[[str], Secret], *, now: Callable[[], datetime], deadline: timedelta
) -> dict[str, Channel]:
    """Open the channels that are set, by the names that policies call them.

    setting: returns one by its name.
    Raises StartRefusedError for a channel that is set in part or wrong; no value is shown.
    """
    names = [name for kind in CHANNELS.values() for name in kind.settings]
    texts = {name: setting(name).reveal() for name in names}
    try:
        return opened(Way(settings=texts, now=now, deadline=deadline))
    except ValueError as fault:
        raise StartRefusedError(str(fault)) from None
