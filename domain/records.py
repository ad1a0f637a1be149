"""The closed sets and values that every layer speaks of.

Names are those of the graph; what they mean is told there, in the description
of each value.
"""

from collections.abc import Sequence
from enum import StrEnum

Scalar = str | int | float | bool | None
FieldValue = Scalar | Sequence[str]


class RecordKind(StrEnum):
    """What a mirrored record is."""

    INCIDENT = "INCIDENT"
    CHANGE = "CHANGE"
    EVENT = "EVENT"
    TICKET = "TICKET"
    SERVICE = "SERVICE"


class IncidentStatus(StrEnum):
    """Where an incident stands."""

    NEW = "NEW"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    IN_PROGRESS = "IN_PROGRESS"
    ON_HOLD = "ON_HOLD"
    RESOLVED = "RESOLVED"
    CLOSED = "CLOSED"
    CANCELLED = "CANCELLED"


# Everything else counts as open work (overview, default lists).
ENDED = frozenset({IncidentStatus.RESOLVED, IncidentStatus.CLOSED, IncidentStatus.CANCELLED})


class ChangeStatus(StrEnum):
    """Where a change stands."""

    DRAFT = "DRAFT"
    SCHEDULED = "SCHEDULED"
    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


class ChangeRisk(StrEnum):
    """How likely a change is to do harm, as those who plan it say."""

    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"


class EventSeverity(StrEnum):
    """How bad a monitoring event is."""

    INFO = "INFO"
    WARNING = "WARNING"
    CRITICAL = "CRITICAL"


class EventStatus(StrEnum):
    """Whether what an event tells of goes on."""

    FIRING = "FIRING"
    CLEARED = "CLEARED"


class TicketStatus(StrEnum):
    """Where a ticket stands."""

    NEW = "NEW"
    OPEN = "OPEN"
    PENDING = "PENDING"
    ON_HOLD = "ON_HOLD"
    RESOLVED = "RESOLVED"
    CLOSED = "CLOSED"
    CANCELLED = "CANCELLED"


class NoteVisibility(StrEnum):
    """Who may read a note at the vendor."""

    INTERNAL = "INTERNAL"
    PUBLIC = "PUBLIC"


class RelationName(StrEnum):
    """What a record is to another.

    An incident is CAUSED_BY and FIXED_BY changes, an event or a ticket is
    PART_OF an incident, a service DEPENDS_ON services.
    """

    CAUSED_BY = "CAUSED_BY"
    FIXED_BY = "FIXED_BY"
    PART_OF = "PART_OF"
    DEPENDS_ON = "DEPENDS_ON"


class VendorFeature(StrEnum):
    """What a vendor can do with incidents beyond being read."""

    HISTORY = "HISTORY"
    NOTES = "NOTES"
    CREATE = "CREATE"
    WRITE = "WRITE"
    COMMENT = "COMMENT"
    REOPEN = "REOPEN"


class Owner(StrEnum):
    """Which side decides a field's value."""

    PLATFORM = "PLATFORM"
    EXTERNAL = "EXTERNAL"


class Severity(StrEnum):
    """How bad an incident is; SEV1 is the worst."""

    SEV1 = "SEV1"
    SEV2 = "SEV2"
    SEV3 = "SEV3"
    SEV4 = "SEV4"
    SEV5 = "SEV5"


class Priority(StrEnum):
    """How soon work is due; P1 first."""

    P1 = "P1"
    P2 = "P2"
    P3 = "P3"
    P4 = "P4"
    P5 = "P5"


class ServiceCriticality(StrEnum):
    """How much depends on a service; TIER1 the most."""

    TIER1 = "TIER1"
    TIER2 = "TIER2"
    TIER3 = "TIER3"


class Direction(StrEnum):
    """Which way an integration carries changes."""

    NONE = "NONE"
    INBOUND = "INBOUND"
    OUTBOUND = "OUTBOUND"
    BIDIRECTIONAL = "BIDIRECTIONAL"


# Directions that take the vendor's changes of a record already mirrored (rule O, table).
TAKES_INBOUND = frozenset({Direction.INBOUND, Direction.BIDIRECTIONAL})


class IntegrationState(StrEnum):
    """Whether an integration works, and if not, what it waits for."""

    HEALTHY = "HEALTHY"
    DEGRADED = "DEGRADED"
    RATE_LIMITED = "RATE_LIMITED"
    PARKED = "PARKED"
    DISABLED = "DISABLED"


class RunPhase(StrEnum):
    """What a sync run is for."""

    BACKFILL = "BACKFILL"
    INCREMENTAL = "INCREMENTAL"
    CENSUS = "CENSUS"
    RECONCILE = "RECONCILE"


class RunStatus(StrEnum):
    """How far a sync run is."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


class EditSource(StrEnum):
    """Which door a change of a field came through."""

    PERSON = "PERSON"
    WEBHOOK = "WEBHOOK"
    PULL = "PULL"
    RECONCILE = "RECONCILE"
    CONFLICT_RESOLUTION = "CONFLICT_RESOLUTION"
    INGEST = "INGEST"


class MergeReason(StrEnum):
    """Why a change was taken or not."""

    NEWER = "NEWER"
    OWNER_PLATFORM = "OWNER_PLATFORM"
    OWNER_EXTERNAL = "OWNER_EXTERNAL"
    SIMULTANEOUS = "SIMULTANEOUS"
    DIVERGED = "DIVERGED"
    OPEN_CONFLICT = "OPEN_CONFLICT"
    ECHO = "ECHO"
    SAME = "SAME"
    UNCHANGED = "UNCHANGED"
    STALE = "STALE"
    DIRECTION = "DIRECTION"
    LOCAL_EDIT = "LOCAL_EDIT"
    VENDOR_TRANSFORMED = "VENDOR_TRANSFORMED"
