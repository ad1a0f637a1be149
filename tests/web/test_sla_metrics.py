"""``/metrics`` tells how far the clocks are, and how the watch over them runs."""

from domain.access.roles import Actor, Role
from models.tables.ticket import TicketRow
from tests import given
from tests.operations.sla.watched import Watched, at
from tests.web.test_metrics import scraped


async def test_the_watch_tells_how_long_it_took_and_how_late_it_was(watched: Watched) -> None:
    found = await scraped(watched.runtime)
    assert found["watchpane_sla_rounds_total",] == 0
    assert found["watchpane_sla_round_overdue_seconds",] == 0
    await watched.send("10:00", "NEW")
    await watched.look("10:00", "13:30")
    found = await scraped(watched.runtime)
    assert found["watchpane_sla_rounds_total",] == 2
    assert found["watchpane_sla_round_seconds",] == 0
    assert found["watchpane_sla_round_lag_seconds",] == 6 * 60
    assert found["watchpane_sla_round_overdue_seconds",] == 0
    # the next one was due at 13:31
    watched.clock.at = at("13:36")
    assert (await scraped(watched.runtime))["watchpane_sla_round_overdue_seconds",] == 5 * 60


async def test_clocks_are_counted_by_their_state_at_the_scrape(watched: Watched) -> None:
    for key in ("T-1", "T-2"):
        await watched.send("10:00", "NEW", key=key)
    await watched.send("10:00", "PENDING", key="T-3")
    await watched.send("10:00", "RESOLVED", key="T-4")
    await watched.look("10:01")
    for time, state in (("10:01", "OK"), ("13:24", "ALERT"), ("14:00", "BREACH")):
        watched.clock.at = at(time)
        found = await scraped(watched.runtime)
        clocks = {name[1:]: value for name, value in found.items() if "sla_clocks" in name[0]}
        assert {labels: value for labels, value in clocks.items() if value} == {
            ("RESOLUTION", "RUNNING", state): 2,
            ("RESOLUTION", "PAUSED", "OK"): 1,
        }
        assert len(clocks) == 12


async def test_alerts_and_messages_are_counted(watched: Watched) -> None:
    await watched.send("10:00", "NEW")
    await watched.look("10:01", "13:24", "14:00")
    found = await scraped(watched.runtime)
    assert found["watchpane_sla_alerts_total", "RESOLUTION", "ALERT"] == 1
    assert found["watchpane_sla_alerts_total", "RESPONSE", "ALERT"] == 0
    assert found["watchpane_sla_breaches_total", "RESOLUTION"] == 1
    assert found["watchpane_sla_notifications", "slack", "READY"] == 2
    assert found["watchpane_sla_notifications", "email", "READY"] == 1
    assert found["watchpane_sla_notifications", "email", "DONE"] == 0


async def test_figures_are_of_what_is_in_scope(watched: Watched) -> None:
    snow = await given.integration()
    await watched.send("10:00", "NEW")
    await given.link(await TicketRow.get(), snow)
    await watched.look("10:01", "13:24")
    for scope, count in ((snow.key, 1), ("another", 0)):
        actor = Actor(id="vi", name="Vi", roles=frozenset({Role.VIEWER}), scopes=frozenset({scope}))
        found = await scraped(watched.runtime, actor)
        assert found["watchpane_sla_clocks", "RESOLUTION", "RUNNING", "ALERT"] == count
        assert found["watchpane_sla_alerts_total", "RESOLUTION", "ALERT"] == count
        assert found.get(("watchpane_sla_notifications", "slack", "READY"), 0) == count
