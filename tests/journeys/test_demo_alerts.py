"""The demo's help desk brings tickets close to their targets, so that alerts come by themselves."""

from datetime import datetime, timedelta
from typing import Any

from simulators.demo.help_desk import PREFIX
from tests.journeys.house import House, holds

# The first of them is due when it is sent, the next ones soon after.
_MOST_SECONDS = 60.0


async def test_an_alert_comes_within_a_minute_of_the_demo_and_the_forecast_knows_the_next(
    house: House,
) -> None:
    # given a demo that moves by itself
    ready = await house.demo(DEMO_SPEED="1")
    alerts: list[dict[str, Any]] = []

    async def raised() -> bool:
        found = await ready.graph.ask(
            "{ alerts(first: 100) { edges { node { clock level"
            " subject { ... on Ticket { sourceId } } } } } }"
        )
        # What the vendors' people do may be late too, under the same titles.
        nodes = [edge["node"] for edge in found["alerts"]["edges"]]
        alerts[:] = [one for one in nodes if one["subject"].get("sourceId", "").startswith(PREFIX)]
        return bool(alerts)

    # then an alert comes soon
    await holds(raised, seconds=_MOST_SECONDS)
    assert alerts[-1]["clock"] == "RESPONSE"
    assert alerts[-1]["level"] == "ALERT"
    # and when those that were sent with it come to their ends is foreseen
    now = datetime.fromisoformat(
        (await ready.graph.ask("{ overview { asOf } }"))["overview"]["asOf"]
    )
    found = await ready.graph.ask(
        "query Next($until: DateTime!) { slaForecast(until: $until) { totalCount } }",
        until=(now + timedelta(hours=1)).isoformat(),
    )
    assert found["slaForecast"]["totalCount"] >= 1
