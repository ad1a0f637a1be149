"""A ticket that is being written to: its row, its history, and what is new of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from domain.sla.history import History, Placed, Step, placed
from models.coding import dumps
from models.transaction import Transaction
from operations.tickets.event import Update
from operations.tickets.standing import Standing, standing
from operations.tickets.steps import stored_steps

Line = dict[str, Any]

_COLUMNS: Final = (
    "id",
    "source_id",
    "sent_as",
    "title",
    "description",
    "status",
    "priority",
    "tier",
    "assignee",
    "incident_id",
    "resolved_at",
    "extra",
    "created_at",
    "updated_at",
    "deleted_at",
    "version",
)
# Columns whose change a subscriber is told of, by their names in the graph.
_TOLD: Final = {
    "title": "title",
    "status": "status",
    "priority": "priority",
    "tier": "tier",
    "incident_id": "incident",
    "resolved_at": "resolvedAt",
}


@dataclass(slots=True, kw_only=True)
class Book:
    """One ticket under way; ``row`` is None for one that is new."""

    id: str
    source_id: str
    row: Line | None = None
    history: History | None = None
    added: list[Step] = field(default_factory=list)

    def take(self, update: Update) -> Placed:
        """Put an update into the history, in memory."""
        done = placed(self.history, update.step, created_ms=update.created_ms)
        if done.history is not self.history:
            self.added.append(update.step)
            self.history = done.history
        return done

    def standing(self) -> Standing:
        """Return how the ticket stands. Raises ValueError before any update was taken."""
        if self.history is None:
            raise ValueError("no update of this ticket was taken")
        return standing(self.history)

    def line(self, now: Standing) -> Line:
        """Return the ticket's row as it stands."""
        before = self.row or {
            **dict.fromkeys(_COLUMNS),
            "id": self.id,
            "source_id": self.source_id,
            "sent_as": self.source_id,
            "title": self.source_id,
            "extra": dumps({}),
            "version": 0,
        }
        return before | {
            "title": now.extras.title or before["title"],
            "status": now.last.status,
            "priority": now.last.priority,
            "tier": now.last.tier,
            "incident_id": now.extras.incident_id or before["incident_id"],
            "resolved_at": now.resolved_ms,
            "created_at": now.created_ms,
            "updated_at": now.last.at_ms,
            "version": before["version"] + len(self.added),
        }

    def changed(self, line: Line) -> tuple[str, ...]:
        """Return what has changed of a ticket that is not new, by its names in the graph."""
        before = self.row or line
        named = {name for column, name in _TOLD.items() if before[column] != line[column]}
        return tuple(sorted({*named, "history"}))


async def opened(tx: Transaction, source_ids: Sequence[str]) -> dict[str, Book]:
    """Return the tickets that have been sent before, locked, with their histories.

    Cost: two statements, which read all steps of these tickets.
    """
    columns = ", ".join(_COLUMNS)
    found = await tx.rows(
        f"""
        SELECT {columns} FROM ticket WHERE {tx.one_of("sent_as", "$1")}
        ORDER BY id {tx.for_update}
        """,  # noqa: S608 — names are ours
        dumps(source_ids),
    )
    steps = await stored_steps(tx, [row["id"] for row in found])
    return {
        row["sent_as"]: Book(
            id=row["id"],
            source_id=row["sent_as"],
            row=row,
            history=History(created_ms=row["created_at"], steps=tuple(steps[row["id"]])),
        )
        for row in found
    }
