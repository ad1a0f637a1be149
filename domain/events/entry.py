"""What is written into the event log, and how it is read back."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Topic(StrEnum):
    """What an entry is about: a kind of record, a conflict, service levels, or the sync itself.

    SLA is the policy in force, CLOCK the state of a ticket or an incident, ALERT an alert.
    """

    INCIDENT = "INCIDENT"
    CHANGE = "CHANGE"
    EVENT = "EVENT"
    TICKET = "TICKET"
    SERVICE = "SERVICE"
    SYNC = "SYNC"
    CONFLICT = "CONFLICT"
    SLA = "SLA"
    CLOCK = "CLOCK"
    ALERT = "ALERT"


class IncidentEventKind(StrEnum):
    """What happened to an incident."""

    CREATED = "CREATED"
    UPDATED = "UPDATED"
    NOTE_ADDED = "NOTE_ADDED"
    DELETED = "DELETED"
    RESTORED = "RESTORED"


class RecordEventKind(StrEnum):
    """What happened to a record of any kind."""

    CREATED = "CREATED"
    UPDATED = "UPDATED"
    NOTE_ADDED = "NOTE_ADDED"
    DELETED = "DELETED"
    RESTORED = "RESTORED"


class SyncEventKind(StrEnum):
    """What happened to an integration's sync."""

    RUN_STARTED = "RUN_STARTED"
    PAGE_DONE = "PAGE_DONE"
    RUN_FINISHED = "RUN_FINISHED"
    RUN_FAILED = "RUN_FAILED"
    STATE_CHANGED = "STATE_CHANGED"
    DEAD_LETTER_ADDED = "DEAD_LETTER_ADDED"
    DRIFT_FOUND = "DRIFT_FOUND"
    DRIFT_HEALED = "DRIFT_HEALED"


class ConflictEventKind(StrEnum):
    """What happened to a conflict."""

    OPENED = "OPENED"
    UPDATED = "UPDATED"
    RESOLVED = "RESOLVED"
    IGNORED = "IGNORED"
    SUPERSEDED = "SUPERSEDED"


class SlaEventKind(StrEnum):
    """What happened to service levels."""

    POLICY_TAKEN = "POLICY_TAKEN"
    POLICY_MENDED = "POLICY_MENDED"
    POLICY_REFUSED = "POLICY_REFUSED"


class ClockEventKind(StrEnum):
    """What happened to the clocks of a ticket or an incident."""

    STATE_CHANGED = "STATE_CHANGED"


class AlertEventKind(StrEnum):
    """What happened to an alert."""

    RAISED = "RAISED"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    SNOOZED = "SNOOZED"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEntry:
    """A fact to be told, not yet numbered.

    record_id: of what the topic says.
    edit_ids: the field changes that an incident's entry brings.
    changed: the fields that changed, of a record that keeps no edits.
    message: for a person. Of a record that went for good with its integration, the
        integration's key: by that it is still known whose scope it was in.
    """

    topic: Topic
    kind: str
    occurred_at: datetime
    integration_id: str | None = None
    record_id: str | None = None
    run_id: str | None = None
    edit_ids: tuple[str, ...] = field(default=())
    changed: tuple[str, ...] = field(default=())
    message: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry(NewEntry):
    """A numbered entry of the log."""

    number: int
