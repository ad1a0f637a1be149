"""The control door: what a test or a demonstration does to a vendor, over HTTP. Knows no vendor."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final, Protocol

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulators.documents import answer_json
from simulators.limit import Limit
from simulators.misfortune import Fault, Kind, Misfortunes

PREFIX: Final = "/_control"
Body = Mapping[str, Any]
Verb = Callable[[Body], Any]


class Login(Protocol):
    """The accounts of a vendor."""

    def owner(self, request: Request) -> bool:
        """Say whether the request proves to be the first account's, revoked or not."""

    def revoke(self) -> None:
        """Refuse everybody from now on."""

    def restore(self) -> None:
        """Accept again who was accepted before."""


class Switches(Protocol):
    """What may be set at any time; skew: how far the vendor's clock is ahead."""

    skew: timedelta


class Vendor(Protocol):
    """What all vendors have that the door opens to."""

    misfortunes: Misfortunes

    @property
    def login(self) -> Login:
        """Who may come in."""

    @property
    def switches(self) -> Switches:
        """Settings."""

    @property
    def served(self) -> Mapping[str, int]:
        """How often each method and path was asked for."""


def door(vendor: Vendor, verbs: Mapping[str, Verb], *refusals: type[Exception]) -> Route:
    """Return the route ``POST /_control/{verb}``, for a JSON object and the first account's login.

    That login opens the door even when it was revoked.
    verbs: those of this vendor, beside those that all have.
    refusals: what they raise, beside the built-in errors, when they are misused.
    """
    known = {**_shared(vendor), **verbs}
    misuses: tuple[type[Exception], ...] = (KeyError, TypeError, ValueError, *refusals)

    async def serve(request: Request) -> Response:
        if not vendor.login.owner(request):
            return Response(status_code=401)
        verb = known.get(request.path_params["verb"])
        if verb is None:
            return answer_json({"error": f"one of {', '.join(known)}"}, 404)
        raw = await request.body()
        try:
            result = verb(orjson.loads(raw) if raw else {})
        except misuses as misuse:
            return answer_json({"error": f"{type(misuse).__name__}: {misuse}"}, 400)
        return answer_json({"result": result})

    return Route(f"{PREFIX}/{{verb}}", serve, methods=["POST"])


def limit(body: Body, *, seconds: float, rule: str = "") -> Limit | None:
    """Return the limit that a body asks for, or None when it names no number of requests.

    seconds, rule: where it does not name them.
    """
    if body.get("requests") is None:
        return None
    return Limit(
        requests=int(body["requests"]),
        per=timedelta(seconds=float(body.get("seconds", seconds))),
        rule=body.get("rule", rule),
        is_told=bool(body.get("is_told", True)),
    )


def _shared(vendor: Vendor) -> dict[str, Verb]:
    """Return the verbs that all vendors have."""

    def misfortunes(body: Body) -> None:
        faults = [Fault(**fault | {"kind": Kind(fault["kind"])}) for fault in body["faults"]]
        vendor.misfortunes.push(*faults)

    def skew(body: Body) -> None:
        vendor.switches.skew = timedelta(seconds=float(body["seconds"]))

    return {
        "misfortunes": misfortunes,
        "clear": lambda _: vendor.misfortunes.clear(),
        "release": lambda _: vendor.misfortunes.release(),
        "skew": skew,
        "revoke": lambda _: vendor.login.revoke(),
        "restore": lambda _: vendor.login.restore(),
        "served": lambda _: dict(vendor.served),
    }
