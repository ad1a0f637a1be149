"""The closed sets of two-way sync: conflicts, writes, dead letters and differences.

Names are those of the graph; what they mean is told there, in the description
of each value.
"""

from enum import StrEnum


class ConflictStrategy(StrEnum):
    """Which side wins when both have changed a field."""

    LAST_WRITE_WINS = "LAST_WRITE_WINS"
    OWNERSHIP_PRIORITY = "OWNERSHIP_PRIORITY"
    MANUAL_REVIEW = "MANUAL_REVIEW"


class ConflictWindowMode(StrEnum):
    """What makes two edits a conflict: that neither had seen the other, or their times alone."""

    CAUSAL = "CAUSAL"
    LITERAL = "LITERAL"


class ConflictKind(StrEnum):
    """Whether both edits fell into the conflict window."""

    SIMULTANEOUS = "SIMULTANEOUS"
    DIVERGED = "DIVERGED"


class ConflictStatus(StrEnum):
    """What became of a conflict."""

    OPEN = "OPEN"
    RESOLVED_PLATFORM = "RESOLVED_PLATFORM"
    RESOLVED_EXTERNAL = "RESOLVED_EXTERNAL"
    IGNORED = "IGNORED"
    SUPERSEDED = "SUPERSEDED"


class ConflictSide(StrEnum):
    """One of the two sides of a conflict."""

    PLATFORM = "PLATFORM"
    EXTERNAL = "EXTERNAL"


class FlowDirection(StrEnum):
    """Which way a delivery goes."""

    OUTBOUND = "OUTBOUND"
    INBOUND = "INBOUND"


class DeadLetterStatus(StrEnum):
    """What became of a delivery that failed for good."""

    DEAD = "DEAD"
    RETRYING = "RETRYING"
    DELIVERED = "DELIVERED"
    DISCARDED = "DISCARDED"
    SUPERSEDED = "SUPERSEDED"


class WriteKind(StrEnum):
    """What a queued write does at the vendor."""

    CREATE = "CREATE"
    UPDATE = "UPDATE"
    NOTE = "NOTE"


class WriteState(StrEnum):
    """How far a queued write is."""

    READY = "READY"
    DONE = "DONE"
    DEAD = "DEAD"
    DROPPED = "DROPPED"
    DISCARDED = "DISCARDED"
    SUPERSEDED = "SUPERSEDED"


class DeliveryState(StrEnum):
    """How far a delivery of a vendor's is."""

    READY = "READY"
    DONE = "DONE"
    DEAD = "DEAD"
    DISCARDED = "DISCARDED"
    SUPERSEDED = "SUPERSEDED"


class DriftAction(StrEnum):
    """What healing does with a field that differs, or why it leaves it alone."""

    PUSH = "PUSH"
    PULL = "PULL"
    CONFLICT = "CONFLICT"
    CREATE_EXTERNAL = "CREATE_EXTERNAL"
    CREATE_LOCAL = "CREATE_LOCAL"
    DELETE_LOCAL = "DELETE_LOCAL"
    SKIP_OPEN_CONFLICT = "SKIP_OPEN_CONFLICT"
    SKIP_PENDING = "SKIP_PENDING"
    SKIP_ACCEPTED = "SKIP_ACCEPTED"
    SKIP_DIRECTION = "SKIP_DIRECTION"
    SKIP_FLAPPING = "SKIP_FLAPPING"


class DriftStatus(StrEnum):
    """How far a plan of reconciliation is."""

    RUNNING = "RUNNING"
    READY = "READY"
    HEALING = "HEALING"
    DONE = "DONE"
    FAILED = "FAILED"
    STALE = "STALE"


class DriftOutcome(StrEnum):
    """What became of an item of a plan."""

    NOT_RUN = "NOT_RUN"
    HEALED = "HEALED"
    CHANGED = "CHANGED"
    FAILED = "FAILED"
    SKIPPED = "SKIPPED"


class WarningCode(StrEnum):
    """Something done, but not as one might expect."""

    OWNED_EXTERNALLY = "OWNED_EXTERNALLY"
    OWNER_OVERRIDDEN = "OWNER_OVERRIDDEN"
    NOT_SENT = "NOT_SENT"
    CONFLICT_OPEN = "CONFLICT_OPEN"
    ALREADY_RUNNING = "ALREADY_RUNNING"
