"""Runs one subscription, together with all others of its shape.

They share each execution and its text. Shape: the same document and variables, whatever
the place where they begin, for viewers of the same roles and scopes.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Hashable
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol, runtime_checkable

import orjson
from graphql import ExecutionResult, GraphQLError, create_source_event_stream
from graphql.execution import Executor, execute_subscription_event

from domain.access.roles import Actor
from gql.declined import Shown
from gql.frames import Frame, Frames
from gql.onlooker import Onlooker
from gql.plan import Plan


class Item(Protocol):
    """What comes from a source, the same for all of its subscribers."""

    @property
    def place(self) -> Hashable:
        """What tells it from other items."""

    @property
    def cursor(self) -> str:
        """Where one goes on after it."""


@runtime_checkable
class Source(Protocol):
    """What a subscription's resolver returns."""

    def follow(
        self, seen: Callable[[Item], Awaitable[Frame | None]]
    ) -> AsyncGenerator[Frame, None]:
        """Yield what is made of one item after the other, but for None."""

    async def event(self, item: Item, context: Any) -> object | None:  # noqa: ANN401 — the schema's own
        """Return what the schema shows of an item; None when it is not wanted."""


class SourceError(Exception):
    """A source that cannot be opened."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        """Keep the reasons."""
        super().__init__(errors)
        self.errors = errors


@dataclass(frozen=True, slots=True, kw_only=True)
class _View:
    """A source, opened for an actor; ``shape`` is shared by those who see the same of it."""

    actor: Actor
    source: Source
    shape: Hashable


@dataclass(slots=True, kw_only=True)
class Subscriber:
    """One subscription of a client.

    who: asked for each item, for rights may change meanwhile.
    context: makes what resolvers find in ``info.context``, for an actor.
    shown: makes the answer of an execution.
    """

    plan: Plan
    executor: Executor[Any]
    frames: Frames
    who: Callable[[], Actor]
    context: Callable[[Actor], object]
    shown: Callable[[ExecutionResult], Shown]
    _view: _View = field(init=False)

    async def hear(self) -> AsyncGenerator[Frame, None]:
        """Yield what the client is sent. Raises SourceError, and what the source raises."""
        self._view = await self._opened(self.who())
        async with aclosing(self._view.source.follow(self._seen)) as frames:
            async for frame in frames:
                yield frame

    async def _seen(self, item: Item) -> Frame | None:
        actor = self.who()
        if actor is not self._view.actor and actor != self._view.actor:
            self._view = await self._opened(actor)
        key = (self._view.shape, item.place)
        make = partial(self._made, item, self._view)
        frame = await self.frames.of(key, make)
        if frame.whose not in (None, actor.id):
            frame = await self.frames.of((*key, actor.id), make)
        return None if frame.text is None else frame

    async def _opened(self, actor: Actor) -> _View:
        onlooker = Onlooker(actor)
        self.executor.context_value = self.context(onlooker)
        source = create_source_event_stream(self.executor)
        if self.executor.is_awaitable(source):
            source = await source
        if isinstance(source, ExecutionResult):
            raise SourceError(source.errors or [])
        if not isinstance(source, Source):
            raise TypeError(f"{source!r} is no source of a subscription")
        viewer = (actor.roles, actor.scopes, actor.id if onlooker.is_known else None)
        return _View(actor=actor, source=source, shape=(self.plan.shape(), viewer))

    async def _made(self, item: Item, view: _View) -> Frame:
        """Show an item to the viewer, in surroundings of its own."""
        onlooker = Onlooker(view.actor)
        context = self.context(onlooker)
        text, has_errors = None, False
        event = await view.source.event(item, context)
        if event is not None:
            executor = self.executor.build_per_event_executor(event)
            executor.context_value = context
            result = execute_subscription_event(executor)
            if not isinstance(result, ExecutionResult):
                result = await result
            text = orjson.dumps(self.shown(result)).decode()
            has_errors = bool(result.errors)
        return Frame(
            text=text,
            cursor=item.cursor,
            has_errors=has_errors,
            whose=view.actor.id if onlooker.is_known else None,
        )
