"""What an incident's log tells of its edits. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from adapters.pagerduty.reading import (
    agent_of,
    child,
    children,
    identity,
    references,
    text,
    time_of,
)
from adapters.pagerduty.terms import Terms
from domain.inbound import InboundEdit, MirroredValue, VendorKey
from domain.records import RecordKind

# What a field was changed from and to stands in an entry's channel.
INCLUDED: Final = (("include[]", "channels"),)
# The vendor's status behind each entry.
_STATUS: Final[Mapping[str, str]] = {
    "acknowledge_log_entry": "acknowledged",
    "unacknowledge_log_entry": "triggered",
    "reopen_log_entry": "triggered",
    "resolve_log_entry": "resolved",
}
_ASSIGNS: Final = frozenset(
    {"assign_log_entry", "reassign_log_entry", "escalate_log_entry", "delegate_log_entry"}
)
# An entry of a changed urgency says it in words alone.
_URGENCY: Final = re.compile(r"\bto (high|low)\b", re.IGNORECASE)
_OTHER: Final = {"high": "low", "low": "high"}

_Change = tuple[str, MirroredValue, MirroredValue]


@dataclass(slots=True, kw_only=True)
class _Replay:
    """An incident's life, entry by entry: what an entry leaves out, the ones before it tell.

    called: type and time of the entry that assigned last. One that calls
        several people is several entries, of which the first tells the assignee.
    """

    terms: Terms
    known: dict[str, MirroredValue] = field(default_factory=dict)
    called: tuple[str, datetime] | None = None

    def changes(self, entry: Mapping[str, object], at: datetime) -> list[_Change]:
        """Return the fields that an entry changed."""
        kind = text(entry, "type")
        if kind == "trigger_log_entry":
            # A later event of the same key joins the open incident, which stays as it is.
            self.known.setdefault("status", self._status("triggered"))
            return []
        if kind in _STATUS:
            return self._turned("status", self._status(_STATUS[kind]))
        if kind in _ASSIGNS:
            return self._assigned(entry, kind, at)
        if kind == "urgency_change_log_entry":
            told = _URGENCY.search(text(entry, "summary"))
            return self._urgency(told[1].lower()) if told else []
        channel = child(entry, "channel")
        if kind == "priority_change_log_entry":
            return self._priority(channel.get("old_priority"), channel.get("new_priority"))
        named = children(child(channel, "changeset"), "application_fields")
        return [change for part in named for change in self._edited(part)]

    def _turned(self, name: str, after: MirroredValue) -> list[_Change]:
        before = self.known.get(name)
        self.known[name] = after
        return [] if before == after else [(name, before, after)]

    def _status(self, theirs: str) -> MirroredValue:
        return self.terms.ours(RecordKind.INCIDENT, "status", {"status": theirs})

    def _assigned(self, entry: Mapping[str, object], kind: str, at: datetime) -> list[_Change]:
        people = references(children(entry, "assignees"), "user")
        if not people or self.called == (kind, at):
            return []
        self.called = (kind, at)
        return self._turned("assignee", people[0])

    def _urgency(self, after: str) -> list[_Change]:
        before = _OTHER[after]
        changes: list[_Change] = [("urgency", before, after)]
        if not self.terms.priorities:
            changes.append(("severity", self._severity(before), self._severity(after)))
        return changes

    def _severity(self, urgency: str) -> MirroredValue:
        return self.terms.ours(RecordKind.INCIDENT, "severity", {"urgency": urgency})

    def _priority(self, before: object, after: object) -> list[_Change]:
        rows = [{"priority": self._named(value)} for value in (before, after)]
        changes: list[_Change] = []
        for name in ("priority", "severity"):
            old, new = (self.terms.ours(RecordKind.INCIDENT, name, row) for row in rows)
            changes.append((name, old, new))
        return changes

    def _named(self, value: object) -> object:
        """Return a priority as an object: some entries tell its id or name alone."""
        if not isinstance(value, str):
            return value
        found = self.terms.priority(value)
        return {"id": found.external_id, "name": found.name} if found else {"name": value}

    def _edited(self, part: Mapping[str, object]) -> list[_Change]:
        before, after = part.get("old_value"), part.get("value")
        match text(part, "name"):
            case "priority":
                return self._priority(before, after)
            case "title" if isinstance(after, str):
                return [("title", before if isinstance(before, str) else None, after)]
            case "service":
                return [("services", _services(before), _services(after))]
            case _:
                return []


def _services(value: object) -> MirroredValue:
    named = value if isinstance(value, Mapping) else {"id": value}
    return references([named], "service")


def edits(
    entries: Iterable[object], terms: Terms, record_external_id: str, since: datetime | None
) -> list[InboundEdit]:
    """Return the edits from ``since`` on, of all log entries of an incident, newest first.

    An entry without an id or a time is left out, since it can be put nowhere.
    """
    replay = _Replay(terms=terms)
    found: list[InboundEdit] = []
    for entry, external_id, at in _in_order(entries):
        changes = [change for change in replay.changes(entry, at) if change[1] != change[2]]
        if since is not None and at < since.replace(microsecond=0):
            continue
        for number, (name, before, after) in enumerate(changes):
            found.append(
                InboundEdit(
                    # The second field of one entry needs an id of its own.
                    external_id=f"{external_id}:{name}" if number else external_id,
                    record_external_id=record_external_id,
                    field=name,
                    before=before,
                    after=after,
                    key=VendorKey(at=at),
                    author=agent_of(entry),
                )
            )
    return found


def _in_order(
    entries: Iterable[object],
) -> Sequence[tuple[Mapping[str, object], str, datetime]]:
    """Return the entries that have a place in the order, oldest first, as the vendor wrote them.

    Each once: entries that are new push those of a log that is being read behind what was read.
    """
    found: dict[str, tuple[Mapping[str, object], str, datetime]] = {}
    for entry in reversed([*entries]):
        if isinstance(entry, Mapping):
            try:
                external_id = identity(entry)
                found[external_id] = (entry, external_id, time_of(entry, "created_at"))
            except ValueError:
                continue
    return sorted(found.values(), key=lambda placed: placed[2])
