"""An incident that is being changed: what it becomes, and what is to be told of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from simulators.pagerduty.names import stamp
from simulators.pagerduty.store import Document

# What ``is_overview=true`` shows; the rest are notifications and lesser changes.
_OVERVIEW: Final = frozenset(
    {
        "acknowledge",
        "annotate",
        "assign",
        "delegate",
        "escalate",
        "reopen",
        "resolve",
        "snooze",
        "trigger",
        "unacknowledge",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """Who acts, and how.

    kind: "user" or "service"; channel: "website", "api", "auto" or "timeout".
    """

    kind: str
    id: str
    name: str
    channel: str

    @property
    def by(self) -> str:
        """How a log entry ends that this agent caused."""
        return f"by {self.name}" if self.kind == "user" else "through the API"


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """What a listener is told of one thing that happened.

    event: as webhooks name it, "incident.triggered"; incident: as it stands
        after the whole write; note: for "incident.annotated".
    """

    event: str
    at: datetime
    agent: Agent | None
    incident: Mapping[str, Any] | None = None
    note: Mapping[str, Any] | None = None
    service: Mapping[str, Any] | None = None


@dataclass(slots=True, kw_only=True)
class Draft:
    """One incident during one write. Nothing is stored before the end."""

    incident: Document
    agent: Agent
    at: datetime
    entries: list[Document] = field(default_factory=list)
    events: list[str] = field(default_factory=list)

    @property
    def status(self) -> str:
        """The incident's status."""
        return str(self.incident["status"])

    def log(
        self,
        type: str,
        summary: str,
        *,
        channel: Mapping[str, Any] | None = None,
        agent: Agent | None = None,
        **details: Any,  # noqa: ANN401 — JSON
    ) -> None:
        """Add a log entry.

        type: without its suffix, "trigger"; channel: more of it than its type;
        agent: when it is not the draft's; details: fields of this type alone.
        """
        who = agent or self.agent
        self.entries.append(
            {
                "type": type,
                "summary": summary,
                "created_at": stamp(self.at),
                "is_overview": type in _OVERVIEW,
                "agent": None if type == "notify" else [who.kind, who.id],
                "channel": {"type": who.channel} | dict(channel or {}),
                "incident": self.incident["id"],
                "service": self.incident["service"],
                "details": details,
            }
        )

    def tell(self, event: str) -> None:
        """Announce an event of the incident, "triggered", when the write is done."""
        self.events.append(f"incident.{event}")

    def turned(self, status: str) -> None:
        """Set the status, and who set it when."""
        self.incident |= {
            "status": status,
            "last_status_change_at": stamp(self.at),
            "last_status_change_by": [self.agent.kind, self.agent.id],
        }
