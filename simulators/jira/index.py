"""What search knows of the site, which may lag behind it."""

from collections.abc import Callable, Iterable
from datetime import datetime

from simulators.jira.listing import Document
from simulators.jira.store import Store
from simulators.jira.switches import Switches


class Index:
    """Takes each write to search, at once or later."""

    def __init__(self, store: Store, switches: Switches, now: Callable[[], datetime]) -> None:
        """Take the clock by which a write becomes visible; forget what an earlier start owed."""
        self._store = store
        self._switches = switches
        self._now = now
        self._due: dict[int, int] = {}
        for issue in store.unlisted():
            store.relist(issue)

    def written(self, before: Document | None, id: int) -> None:
        """Note that an issue was written; before: as it was, None when it is new."""
        lag = self._switches.lag()
        if not lag:
            self.reconcile([id])
            return
        if before is not None:
            self._store.freeze(before)
        self._due[id] = max(self._due.get(id, 0), milliseconds(self._now()) + lag)

    def catch_up(self) -> None:
        """Let search know what it knows by now."""
        if self._due:
            now = milliseconds(self._now())
            self.reconcile([issue for issue, due in self._due.items() if due <= now])

    def reconcile(self, ids: Iterable[int]) -> None:
        """Let search know these issues as they are."""
        for issue in ids:
            self._due.pop(issue, None)
            self._store.relist(issue)


def milliseconds(at: datetime) -> int:
    """Return an instant as milliseconds since the epoch, cut off as the platform does."""
    return int(at.timestamp()) * 1000 + at.microsecond // 1000
