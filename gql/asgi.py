"""The graph's door: GraphQL over HTTP, and the way to the sockets."""

import re
from collections.abc import Awaitable, Callable
from typing import Any, Final
from urllib.parse import parse_qs

import structlog
from graphql import OperationType
from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send
from strawberry import Schema

from domain.access.roles import Actor
from domain.errors import Unavailable
from gql.answer import Answer, answered, conditional, refused
from gql.asked import Asked, asked, parsed_json
from gql.declined import Code, Declined, declined
from gql.engine import Engine
from gql.negotiation import MediaType, answer_type, check_content, prefers_html
from gql.options import Options
from gql.origin import check_origin
from gql.plan import Plan
from gql.sockets import Sockets

log = structlog.get_logger()

Authenticate = Callable[[str | None], Awaitable[Actor | None]]

ANONYMOUS: Final = Actor(id="anonymous", name="anonymous", roles=frozenset(), scopes=frozenset())

_CORRELATION_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_MAPPINGS: Final = ("variables", "extensions")
# A longer number is too large whatever it says.
_DIGITS: Final = 15


class GraphApp:
    """An ASGI application for one path."""

    def __init__(
        self,
        engine: Engine,
        *,
        authenticate: Authenticate,
        new_id: Callable[[], str],
        options: Options,
    ) -> None:
        """Build it with ``graph_app``."""
        self._engine = engine
        self._authenticate = authenticate
        self._new_id = new_id
        self._options = options
        self.sockets = Sockets(engine, authenticate=authenticate, new_id=new_id, options=options)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or serve one socket to its end."""
        if scope["type"] == "websocket":
            await self.sockets.serve(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if self._options.graphiql is not None and _opens_page(scope, headers):
            await self._options.graphiql(scope, receive, send)
            return
        correlation_id = self._correlation_id(headers)
        media_type = answer_type(headers.get("accept"))
        try:
            answer = await self._answer(scope, receive, headers, media_type, correlation_id)
        except Declined as refusal:
            answer = refused(refusal, media_type or MediaType.JSON)
        except Exception:
            log.exception("graphql_failed", correlation_id=correlation_id)
            failure = declined("Internal error.", Code.INTERNAL, status=500)
            failure.errors[0]["extensions"]["correlationId"] = correlation_id
            answer = refused(failure, media_type or MediaType.JSON)
        with_body = scope["method"] != "HEAD"
        await answer.send(send, correlation_id=correlation_id, with_body=with_body)

    async def _answer(
        self,
        scope: Scope,
        receive: Receive,
        headers: Headers,
        media_type: MediaType | None,
        correlation_id: str,
    ) -> Answer:
        is_post = scope["method"] == "POST"
        _check_method(scope["method"])
        check_origin(headers, self._options.allowed_origins)
        if media_type is None:
            raise declined("The answer is JSON: accept it.", Code.BAD_REQUEST, status=406)
        actor = await self._actor(headers)
        if is_post:
            check_content(headers)
            raw = await _body(headers, receive, self._options.body_bytes)
            request = asked(parsed_json(raw))
        else:
            request = _asked_by_url(scope["query_string"])
        plan = self._engine.plan(request, correlation_id=correlation_id)
        _check_kind(plan, is_post=is_post)
        if actor is None and not plan.is_introspection:
            raise _unauthenticated()
        shown = await self._engine.answer(
            plan, actor=actor or ANONYMOUS, correlation_id=correlation_id
        )
        answer = answered(shown, media_type)
        return answer if is_post else conditional(answer, headers.get("if-none-match"))

    async def _actor(self, headers: Headers) -> Actor | None:
        """Return who asks; None for nobody, where nobody may ask for the schema."""
        given = headers.getlist("authorization")
        if not given and self._options.anonymous_introspection:
            return None
        scheme, _, token = given[0].partition(" ") if len(given) == 1 else ("", "", "")
        is_bearer = scheme.lower() == "bearer"
        try:
            actor = await self._authenticate(token.strip() or None if is_bearer else None)
        except Unavailable as away:
            wait = {"Retry-After": "5"}
            raise declined(away.message, away.code, status=503, headers=wait) from away
        if actor is None:
            raise _unauthenticated()
        return actor

    def _correlation_id(self, headers: Headers) -> str:
        given = headers.get("x-correlation-id", "")
        return given if _CORRELATION_ID.fullmatch(given) else self._new_id()

    def recheck(self) -> None:
        """Look at the tokens of all open sockets now: one of them may have changed."""
        self.sockets.recheck()

    async def close_all(self) -> None:
        """Close all sockets, each with the position to resume from; for the shutdown."""
        await self.sockets.close_all()


def graph_app(
    schema: Schema,
    *,
    authenticate: Authenticate,
    make_context: Callable[[Actor, str], object],
    new_id: Callable[[], str],
    options: Options,
) -> GraphApp:
    """Return the door of a schema.

    authenticate: gets the bearer token, or None, and returns who that is, or None.
    make_context: gets the actor and the correlation id, and returns what
        resolvers find in ``info.context``.
    """
    engine = Engine(schema, make_context=make_context, options=options)
    return GraphApp(engine, authenticate=authenticate, new_id=new_id, options=options)


def _opens_page(scope: Scope, headers: Headers) -> bool:
    return (
        scope["method"] in ("GET", "HEAD")
        and prefers_html(headers.get("accept"))
        and b"query=" not in scope["query_string"]
        and b"extensions=" not in scope["query_string"]
    )


def _check_method(method: str) -> None:
    if method not in ("GET", "HEAD", "POST"):
        raise declined(
            "Use GET or POST.", Code.BAD_REQUEST, status=405, headers={"Allow": "GET, POST"}
        )


def _check_kind(plan: Plan, *, is_post: bool) -> None:
    if plan.kind is OperationType.SUBSCRIPTION:
        message = "Subscriptions are served over WebSocket, as graphql-transport-ws."
        raise declined(message, Code.BAD_REQUEST, status=406)
    if plan.kind is OperationType.MUTATION and not is_post:
        message = "Send mutations with POST."
        raise declined(message, Code.BAD_REQUEST, status=405, headers={"Allow": "POST"})


def _unauthenticated() -> Declined:
    return declined(
        "Send a valid access token: Authorization: Bearer …",
        Code.UNAUTHENTICATED,
        status=401,
        headers={"WWW-Authenticate": "Bearer"},
    )


def _asked_by_url(query_string: bytes) -> Asked:
    """Read the parameters of a GET, where the two mappings are JSON in a string."""
    try:
        given = parse_qs(query_string.decode("ascii"), keep_blank_values=True, errors="strict")
    except (UnicodeDecodeError, ValueError) as error:
        raise declined("The URL is not UTF-8.", Code.BAD_REQUEST, status=400) from error
    fields: dict[str, Any] = {}
    for name, values in given.items():
        if len(values) > 1:
            raise declined(f'"{name}" is given twice.', Code.BAD_REQUEST, status=400)
        fields[name] = parsed_json(values[0]) if name in _MAPPINGS and values[0] else values[0]
    return asked({name: value for name, value in fields.items() if value != ""})


async def _body(headers: Headers, receive: Receive, limit: int) -> bytes:
    """Read the body, at most ``limit`` bytes of it whatever its header says."""
    announced = headers.get("content-length", "")
    if announced.isdecimal() and (len(announced) > _DIGITS or int(announced) > limit):
        raise _too_large(limit)
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise declined("The client went away.", Code.BAD_REQUEST, status=400)
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise _too_large(limit)
        chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks)


def _too_large(limit: int) -> Declined:
    return declined(
        f"The body exceeds {limit} bytes.",
        Code.QUERY_TOO_LARGE,
        status=413,
        headers={"Connection": "close"},
    )
