"""A look reads what is due, by an index, and no whole table."""

import re
from typing import Final

import pytest
from tortoise.connection import get_connection

from domain.records import Priority, TicketStatus
from models.dialect import is_sqlite
from operations.sla.tick import evaluate_due
from operations.tickets.event import TicketEvent
from operations.tickets.ingest import IngestTickets, ingest_tickets
from tests.models.reads.plans import explaining
from tests.operations.sla.watched import POLICY, Watched, alerts, at
from tests.world import ADMIN

# Of each of these there are many.
_TABLES: Final = ("ticket", "ticket_step", "sla_subject", "sla_clock", "alert")
# Where PostgreSQL is given ids it reads a table of this size whole, which is the less work. What
# has not been deleted is nearly all of a table.
_WHOLE: Final = re.compile(
    rf"Seq Scan on sla_subject\b|^SCAN ({'|'.join(_TABLES)}|s|t)\b|\(deleted_at=\?\)"
)


async def _many(watched: Watched) -> None:
    """Send 2,000 tickets, of which all but three wait and have breached, and look at all."""
    for start in (0, 1_000):
        events = [
            TicketEvent(
                id=f"T-{number}",
                priority=Priority.P1,
                tier="PREMIUM",
                status=TicketStatus.OPEN if number < 3 else TicketStatus.PENDING,
                created_at=at("10:00" if number < 3 else "07:00"),
                updated_at=at("11:00"),
            )
            for number in range(start, start + 1_000)
        ]
        await ingest_tickets(watched.runtime, ADMIN, IngestTickets(events=events))
    await watched.look("11:01")
    assert len(await alerts()) == 1_997
    connection = get_connection("default")
    # SQLite goes by its rules alone, for nobody counts its rows.
    for table in () if is_sqlite(connection) else _TABLES:
        await connection.execute_query(f"ANALYZE {table}")


async def test_a_tick_reads_no_whole_table(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _many(watched)
    plan = explaining(monkeypatch, is_sqlite=is_sqlite(get_connection("default")))

    async def tick() -> None:
        await evaluate_due(watched.runtime)

    # when some are due, and some have changed
    watched.clock.at = at("13:24")
    await watched.send("13:24", "PENDING", key="T-1")
    lines = await plan(tick)
    assert len(await alerts()) == 2_000
    assert [line for line in lines if _WHOLE.search(line)] == []

    # and when another policy takes one promise back
    await watched.go_by(POLICY.replace("[P1]", "[P3]"))
    lines = await plan(tick)
    assert [line for line in lines if _WHOLE.search(line)] == []
