"""What happens at a vendor is told to subscribers at once, without a pull."""

from tests.journeys.house import House, holds
from tests.journeys.listener import Listener, listening
from tests.journeys.mirror import DEMO, only_servicenow

_STATES = ("2", "3", "2", "3", "2")
_WATCHED = "query($key: String!) { integration(by: {key: $key}) { id sync { lastWebhookAt } } }"


async def test_an_edit_at_the_vendor_reaches_a_subscriber_by_webhook(house: House) -> None:
    # given a mirror that is complete, of a vendor that is not read again for a day
    ready = await house.demo()
    await only_servicenow(ready.graph)
    found = (await ready.graph.ask(_WATCHED, key=DEMO))["integration"]
    asked = {"id": found["id"], "pollInterval": "P1D"}
    await ready.graph.change(
        "configureIntegration", "ConfigureIntegrationInput", asked, "integration { id }"
    )
    subscriber = Listener(ready)

    async def heard(count: int) -> None:
        async def all_heard() -> bool:
            return len(subscriber.heard) >= count

        await holds(all_heard)

    async with listening(subscriber):
        # when its people open an incident, and work on it
        incident = await ready.vendor.create("incident", short_description="Mail is down")
        await heard(1)
        for count, state in enumerate(_STATES, start=2):
            await ready.vendor.edit("incident", incident, state=state, hold_reason="1")
            await heard(count)

    # then a subscriber has heard of it each time, and all of it came by the door
    assert [heard.fact[1] for heard in subscriber.heard] == ["CREATED"] + ["UPDATED"] * 5
    of = subscriber.heard[0].fact[2]
    (edits,) = await house.tables.rows(
        f"""
        SELECT count(*) AS n, sum(source = 'WEBHOOK') AS told FROM edit WHERE incident_id = '{of}'
        """  # noqa: S608 — an id of ours
    )
    assert edits["n"] == edits["told"] >= len(_STATES)
    found = (await ready.graph.ask(_WATCHED, key=DEMO))["integration"]
    assert found["sync"]["lastWebhookAt"] is not None
