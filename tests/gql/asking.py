"""Ways to ask the whole graph, as one of a few actors."""

import os
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import orjson

from adapters.contract import Access, Vendor
from domain.access.roles import Actor, Role
from gql.asgi import GraphApp, graph_app
from gql.asked import Asked
from gql.context import Context
from gql.declined import Declined
from gql.engine import Engine
from gql.frames import Frame
from gql.live import Live
from gql.loaders import Loaders
from gql.options import Options
from gql.schema import schema
from models.sealed import Key, KeyRing
from operations.runtime import Account, Runtime
from operations.sla.look import PolicySource
from tests import given
from tests.gql.board import TOKEN
from tests.operations.sla.written import POLICY
from workers.budget import SharedBudget

ADA: Final = Actor(
    id="ada", name="Ada", roles=frozenset({Role.PLATFORM_ADMINISTRATOR}), scopes=frozenset()
)
NOBODY: Final = Actor(id="no", name="Nobody", roles=frozenset(), scopes=frozenset({"*"}))


def viewer(*scopes: str) -> Actor:
    """Return somebody who reads what is in these scopes."""
    return Actor(id="vi", name="Vi", roles=frozenset({Role.VIEWER}), scopes=frozenset(scopes))


@dataclass
class Graph:
    """The whole graph over the open database; its clock moves when told."""

    live: Live = field(default_factory=Live)
    now: datetime = given.NOW
    woken: list[str] = field(default_factory=list)
    policy_source: PolicySource = POLICY

    def __post_init__(self) -> None:
        key = Key(id="k1", secret=bytes(32))
        self.runtime = Runtime(
            now=lambda: self.now,
            new_id=given.new_id,
            new_secret=lambda: "secret",
            keys=KeyRing([key], random_bytes=os.urandom),
            chance=lambda: 0.5,
            connect=self._connect,
            budget=SharedBudget(None, processes=1),
            wake=self._wake,
            policy_source=self.policy_source,
            owner="tests",
        )
        self._engine = Engine(schema, make_context=self._context, options=Options())

    async def ask(self, query: str, *, actor: Actor = ADA, **variables: object) -> dict[str, Any]:
        """Return the data of an answer without errors."""
        answer = await self.answer(query, actor=actor, **variables)
        assert "errors" not in answer, answer["errors"]
        data: dict[str, Any] = answer["data"]
        return data

    async def answer(
        self, query: str, *, actor: Actor = ADA, **variables: object
    ) -> dict[str, Any]:
        """Return a whole answer, or the errors of a request that was not executed."""
        try:
            plan = self._engine.plan(_asked(query, variables), correlation_id="c1")
            return await self._engine.answer(plan, actor=actor, correlation_id="c1")
        except Declined as refusal:
            return {"data": None, "errors": refusal.errors}

    async def code(self, query: str, *, actor: Actor = ADA, **variables: object) -> str:
        """Return the code of an answer's only error."""
        answer = await self.answer(query, actor=actor, **variables)
        (error,) = answer["errors"]
        code: str = error["extensions"]["code"]
        return code

    async def events(
        self, query: str, *, actor: Actor = ADA, **variables: object
    ) -> AsyncGenerator[dict[str, Any], None]:
        """Yield the data of a subscription's events."""
        async with aclosing(self.frames(query, lambda: actor, **variables)) as frames:
            async for frame in frames:
                answer = orjson.loads(frame.text or "")
                assert "errors" not in answer, answer["errors"]
                yield answer["data"]

    def frames(
        self, query: str, who: Callable[[], Actor] = lambda: ADA, **variables: object
    ) -> AsyncGenerator[Frame, None]:
        """Yield a subscription's events as they are sent; ``who`` listens may change."""
        plan = self._engine.plan(_asked(query, variables), correlation_id="c1")
        return self._engine.events(plan, actor=who, correlation_id="c1")

    def door(self, **options: Any) -> GraphApp:  # noqa: ANN401 — any option
        """Return the graph's doors, open to a token that is Ada's."""

        async def authenticate(token: str | None) -> Actor | None:
            return ADA if token == TOKEN else None

        return graph_app(
            schema,
            authenticate=authenticate,
            make_context=self._context,
            new_id=given.new_id,
            options=Options(**options),
        )

    async def refusal(self, query: str, *, actor: Actor = ADA, **variables: object) -> str:
        """Return the code with which a subscription does not begin."""
        try:
            await anext(self.events(query, actor=actor, **variables))
        except Declined as refusal:
            code: str = refusal.errors[0]["extensions"]["code"]
            return code
        raise AssertionError("it began")

    def _context(self, actor: Actor, correlation_id: str) -> Context:
        return Context(
            runtime=self.runtime,
            actor=actor,
            correlation_id=correlation_id,
            as_of=self.runtime.now(),
            loaders=Loaders(actor),
            live=self.live,
        )

    def _connect(self, account: Account) -> Vendor:
        return account.manifest.connect(
            Access(
                base_url=account.base_url,
                credentials=account.credentials,
                now=lambda: self.now,
                deadline=timedelta(seconds=1),
                mappings=account.mappings,
            )
        )

    async def _wake(self, topic: str) -> None:
        self.woken.append(topic)


def _asked(query: str, variables: Mapping[str, object]) -> Asked:
    return Asked(query=query, variables=variables, operation_name=None, extensions={})
