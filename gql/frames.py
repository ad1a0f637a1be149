"""What subscribers are sent, made once for all of the same shape."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

# Those who follow closely want an event within moments of each other. One who comes
# later has it made anew: what is kept may be shown to nobody who has lost the right to it.
KEPT_FOR: Final = timedelta(seconds=5)
KEPT_CHARACTERS: Final = 16 << 20

# What a frame costs besides its text.
_OVERHEAD: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The payload of one message.

    text: JSON; None when those who asked do not want the event.
    cursor: the place after it.
    whose: the id of the only one whom it may be shown to; None for all of its shape.
    """

    text: str | None
    cursor: str | None = None
    has_errors: bool = False
    whose: str | None = None


@dataclass(slots=True, kw_only=True)
class _Making:
    """A frame that somebody makes; the others wait."""

    frame: Frame | None = None
    has_failed: bool = False
    ended: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """A frame and the second it was made in."""

    frame: Frame
    at: float


class Frames:
    """The frames of this process: the first who needs one makes it, the others take it.

    Bounded in age and size; what is forgotten is made anew.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        """``monotonic`` is a clock in seconds."""
        self._monotonic = monotonic
        self._making: dict[Hashable, _Making] = {}
        # In the order in which they were made.
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()
        self._characters = 0

    async def of(self, key: Hashable, make: Callable[[], Awaitable[Frame]]) -> Frame:
        """Return the frame of a key; raise what ``make`` raises.

        When its maker leaves, the next one makes it. When its maker fails, each makes
        its own: what failed for one may do so for all, and nobody waits for that in turn.
        """
        while True:
            kept = self._kept.get(key)
            if kept is not None and not self._is_old(kept):
                return kept.frame
            making = self._making.get(key)
            if making is None:
                return await self._make(key, make)
            await making.ended.wait()
            if making.frame is not None:
                return making.frame
            if making.has_failed:
                return await make()

    async def _make(self, key: Hashable, make: Callable[[], Awaitable[Frame]]) -> Frame:
        making = self._making[key] = _Making()
        try:
            making.frame = await make()
        except Exception:
            making.has_failed = True
            raise
        finally:
            del self._making[key]
            making.ended.set()
        self._keep(key, making.frame)
        return making.frame

    def _keep(self, key: Hashable, frame: Frame) -> None:
        if (before := self._kept.pop(key, None)) is not None:
            self._characters -= _size(before.frame)
        self._kept[key] = _Kept(frame=frame, at=self._monotonic())
        self._characters += _size(frame)
        while self._kept:
            eldest, kept = next(iter(self._kept.items()))
            if self._characters <= KEPT_CHARACTERS and not self._is_old(kept):
                return
            del self._kept[eldest]
            self._characters -= _size(kept.frame)

    def _is_old(self, kept: _Kept) -> bool:
        return self._monotonic() - kept.at > KEPT_FOR.total_seconds()


def _size(frame: Frame) -> int:
    return _OVERHEAD + len(frame.text or "")
