"""What has arrived in a channel."""

from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

_KEPT: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A message; ``ids`` are what its metadata says that it tells of."""

    at: datetime
    text: str
    blocks: Sequence[Mapping[str, Any]]
    ids: Sequence[str]


class Channel:
    """The last 500 messages, and how often each id has come since the start."""

    def __init__(self) -> None:
        """Begin without any."""
        self.messages: deque[Received] = deque(maxlen=_KEPT)
        self.count = 0
        self.ids: Counter[str] = Counter()

    def add(self, message: Received) -> None:
        """Take a message."""
        self.messages.append(message)
        self.count += 1
        self.ids.update(message.ids)
