"""The closed sets and values that every layer speaks of.

Names are those of the graph; what they mean is told there, in the description
of each value.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
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


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class VendorKey:
    """A record's version in the vendor's own order (rule T3).

    ``at`` is the vendor's time of the update, ``sequence`` the vendor's counter
    of the record's versions, 0 where it keeps none.
    """

    at: datetime
    sequence: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A vendor's pointer to a person, a group or another thing, not yet a name.

    ``table`` is the vendor's own word for where the thing lives.
    """

    table: str
    external_id: str


# Several references of one field come as a tuple.
MirroredValue = FieldValue | Reference | tuple[Reference, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundRecord:
    """A vendor's record in our words.

    fields: canonical fields by our name, all others under the vendor's name.
    unmapped: vendor field to raw value, where the value has no counterpart of
        ours; ``fields`` then holds the nearest.
    correlation_id: our own id when the record carries it (rule I3b).
    """

    external_id: str
    external_key: str
    url: str
    key: VendorKey
    created_at: datetime
    author: str
    fields: dict[str, MirroredValue]
    unmapped: dict[str, str]
    correlation_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundEdit:
    """One change of one field, as the vendor's own history tells it."""

    external_id: str
    record_external_id: str
    field: str
    before: MirroredValue
    after: MirroredValue
    key: VendorKey
    author: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultyRecord:
    """A row that could not be read; kept whole, so that nothing is lost (rule W13)."""

    external_id: str
    detail: str
    payload: dict[str, object]
