"""A system that subscribes to webhooks, and keeps what it hears."""

from typing import Any

import httpx
import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulators.pagerduty.subscriptions import INCIDENT_EVENTS

METHOD = {"type": "http_delivery_method", "url": "http://us/hook"}
ASKED = {
    "type": "webhook_subscription",
    "delivery_method": METHOD,
    "events": list(INCIDENT_EVENTS),
    "filter": {"type": "account_reference"},
}


class Receiver:
    """A system that is told of events, and keeps what it hears."""

    def __init__(self) -> None:
        self.heard: list[tuple[dict[str, str], bytes]] = []
        self.status = 202
        self.app = Starlette(routes=[Route("/hook", self._hear, methods=["POST"])])

    async def _hear(self, request: Request) -> Response:
        self.heard.append((dict(request.headers), await request.body()))
        return Response(status_code=self.status)

    def events(self) -> list[dict[str, Any]]:
        return [orjson.loads(body)["event"] for _, body in self.heard]

    def types(self) -> list[str]:
        return [event["event_type"] for event in self.events()]


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
