"""The steps of tickets, as rows: the one way in for what is sent and what is mirrored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from domain.records import Priority, TicketStatus
from domain.sla.history import Step
from models.coding import dumps
from models.reads.statement import Reading
from models.transaction import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class NewStep:
    """A step of a ticket, and who told it."""

    ticket_id: str
    step: Step
    by: str


async def store_steps(tx: Transaction, steps: Sequence[NewStep], *, overwrite: bool) -> None:
    """Write steps where they belong, by their instants; the tickets are there already.

    overwrite: a known step of the same instant gives way; else it stays.
    Cost: one statement, an index probe a step.
    """
    await tx.upsert(
        "ticket_step",
        [
            {
                "ticket_id": new.ticket_id,
                "at": new.step.at_ms,
                "status": new.step.status,
                "priority": new.step.priority,
                "tier": new.step.tier,
                "content": new.step.content,
                "by": new.by,
            }
            for new in steps
        ],
        key=("ticket_id", "at"),
        overwrite=overwrite,
    )


async def stored_steps(reading: Reading, ticket_ids: Sequence[str]) -> dict[str, list[Step]]:
    """Return the steps of tickets, by rising instants. Cost: one statement that reads them all."""
    found = await reading.rows(
        f"""
        SELECT s.ticket_id, s.at, s.status, s.priority, s.tier, s.content FROM ticket_step s
        WHERE {reading.one_of("s.ticket_id", "$1")} ORDER BY s.ticket_id, s.at
        """,  # noqa: S608 — the inserted text is ours
        dumps(ticket_ids),
    )
    steps: dict[str, list[Step]] = {ticket_id: [] for ticket_id in ticket_ids}
    for row in found:
        steps[row["ticket_id"]].append(_step_of(row))
    return steps


def _step_of(row: Mapping[str, Any]) -> Step:
    return Step(
        at_ms=row["at"],
        status=TicketStatus(row["status"]),
        priority=Priority(row["priority"]),
        tier=row["tier"],
        content=row["content"],
    )
