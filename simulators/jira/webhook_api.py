"""The interfaces by which administrators and apps register webhooks."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulators.documents import answer_json
from simulators.jira.answers import Refusal
from simulators.jira.gate import Gate, body, number
from simulators.jira.index import milliseconds
from simulators.jira.jql import Unreadable, parse
from simulators.jira.registry import EVENTS, Hook, Registrant
from simulators.jira.webhook import Webhook

ADMIN: Final = "/rest/webhooks/1.0/webhook"
APP: Final = "/rest/api/{version}/webhook"
_LIVES: Final = timedelta(days=30)
# Of one person, on one site.
_MOST: Final = 5
_FILTER: Final = "issue-related-events-section"


class WebhookApi:
    """Serves webhooks."""

    def __init__(self, gate: Gate, webhook: Webhook, client_secret: str) -> None:
        """Register with what sends them; apps' webhooks are signed with the client's secret."""
        self._gate = gate
        self._webhook = webhook
        self._registry = webhook.registry
        self._client_secret = client_secret

    def routes(self) -> list[Route]:
        """Return the routes of this interface."""
        route = self._gate.route
        return [
            route("GET", ADMIN, self._admin_all),
            route("POST", ADMIN, self._admin_add),
            route("GET", f"{ADMIN}/{{id}}", self._admin_one),
            route("PUT", f"{ADMIN}/{{id}}", self._admin_change),
            route("DELETE", f"{ADMIN}/{{id}}", self._admin_remove),
            route("GET", APP, self._app_all),
            route("POST", APP, self._app_add),
            route("DELETE", APP, self._app_remove),
            route("PUT", f"{APP}/refresh", self._app_refresh),
            route("GET", f"{APP}/failed", self._app_failed),
        ]

    async def _admin_all(self, request: Request) -> Response:
        hooks = self._registry.all([Registrant.ADMIN])
        return answer_json([self._shown(request, hook) for hook in hooks])

    async def _admin_add(self, request: Request) -> Response:
        hook = self._registry.add(await self._asked(request, Hook(id=0, url="", secret="")))
        shown = self._shown(request, hook)
        return answer_json(shown, 201, {"Location": shown["self"]})

    async def _admin_one(self, request: Request) -> Response:
        return answer_json(self._shown(request, self._found(request)))

    async def _admin_change(self, request: Request) -> Response:
        hook = await self._asked(request, self._found(request))
        self._registry.change(hook)
        return answer_json(self._shown(request, hook))

    async def _admin_remove(self, request: Request) -> Response:
        self._registry.remove(self._found(request).id)
        return Response(status_code=204)

    async def _asked(self, request: Request, hook: Hook) -> Hook:
        """Return a webhook as a request wants it; raise Refusal when it cannot be."""
        asked = await body(request)
        url, events = asked.get("url", hook.url), tuple(asked.get("events", hook.events))
        if not str(url).startswith(("http://", "https://")):
            raise Refusal(400, "The URL specified for the webhook is invalid.")
        if not events or not set(events) <= set(EVENTS):
            raise Refusal(400, "Webhook events are invalid.")
        jql = str((asked.get("filters") or {}).get(_FILTER, hook.jql))
        parse(jql)
        return replace(
            hook,
            url=url,
            events=events,
            jql=jql,
            # A secret that is not given stays as it was.
            secret=str(asked.get("secret", hook.secret)),
            name=str(asked.get("name", hook.name)),
            registered_by=self._gate.account(request),
            registered=milliseconds(self._gate.now()),
        )

    def _found(self, request: Request) -> Hook:
        wanted = request.path_params["id"]
        hook = self._registry.one(int(wanted)) if wanted.isdigit() else None
        if hook is None or hook.registrant is not Registrant.ADMIN:
            raise Refusal(404, f"Webhook with id {wanted} does not exist.")
        return hook

    def _shown(self, request: Request, hook: Hook) -> dict[str, Any]:
        view = self._gate.view(request)
        return {
            "name": hook.name,
            "url": hook.url,
            "excludeBody": False,
            "filters": {_FILTER: hook.jql},
            "events": list(hook.events),
            "enabled": True,
            "isSigned": bool(hook.secret),
            "self": f"{view.root}{ADMIN}/{hook.id}",
            "lastUpdatedUser": hook.registered_by,
            "lastUpdatedDisplayName": view.people.shown(hook.registered_by)["displayName"],
            "lastUpdated": hook.registered,
        }

    async def _app_all(self, request: Request) -> Response:
        self._only_apps(request)
        start, size = number(request, "startAt", 0, 10**9), number(request, "maxResults", 100, 100)
        hooks = self._registry.all([Registrant.APP])
        values = [
            {
                "id": hook.id,
                "url": hook.url,
                "events": list(hook.events),
                "jqlFilter": hook.jql,
                "expirationDate": hook.expires,
            }
            for hook in hooks[start : start + size]
        ]
        is_last = start + size >= len(hooks)
        page = {"startAt": start, "maxResults": size, "total": len(hooks), "isLast": is_last}
        return answer_json(page | {"values": values})

    async def _app_add(self, request: Request) -> Response:
        self._only_apps(request)
        asked = await body(request)
        url, webhooks = asked.get("url"), asked.get("webhooks")
        if not url or not webhooks:
            raise Refusal(400, "The webhooks or their URL are missing.")
        results = [self._registered(request, str(url), details) for details in webhooks]
        return answer_json({"webhookRegistrationResult": results})

    def _registered(self, request: Request, url: str, details: dict[str, Any]) -> dict[str, Any]:
        events, jql = tuple(details.get("events") or ()), str(details.get("jqlFilter") or "")
        errors = [f"Unsupported event: {event}" for event in events if event not in EVENTS]
        if len(self._registry.all([Registrant.APP])) >= _MOST:
            errors.append(f"The maximum number of webhooks is {_MOST}.")
        try:
            if parse(jql).where is None:
                errors.append("The JQL filter is empty.")
        except Unreadable as fault:
            errors.append(str(fault))
        if errors:
            return {"errors": errors}
        hook = Hook(
            id=0,
            url=url,
            secret=self._client_secret,
            events=events,
            jql=jql,
            registrant=Registrant.APP,
            expires=self._expires(),
            registered_by=self._gate.account(request),
        )
        return {"createdWebhookId": self._registry.add(hook).id}

    async def _app_remove(self, request: Request) -> Response:
        self._only_apps(request)
        for hook in await self._named(request):
            self._registry.remove(hook.id)
        return Response(status_code=202)

    async def _app_refresh(self, request: Request) -> Response:
        self._only_apps(request)
        expires = self._expires()
        for hook in await self._named(request):
            self._registry.change(replace(hook, expires=expires))
        return answer_json({"expirationDate": expires})

    async def _app_failed(self, request: Request) -> Response:
        self._only_apps(request)
        values = [
            {"id": one.id, "url": one.hook.url, "body": one.body.decode(), "failureTime": one.at}
            for one in self._webhook.failed
            if one.hook.registrant is Registrant.APP
        ]
        return answer_json({"maxResults": 100, "values": values})

    async def _named(self, request: Request) -> list[Hook]:
        """Return the apps' webhooks that a request names; raise Refusal when it names none."""
        wanted = (await body(request)).get("webhookIds")
        if not wanted:
            raise Refusal(400, "The list of webhook IDs is missing.")
        hooks = [self._registry.one(each) for each in dict.fromkeys(wanted)]
        return [hook for hook in hooks if hook and hook.registrant is Registrant.APP]

    def _only_apps(self, request: Request) -> None:
        caller = request.state.caller
        if caller is None or not caller.is_app:
            raise Refusal(403, "Only Connect and OAuth 2.0 apps can use this operation.")

    def _expires(self) -> int:
        return milliseconds(self._gate.now() + _LIVES)
