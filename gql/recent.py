"""A bounded memory of what was used last."""

from collections import OrderedDict
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Recent(Generic[K, V]):
    """A mapping that forgets the entry unused for longest once it is full."""

    def __init__(self, size: int) -> None:
        """Keep at most ``size`` entries."""
        self._size = size
        self._entries: OrderedDict[K, V] = OrderedDict()

    def __len__(self) -> int:
        """Return how many entries are kept."""
        return len(self._entries)

    def get(self, key: K) -> V | None:
        """Return the entry, now the one used last, or None."""
        if key not in self._entries:
            return None
        self._entries.move_to_end(key)
        return self._entries[key]

    def put(self, key: K, value: V) -> None:
        """Keep an entry, at the price of the oldest one."""
        self._entries[key] = value
        self._entries.move_to_end(key)
        if len(self._entries) > self._size:
            self._entries.popitem(last=False)
