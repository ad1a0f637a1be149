"""The watch in the overview."""

from datetime import timedelta

from tests.gql.sla.pane import Pane
from tests.operations.sla.watched import at


async def test_the_overview_counts_what_the_lists_show(pane: Pane) -> None:
    for number in range(6):
        await pane.watched.send("10:00", "OPEN", "P1" if number % 2 else "P2", f"T-{number}")
    await pane.watched.look("10:30")
    await pane.watched.send("10:30", "PENDING", "P1", "T-1")
    await pane.watched.send("10:30", "RESOLVED", "P1", "T-3")
    await pane.watched.send("10:00", "OPEN", "P3", "free")
    await pane.watched.look("10:31")
    open_ones = ["NEW", "OPEN", "PENDING", "ON_HOLD"]
    for time in ("10:31", "13:24", "13:30", "14:00", "17:00", "18:00"):
        now = at(time)
        soon = {"from": now.isoformat(), "to": (now + timedelta(hours=1)).isoformat()}
        wishes: dict[str, dict[str, object]] = {
            "open": {},
            "ok": {"slaState": ["OK"]},
            "alert": {"slaState": ["ALERT"]},
            "breach": {"slaState": ["BREACH"]},
            "paused": {"paused": True},
            "dueNextHour": {"breaching": soon},
        }
        counts = (await pane.ask(f"{{ overview {{ tickets {{ {' '.join(wishes)} }} }} }}", time))[
            "overview"
        ]["tickets"]
        for name, wish in wishes.items():
            listed = await pane.ask(
                "query L($filter: TicketFilter) { tickets(filter: $filter) { totalCount } }",
                filter={"status": open_ones, **wish},
            )
            assert counts[name] == listed["tickets"]["totalCount"], (time, name)
        assert counts["ok"] + counts["alert"] + counts["breach"] == counts["open"] - 1


async def test_the_overview_shows_the_last_ten_alerts(pane: Pane) -> None:
    for number in range(11):
        await pane.watched.send("10:00", "NEW", "P1" if number else "P2", key=f"T-{number}")
    await pane.watched.look("13:24", "16:48")
    data = await pane.ask("{ overview { recentAlerts { raisedAt subject { title } } } }")
    recent = data["overview"]["recentAlerts"]
    assert [one["raisedAt"] for one in recent] == ["2026-03-02T16:48:00.000Z"] * 10
