"""The closed sets of service levels.

Names are those of the graph; what they mean is told there, in the description
of each value.
"""

from enum import StrEnum


class SlaSubjectKind(StrEnum):
    """What a clock measures (rule S13)."""

    TICKET = "TICKET"
    INCIDENT = "INCIDENT"


class SlaClockKind(StrEnum):
    """Which of the two promises a clock measures (rule S2)."""

    RESPONSE = "RESPONSE"
    RESOLUTION = "RESOLUTION"


class SlaPhase(StrEnum):
    """Whether a clock counts."""

    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    STOPPED = "STOPPED"
    CANCELLED = "CANCELLED"


class SlaState(StrEnum):
    """How far a clock is; the later, the worse (rule S4)."""

    OK = "OK"
    ALERT = "ALERT"
    BREACH = "BREACH"


class AlertLevel(StrEnum):
    """What an alert tells of; the later, the worse."""

    ALERT = "ALERT"
    BREACH = "BREACH"
    ESCALATION = "ESCALATION"


class NotificationState(StrEnum):
    """How far a message about an alert is."""

    READY = "READY"
    DONE = "DONE"
    DEAD = "DEAD"


class IngestOutcome(StrEnum):
    """What became of an update that somebody told us."""

    CREATED = "CREATED"
    UPDATED = "UPDATED"
    DUPLICATE = "DUPLICATE"
    LATE = "LATE"
    REJECTED = "REJECTED"


class OnReopen(StrEnum):
    """What becomes of the time a subject had used, and was at rest, when it is reopened (S6).

    The values are the words of the policy's file.
    """

    RESUME = "resume"
    RESTART = "restart"
    COUNT = "count"
