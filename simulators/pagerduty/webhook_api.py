"""Webhook subscriptions over HTTP."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulators.pagerduty.answers import answer_json
from simulators.pagerduty.gate import Gate, told
from simulators.pagerduty.paging import page
from simulators.pagerduty.store import Document
from simulators.pagerduty.webhook import Webhooks

_REDACTED = "<redacted>"


class WebhookApi:
    """Endpoints over webhook subscriptions."""

    def __init__(self, webhooks: Webhooks, gate: Gate) -> None:
        """Serve these subscriptions to those whom the gate admits."""
        self._webhooks = webhooks
        self._subscriptions = webhooks.subscriptions
        self._gate = gate

    def routes(self) -> list[Route]:
        """Return the routes."""
        folder, one = "/webhook_subscriptions", "/webhook_subscriptions/{id}"
        endpoints = {
            ("GET", folder): self._list,
            ("POST", folder): self._create,
            ("GET", one): self._one,
            ("PUT", one): self._edit,
            ("DELETE", one): self._delete,
            ("POST", f"{one}/enable"): self._enable,
            ("POST", f"{one}/ping"): self._ping,
        }
        return [
            Route(path, self._gate.guarded(endpoint, "webhook_subscriptions"), methods=[method])
            for (method, path), endpoint in endpoints.items()
        ]

    async def _list(self, request: Request) -> Response:
        asked, known = page(request), self._subscriptions.all()
        if kind := request.query_params.get("filter_type"):
            form = f"{kind.removesuffix('_reference')}_reference"
            known = [one for one in known if one["filter"]["type"] == form]
        if wanted := request.query_params.get("filter_id"):
            known = [one for one in known if one["filter"]["id"] == wanted]
        end = asked.offset + asked.limit
        shown = [self._shown(one) for one in known[asked.offset : end]]
        total = len(known) if asked.with_total else None
        beside = asked.answer(more=end < len(known), total=total)
        return answer_json({"webhook_subscriptions": shown} | beside)

    async def _create(self, request: Request) -> Response:
        root = str(request.base_url).rstrip("/")
        made = self._subscriptions.add(await told(request, "webhook_subscription"), root)
        shown = self._shown(made)
        # The only answer that tells it.
        shown["delivery_method"]["secret"] = made["secrets"][0]
        shown["delivery_method"]["custom_headers"] = made["custom_headers"]
        return answer_json({"webhook_subscription": shown})

    async def _one(self, request: Request) -> Response:
        return self._answer(self._subscriptions.get(request.path_params["id"]))

    async def _edit(self, request: Request) -> Response:
        asked = await told(request, "webhook_subscription")
        return self._answer(self._subscriptions.edit(request.path_params["id"], asked))

    async def _delete(self, request: Request) -> Response:
        self._subscriptions.remove(request.path_params["id"])
        return Response(status_code=204)

    async def _enable(self, request: Request) -> Response:
        return self._answer(self._subscriptions.enable(request.path_params["id"]))

    async def _ping(self, request: Request) -> Response:
        self._webhooks.ping(request.path_params["id"], None)
        return Response(status_code=202)

    def _answer(self, subscription: Mapping[str, Any]) -> Response:
        return answer_json({"webhook_subscription": self._shown(subscription)})

    def _shown(self, subscription: Mapping[str, Any]) -> Document:
        names = ("id", "active", "description", "events", "filter")
        headers = [header | {"value": _REDACTED} for header in subscription["custom_headers"]]
        return {name: subscription[name] for name in names} | {
            "type": "webhook_subscription",
            "delivery_method": {
                "id": f"{subscription['id']}M",
                "type": "http_delivery_method",
                "url": subscription["url"],
                "secret": None,
                "temporarily_disabled": self._subscriptions.is_off(subscription),
                "custom_headers": headers,
            },
        }
