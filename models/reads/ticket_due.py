"""Tickets in the order in which their clocks are due, told without a look."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from domain.sla.terms import SlaClockKind
from models.coding import from_milliseconds, to_milliseconds
from models.reads.conditions import Conditions
from models.reads.keyset import ID, Column, Keyset
from models.reads.page import listed
from models.reads.scope import Scope
from models.reads.statement import rows
from models.reads.ticket import TICKETS, Ticket, TicketFilter

KEY: Final = (Column(name="due_at", type=datetime), ID)
# Where tickets stand whose clocks are not due: last, whichever way the list is read.
_NEVER: Final[Mapping[bool, datetime]] = {
    False: datetime(9999, 12, 31, tzinfo=UTC),
    True: datetime(1970, 1, 1, tzinfo=UTC),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DueTicket:
    """A ticket, and when the first of its clocks is due; an end of time when none is."""

    ticket: Ticket
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DueOrder:
    """What orders the list.

    is_by_breach: clocks are due when they breach, else when they reach their next state.
    clock: only this one counts; without it the first of both.
    """

    is_by_breach: bool
    at: datetime
    clock: SlaClockKind | None = None


async def due_page(
    scope: Scope, wanted: TicketFilter, order: DueOrder, keyset: Keyset
) -> list[DueTicket]:
    """Return a page of tickets, those whose clocks are not due last, by their ids.

    Raises BadCursor. Cost: one statement, a second at the end of those that are due, and
    one with a search. They walk the indexes of what clocks come to, from now on, and then
    the tickets' ids, each for a page at most.
    """
    most = keyset.limit + keyset.skip
    asked = await _asked(scope, wanted, order, keyset)
    found = await asked.due(most)
    if len(found) < most:
        asked = await _asked(scope, wanted, order, keyset)
        found += await asked.not_due(most - len(found))
    return [
        DueTicket(ticket=TICKETS.record_of(row), due_at=from_milliseconds(row["due_at"]))
        for row in found[keyset.skip :]
    ]


async def _asked(scope: Scope, wanted: TicketFilter, order: DueOrder, keyset: Keyset) -> "_Asked":
    conditions = await listed(scope, TICKETS, wanted)
    return _Asked(
        order=order,
        keyset=keyset,
        conditions=conditions,
        now=conditions.put(to_milliseconds(order.at)),
        kind=None if order.clock is None else conditions.put(order.clock),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """One statement: the conditions of the list, and places of the moment and of the clock."""

    order: DueOrder
    keyset: Keyset
    conditions: Conditions
    now: str
    kind: str | None

    async def due(self, most: int) -> list[dict[str, Any]]:
        """Read those of which a clock is due."""
        if self.order.is_by_breach:
            parts = [("breach_at", f"c.breach_at > {self.now}")]
        else:
            past = f"c.breach_at > {self.now} AND c.alert_at <= {self.now}"
            parts = [("alert_at", f"c.alert_at > {self.now}"), ("breach_at", past)]
        limit = self.conditions.put(most)
        walks = [
            f"SELECT * FROM ({self._walk(column, condition)} LIMIT {limit}) AS walk"  # noqa: S608 — names and places
            for column, condition in parts
        ]
        order = self.keyset.order_by(KEY)
        return await rows(
            f"{' UNION ALL '.join(walks)} ORDER BY {order} LIMIT {limit}", *self.conditions.values
        )

    def _walk(self, column: str, condition: str) -> str:
        """Walk the index of an instant, over those clocks that are the first of their ticket."""
        past = self.keyset.past(self.conditions, KEY, [f"c.{column}", "c.subject_id"])
        names = (Column(name=column, type=datetime), Column(name="subject_id", type=str))
        return f"""
            SELECT {TICKETS.columns}, c.{column} AS due_at
            FROM sla_clock c JOIN ticket r ON r.id = c.subject_id
            WHERE {condition} AND {self._counts("c")} AND NOT EXISTS (
                SELECT 1 FROM sla_clock o WHERE o.subject_id = c.subject_id AND {self._counts("o")}
                    AND ({self._next("o")}, o.kind) < (c.{column}, c.kind)
            ) AND {self.conditions.where} AND {past}
            ORDER BY {self.keyset.order_by(names, "c")}
            """  # noqa: S608 — names and places

    async def not_due(self, most: int) -> list[dict[str, Any]]:
        """Read those of which no clock is due, by the tickets' ids."""
        never, position = _NEVER[self.keyset.is_descending], self.keyset.position
        past = "TRUE"
        if position is not None and position[0] == never:
            past = replace(self.keyset, position=position[1:]).past(self.conditions, [ID], ["r.id"])
        return await rows(
            f"""
            SELECT {TICKETS.columns}, {to_milliseconds(never)} AS due_at FROM ticket r
            WHERE NOT EXISTS (
                SELECT 1 FROM sla_clock o WHERE o.subject_id = r.id AND {self._counts("o")}
                    AND {self._next("o")} IS NOT NULL
            ) AND {self.conditions.where} AND {past}
            ORDER BY {self.keyset.order_by([ID], "r")} LIMIT {self.conditions.put(most)}
            """,  # noqa: S608 — names and places
            *self.conditions.values,
        )

    def _counts(self, alias: str) -> str:
        return "TRUE" if self.kind is None else f"{alias}.kind = {self.kind}"

    def _next(self, alias: str) -> str:
        """Return when a clock is due; NULL when it is not, for it has breached or does not run."""
        breach = f"WHEN {alias}.breach_at > {self.now} THEN {alias}.breach_at"
        if self.order.is_by_breach:
            return f"CASE {breach} END"
        return f"CASE WHEN {alias}.alert_at > {self.now} THEN {alias}.alert_at {breach} END"
