"""Brings the event log to all subscribers of this process with one reader."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Hashable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, TypeVar

import structlog

from domain.events import cursor
from domain.events.cursor import Position
from domain.events.entry import Entry, Topic
from gql.alarm import Alarm
from models.reads.event_log import entries_after, head

log = structlog.get_logger()

T = TypeVar("T")

RING: Final = 10_000
POLL: Final = timedelta(milliseconds=500)
HEARTBEAT: Final = timedelta(seconds=30)

# Entries read at once from the table.
_CHUNK: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An entry of a topic that somebody follows, of the log of an epoch."""

    epoch: str
    entry: Entry

    @property
    def cursor(self) -> str:
        """The place after it."""
        return _written(self.epoch, self.entry.number)

    @property
    def place(self) -> Hashable:
        """What tells it from other items."""
        return self.entry.number


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """Entries after ``since``, up to and with ``number``, cannot be told any more."""

    epoch: str
    since: int
    number: int
    because: str

    @property
    def cursor(self) -> str:
        """The place from which all is told again."""
        return _written(self.epoch, self.number)

    @property
    def begin(self) -> str:
        """The last place of which all was told."""
        return _written(self.epoch, self.since)

    @property
    def place(self) -> Hashable:
        """What tells it from other items."""
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """Nothing that is wanted came for a while; ``number`` is the newest.

    Those of one ``second`` are one, for the many whose silence began together.
    """

    epoch: str
    number: int
    second: int

    @property
    def cursor(self) -> str:
        """The newest place."""
        return _written(self.epoch, self.number)

    @property
    def place(self) -> Hashable:
        """What tells it from other items."""
        return self


Item = Told | Missed | Silence
Seen = Callable[[Item], Awaitable[T | None]]


class Live:
    """The tail of the event log, kept in a ring; a follower is a place in it.

    A follower has no queue: one that is slow is behind, reads on when it can,
    and costs the others nothing.
    """

    def __init__(
        self, *, size: int = RING, poll: timedelta = POLL, heartbeat: timedelta = HEARTBEAT
    ) -> None:
        """``poll`` bounds the delay of an entry whose nudge was lost."""
        self._slots: list[Entry | None] = [None] * size
        self._newest = 0
        self._oldest = 1
        self._has_begun = False
        self._poll = poll.total_seconds()
        self._heartbeat = heartbeat.total_seconds()
        self._nudged = asyncio.Event()
        self._growths = 0
        self._sleepers: dict[_Follower, None] = {}

    def nudge(self) -> None:
        """Look at the log now: something was committed."""
        self._nudged.set()

    async def run(self) -> None:
        """Tail the log until cancelled; a database that is away is asked again."""
        while True:
            self._nudged.clear()
            try:
                await self._read_on()
            except Exception:
                log.exception("event_log_unread")
            with suppress(TimeoutError):
                async with asyncio.timeout(self._poll):
                    await self._nudged.wait()

    async def follow(
        self, topics: Collection[Topic], after: str | None, *, seen: Seen[T]
    ) -> AsyncGenerator[T, None]:
        """Yield what a follower makes of the entries of some topics after a cursor.

        Without a cursor: of those from now on, after a silence that tells the place.
        ``seen`` is given one item after the other; where it makes None of it, the
        follower does not want it, and the cursor moves on.
        Raises CursorUnknown (rule E5).
        """
        known = await head()
        begin = cursor.start_after(None if after is None else cursor.read(after), known)
        follower = _Follower(epoch=known.epoch, number=begin.number)
        items: deque[Item] = deque()
        if begin.gap_from is not None:
            items.append(follower.missed(begin.gap_from, because=_FORGOTTEN))
        loop = asyncio.get_running_loop()
        # Who begins now is told where that is; else what follows could be missed untold.
        silent_at = loop.time() + (0 if after is None else self._heartbeat)
        alarm = Alarm(follower.wake)
        try:
            while True:
                growths = self._growths
                entries = await self._after(follower)
                items.extend(follower.told(entries, topics))
                while items or loop.time() >= silent_at:
                    item = items.popleft() if items else follower.silence(int(silent_at))
                    if (said := await seen(item)) is not None:
                        yield said
                        silent_at = loop.time() + self._heartbeat
                if not entries and growths == self._growths:
                    alarm.set(silent_at)
                    await self._sleep(follower)
        finally:
            alarm.stop()

    async def _sleep(self, follower: "_Follower") -> None:
        """Wait until the log has grown, or somebody wakes the follower."""
        follower.woken = asyncio.get_running_loop().create_future()
        self._sleepers[follower] = None
        try:
            await follower.woken
        finally:
            self._sleepers.pop(follower, None)

    async def _after(self, follower: "_Follower") -> list[Entry]:
        """Return the next entries for a follower; those of the table while it catches up.

        One that has once caught up and fell out of the ring is too slow: it
        gets the newest entry, and with it the gap.
        """
        if not self._has_begun:
            return await entries_after(follower.number, limit=_CHUNK)
        if follower.number >= self._newest:
            follower.is_live = True
            return []
        if follower.number + 1 >= self._oldest:
            follower.is_live = True
            return self._kept(follower.number + 1)
        if follower.is_live:
            return self._kept(self._newest)
        return await entries_after(follower.number, limit=_CHUNK)

    def _kept(self, first: int) -> list[Entry]:
        size = len(self._slots)
        last = min(self._newest, first + _CHUNK - 1)
        kept = (self._slots[number % size] for number in range(first, last + 1))
        return [entry for entry in kept if entry is not None]

    async def _read_on(self) -> None:
        if not self._has_begun:
            self._newest = (await head()).newest
            self._oldest = self._newest + 1
            self._has_begun = True
            self._wake()
        while entries := await entries_after(self._newest, limit=_CHUNK):
            size = len(self._slots)
            for entry in entries:
                if entry.number > self._newest + 1:
                    self._oldest = entry.number
                self._slots[entry.number % size] = entry
                self._newest = entry.number
            self._oldest = max(self._oldest, self._newest - size + 1)
            self._wake()

    def _wake(self) -> None:
        self._growths += 1
        sleepers, self._sleepers = self._sleepers, {}
        for follower in sleepers:
            follower.wake()


_TOO_SLOW: Final = "too many events came before these were read"
_FORGOTTEN: Final = "these events are past their retention"


@dataclass(slots=True, kw_only=True, eq=False)
class _Follower:
    """A place in the log: all up to ``number`` was told, or was not wanted.

    ``is_live`` once it has caught up with the ring; ``woken`` ends its sleep.
    """

    epoch: str
    number: int
    is_live: bool = False
    woken: asyncio.Future[None] | None = None

    def wake(self) -> None:
        """End its sleep, if it sleeps."""
        if self.woken is not None and not self.woken.done():
            self.woken.set_result(None)

    def told(self, entries: Collection[Entry], topics: Collection[Topic]) -> list[Item]:
        """Move on over entries; return those of the topics, and what is missing before them."""
        items: list[Item] = []
        for entry in entries:
            if entry.number > self.number + 1:
                since, self.number = self.number, entry.number - 1
                items.append(self.missed(since, because=_TOO_SLOW))
            self.number = entry.number
            if entry.topic in topics:
                items.append(Told(epoch=self.epoch, entry=entry))
        return items

    def missed(self, since: int, *, because: str) -> Missed:
        """Tell that what lies between ``since`` and here is gone."""
        return Missed(epoch=self.epoch, since=since, number=self.number, because=because)

    def silence(self, second: int) -> Silence:
        """Tell that nothing came."""
        return Silence(epoch=self.epoch, number=self.number, second=second)


def _written(epoch: str, number: int) -> str:
    return cursor.written(Position(epoch=epoch, number=number))
