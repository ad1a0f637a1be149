"""The log of what happens to incidents."""

from simulators.pagerduty.drafts import Draft
from simulators.pagerduty.names import identity
from simulators.pagerduty.store import Document, Store


class Journal:
    """Names and stores log entries."""

    def __init__(self, store: Store) -> None:
        """Go on after the entries of the store."""
        self._store = store
        self._written = store.newest("log_entry")

    def keep(self, draft: Draft) -> None:
        """Store the entries of a draft; its incident learns which triggered it first."""
        self._store.fill("log_entry", self.named(draft))

    def named(self, draft: Draft) -> list[Document]:
        """Return the entries of a draft with their ids."""
        for entry in draft.entries:
            self._written += 1
            entry["id"] = identity("log_entry", self._written)
            if entry["type"] == "trigger":
                draft.incident.setdefault("first_trigger_log_entry", entry["id"])
        return draft.entries
