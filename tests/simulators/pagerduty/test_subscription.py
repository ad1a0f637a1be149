from datetime import timedelta

import httpx
import pytest

from simulators.pagerduty.instance import PagerDuty
from simulators.pagerduty.webhook import Mishaps
from tests.simulators.conftest import Clock
from tests.simulators.pagerduty.subscribed import ASKED, events_of, subscribed, types_of
from tests.simulators.receiver import Receiver


async def test_a_filter_names_the_service_whose_events_are_told(
    pagerduty: PagerDuty, http: httpx.AsyncClient, receiver: Receiver
) -> None:
    service = pagerduty.service("Public API")["id"]
    made = await subscribed(http, filter={"type": "service_reference", "id": service})
    pagerduty.trigger("Elsewhere")
    pagerduty.trigger("Here", service="Public API")
    await http.post(f"/webhook_subscriptions/{made['id']}/ping")
    assert await pagerduty.webhooks.send() == 2
    assert [event["data"].get("title") for event in events_of(receiver)] == ["Here", None]
    assert types_of(receiver)[1] == "pagey.ping"


async def test_services_are_told_of_too(
    pagerduty: PagerDuty, http: httpx.AsyncClient, receiver: Receiver
) -> None:
    await subscribed(http, events=["service.created", "service.deleted"])
    pagerduty.add_service("Brand New")
    pagerduty.delete_service("Brand New")
    await pagerduty.webhooks.send()
    assert types_of(receiver) == ["service.created", "service.deleted"]
    assert events_of(receiver)[0]["data"]["summary"] == "Brand New"


@pytest.mark.parametrize(
    ("mishaps", "told"),
    [
        (Mishaps(lose=1), []),
        (Mishaps(double=1), ["A", "A", "B", "B"]),
        (Mishaps(swap=1), ["B", "A"]),
        (Mishaps(delay=1, delayed_by=timedelta(seconds=5)), []),
    ],
)
async def test_messages_are_lost_doubled_swapped_and_late(
    pagerduty: PagerDuty,
    http: httpx.AsyncClient,
    receiver: Receiver,
    mishaps: Mishaps,
    told: list[str],
) -> None:
    await subscribed(http)
    pagerduty.webhooks.mishaps = mishaps
    pagerduty.trigger("A")
    pagerduty.trigger("B")
    await pagerduty.webhooks.send()
    assert [event["data"]["title"] for event in events_of(receiver)] == told


@pytest.mark.usefixtures("receiver")
async def test_a_late_message_comes_when_it_is_due(
    pagerduty: PagerDuty, http: httpx.AsyncClient, clock: Clock
) -> None:
    await subscribed(http)
    pagerduty.webhooks.mishaps = Mishaps(delay=1, delayed_by=timedelta(seconds=5))
    pagerduty.trigger("A")
    clock.move(seconds=5)
    assert await pagerduty.webhooks.send() == 1


async def test_a_removed_subscription_is_told_nothing_more(
    pagerduty: PagerDuty, http: httpx.AsyncClient, receiver: Receiver
) -> None:
    made = await subscribed(http)
    pagerduty.trigger("A")
    await http.delete(f"/webhook_subscriptions/{made['id']}")
    assert await pagerduty.webhooks.send() == 0
    assert not receiver.heard
    assert not pagerduty.webhooks.queue


@pytest.mark.parametrize(
    "changes",
    [
        {"events": []},
        {"events": ["incident.title_updated"]},
        {"filter": {"type": "service_reference"}},
        {"delivery_method": {"type": "http_delivery_method"}},
    ],
)
async def test_a_wrong_subscription_is_refused(
    http: httpx.AsyncClient, changes: dict[str, object]
) -> None:
    body = {"webhook_subscription": ASKED | changes}
    assert (await http.post("/webhook_subscriptions", json=body)).status_code == 400


async def test_a_subscription_is_edited_and_removed(
    pagerduty: PagerDuty, http: httpx.AsyncClient
) -> None:
    made = await subscribed(http)
    url = f"/webhook_subscriptions/{made['id']}"
    await http.put(url, json={"webhook_subscription": {"active": False}})
    pagerduty.trigger("A")
    assert not pagerduty.webhooks.queue
    listed = (await http.get("/webhook_subscriptions")).json()["webhook_subscriptions"]
    assert [one["active"] for one in listed] == [False]
    assert (await http.delete(url)).status_code == 204
    assert (await http.get(url)).status_code == 404
