"""What the watch has done is told in a line for each look, and one for each alert."""

from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from models.tables.ticket import TicketRow
from tests.operations.sla.watched import Watched


async def test_an_alert_is_told_with_its_ticket_and_the_look_that_raised_it(
    watched: Watched,
) -> None:
    await watched.send("10:00", "NEW")
    await watched.look("10:01")
    ticket = await TicketRow.get()
    with capture_logs(processors=[merge_contextvars]) as lines:
        await watched.look("13:30")
        await watched.look("13:31")
    (alert,) = [line for line in lines if line["event"] == "alert_raised"]
    assert (alert["ticket_id"], alert["operation"]) == (ticket.id, "sla.tick")
    assert (alert["clock"], alert["level"], alert["late_ms"]) == ("RESOLUTION", "ALERT", 360_000)
    looks = [line for line in lines if line["event"] == "clocks_looked_at"]
    assert [look["alerts"] for look in looks] == [1]
    assert looks[0]["correlation_id"] == alert["correlation_id"]
    assert looks[0]["latency_ms"] == 0


async def test_a_ticket_that_is_sent_is_named(watched: Watched) -> None:
    with capture_logs() as lines:
        await watched.send("10:00", "NEW")
    ticket = await TicketRow.get()
    (line,) = lines
    assert (line["event"], line["ticket_id"]) == ("tickets_ingested", ticket.id)
    assert (line["operation"], line["latency_ms"]) == ("tickets.ingest", 0)
