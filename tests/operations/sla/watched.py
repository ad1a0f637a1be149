"""A world whose tickets are watched, by the service levels of the vectors."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from domain.records import Priority, TicketStatus
from models.database import DatabaseAt
from models.reads.statement import rows
from operations.runtime import Runtime
from operations.sla.judge import judge
from operations.sla.look import PolicySource, look
from operations.sla.take_policy import take_policy
from operations.sla.tick import evaluate_due
from operations.tickets.event import TicketEvent
from operations.tickets.ingest import IngestTickets, ingest_tickets
from tests.clock import Clock
from tests.world import ADMIN, World, simulated

POLICY: Final = """\
version: 1
thresholds:
  alert_at: 0.85
  escalate_at: [1.5]
dedup_window: 15m
clocks:
  pause_on: [PENDING, ON_HOLD]
  stop_on: [RESOLVED, CLOSED]
  on_reopen: resume
calendars:
  always: {always: true}
policies:
  - name: premium-critical
    when: {subject: [TICKET], priority: [P1]}
    resolution: {target: 240m, calendar: always}
  - name: premium-high
    when: {subject: [TICKET], priority: [P2]}
    resolution: {target: 480m, calendar: always}
  - name: incidents
    when: {subject: [INCIDENT], priority: [P1]}
    response: {target: 15m, calendar: always}
    resolution: {target: 480m, calendar: always}
  - name: unmeasured
    when: {}
notify:
  ALERT: [slack]
  BREACH: [slack, email]
  ESCALATION: [slack]
end: sla_config
"""
MONDAY: Final = datetime(2026, 3, 2, tzinfo=UTC)


def at(time: str) -> datetime:
    """Return an instant of the vectors' day."""
    hour, minute = time.split(":")
    return MONDAY + timedelta(hours=int(hour), minutes=int(minute))


@dataclass(kw_only=True)
class Watched:
    """Tickets that are sent, and looked at when the clock is moved and somebody looks."""

    database: DatabaseAt
    path: Path
    clock: Clock = field(default_factory=lambda: Clock(MONDAY + timedelta(hours=10)))

    def __post_init__(self) -> None:
        source = PolicySource(path=self.path, rest=timedelta(0))
        self.world = World(
            at=self.database,
            clock=self.clock,
            servicenow=simulated(self.clock),
            policy_source=source,
        )

    @property
    def runtime(self) -> Runtime:
        """What operations use."""
        return self.world.runtime

    async def go_by(self, text: str) -> None:
        """Put a policy in force."""
        self.path.write_text(text, encoding="utf-8")
        seen = look(self.runtime.policy_source)
        await take_policy(self.runtime, seen, await judge(seen), by="test")

    async def send(self, time: str, status: str, priority: str = "P1", key: str = "T-1") -> None:
        """Send how a ticket stands since a time of the day; it was made at ten."""
        event = TicketEvent(
            id=key,
            priority=Priority(priority),
            tier="PREMIUM",
            status=TicketStatus(status),
            created_at=at("10:00"),
            updated_at=at(time),
        )
        (done,) = await ingest_tickets(self.runtime, ADMIN, IngestTickets(events=[event]))
        assert done.outcome.value in {"CREATED", "UPDATED", "LATE"}, done

    async def look(self, *times: str, runtime: Runtime | None = None) -> None:
        """Look at the clocks, at each of some times of the day."""
        for time in times:
            self.clock.at = at(time)
            await evaluate_due(runtime or self.runtime)

    async def minutely(self, first: str, last: str) -> None:
        """Look each minute."""
        now = at(first)
        while now <= at(last):
            self.clock.at = now
            await evaluate_due(self.runtime)
            now += timedelta(minutes=1)


async def alerts() -> Sequence[dict[str, Any]]:
    """Return the alerts in the order in which they were raised."""
    return await rows("SELECT * FROM alert ORDER BY raised_at, id")


async def raised() -> list[tuple[str, str, str, int]]:
    """Return of each alert its level, when it was reached and raised, and the subject's level."""
    return [
        (row["level"], _time(row["crossed_at"]), _time(row["raised_at"]), row["escalation_level"])
        for row in await alerts()
    ]


def _time(milliseconds: int) -> str:
    return f"{datetime.fromtimestamp(milliseconds / 1000, UTC):%H:%M}"
