"""A system that subscribes to webhooks."""

from typing import Any

import httpx

from simulators.pagerduty.subscriptions import INCIDENT_EVENTS
from tests.simulators.receiver import Receiver

METHOD = {"type": "http_delivery_method", "url": "http://us/hook"}
ASKED = {
    "type": "webhook_subscription",
    "delivery_method": METHOD,
    "events": list(INCIDENT_EVENTS),
    "filter": {"type": "account_reference"},
}


def events_of(receiver: Receiver) -> list[dict[str, Any]]:
    return [body["event"] for body in receiver.bodies()]


def types_of(receiver: Receiver) -> list[str]:
    return [event["event_type"] for event in events_of(receiver)]


async def subscribed(http: httpx.AsyncClient, **changes: object) -> dict[str, Any]:
    answer = await http.post(
        "/webhook_subscriptions", json={"webhook_subscription": ASKED | changes}
    )
    assert answer.is_success, answer.text
    subscription: dict[str, Any] = answer.json()["webhook_subscription"]
    return subscription


async def shown(http: httpx.AsyncClient, id: str) -> dict[str, Any]:
    answer = await http.get(f"/webhook_subscriptions/{id}")
    subscription: dict[str, Any] = answer.json()["webhook_subscription"]
    return subscription
