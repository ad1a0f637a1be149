"""A small graph to try the doors on, and what the doors need around it."""

# Strawberry types its decorators as Any.
# mypy: disable-error-code="untyped-decorator"

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import strawberry
from strawberry.schema.config import StrawberryConfig
from strawberry.types import Info

from domain.access.roles import Actor, Role
from domain.errors import CursorUnknown, Forbidden, Invalid, Refused, StorageFull, Unavailable
from gql import errors
from gql.asgi import GraphApp, graph_app
from gql.errors import UserError, user_errors
from gql.frames import Frame
from gql.options import Options
from gql.paging import Connection, connection, window
from gql.scalars import SCALARS, Cursor, FieldValue

TOKEN = "wp_ada_secret"  # noqa: S105 — opens nothing but this board
ADA = Actor(
    id="ada", name="Ada", roles=frozenset({Role.PLATFORM_ADMINISTRATOR}), scopes=frozenset({"*"})
)


@dataclass
class Board:
    """The state behind the graph; a test reads and moves it."""

    tokens: dict[str, Actor] = field(default_factory=lambda: {TOKEN: ADA})
    notes: list[str] = field(default_factory=list)
    open_streams: int = 0
    produced: int = 0
    opened: asyncio.Event = field(default_factory=asyncio.Event)
    closed: asyncio.Event = field(default_factory=asyncio.Event)
    is_away: bool = False
    asked_while_away: asyncio.Event = field(default_factory=asyncio.Event)
    contexts: int = 0
    seconds: float = 0.0

    async def authenticate(self, token: str | None) -> Actor | None:
        if self.is_away:
            self.asked_while_away.set()
            raise Unavailable("the database is away")
        return self.tokens.get(token or "")

    def make_context(self, actor: Actor, correlation_id: str) -> "Surroundings":
        self.contexts += 1
        return Surroundings(board=self, actor=actor, correlation_id=correlation_id)


@dataclass
class Surroundings:
    board: Board
    actor: Actor
    correlation_id: str
    loads: int = 0

    def load(self) -> int:
        """Count like a loader that is as old as its context."""
        self.loads += 1
        return self.loads


@strawberry.type(description="A row.")
class Item:
    name: str = strawberry.field(description="Its name.")

    @strawberry.field(description="Rows below.")
    def children(self, first: int = 20) -> Connection["Item"]:
        return _page(first)

    @strawberry.field(description="One row below.")
    def child(self) -> "Item":
        return Item(name="child")

    @strawberry.field(description="A plain list.")
    def parts(self) -> list["Item"]:
        return [Item(name="part")]

    @strawberry.field(description="A short list.")
    def links(self) -> list["Item"]:
        return []


@strawberry.type(description="An event.")
class Tick:
    number: int = strawberry.field(description="Counts up.")
    cursor: Cursor = strawberry.field(description="Its place.")
    padding: str = strawberry.field(description="Makes it large.", default="")

    @strawberry.field(description="How often this event's context was asked.")
    def loads(self, info: Info) -> int:
        surroundings: Surroundings = info.context
        return surroundings.load()


@strawberry.type(description="What became of a note.")
class AddNotePayload:
    note: str | None = strawberry.field(description="The note.")
    user_errors: list[UserError] = strawberry.field(description="Refusals.")
    warnings: list[errors.Warning] = strawberry.field(description="Remarks.")


def _page(first: int | None) -> Connection[Item]:
    async def count() -> int:
        return 3

    asked = window(order="NAME", first=first)
    rows = ["a", "b", "c"][: asked.fetch]
    return connection(
        asked, rows, key=lambda row: (row, row), node=lambda row: Item(name=row), count=count
    )


@dataclass(frozen=True)
class Count:
    """A number as an item."""

    place: int

    @property
    def cursor(self) -> str:
        return f"e.{self.place}"


@dataclass
class Counting(AsyncIterable[Tick]):
    """A source of ticks."""

    numbers: AsyncGenerator[int, None]
    padding: int = 0

    async def follow(
        self, seen: Callable[[Count], Awaitable[Frame | None]]
    ) -> AsyncGenerator[Frame, None]:
        async with aclosing(self.numbers):
            async for number in self.numbers:
                if (frame := await seen(Count(number))) is not None:
                    yield frame

    async def event(self, item: Count, context: Surroundings) -> Tick:
        padding = "x" * self.padding
        return Tick(number=item.place, cursor=Cursor(item.cursor), padding=padding)

    def __aiter__(self) -> AsyncIterator[Tick]:
        raise NotImplementedError


async def _counted(board: Board, to: int, *, ends: bool) -> AsyncGenerator[int, None]:
    board.open_streams += 1
    try:
        for number in range(1, to + 1):
            board.produced += 1
            yield number
        board.opened.set()
        if not ends:
            await asyncio.Event().wait()
    finally:
        board.open_streams -= 1
        board.closed.set()


async def _refusing() -> AsyncGenerator[int, None]:
    yield _nowhere()


async def _failing() -> AsyncGenerator[int, None]:
    yield 1
    raise RuntimeError("the password is swordfish")


def _nowhere() -> int:
    raise CursorUnknown("no such position")


@strawberry.type(description="Questions.")
class Query:
    @strawberry.field(description="Greets.")
    def hello(self, name: str = "world") -> str:
        return f"hello {name}"

    @strawberry.field(description="One row.")
    def item(self) -> Item:
        return Item(name="top")

    @strawberry.field(description="Rows.")
    def items(self, first: int = 20) -> Connection[Item]:
        return _page(first)

    @strawberry.field(description="Rows by id.")
    def nodes(self, ids: list[strawberry.ID]) -> list[Item]:
        return [Item(name=str(key)) for key in ids]

    @strawberry.field(description="Never comes.")
    async def never(self) -> str | None:
        await asyncio.Event().wait()
        return None

    @strawberry.field(description="A failure of ours.")
    def broken(self) -> str | None:
        raise RuntimeError("the password is swordfish")

    @strawberry.field(description="Refuses.")
    def refused(self, why: str) -> str | None:
        refusals: dict[str, Refused] = {
            "invalid": Invalid("no such thing", path=["why"]),
            "forbidden": Forbidden("not yours"),
            "full": StorageFull("no room"),
        }
        raise refusals[why]

    @strawberry.field(description="Shows an instant.")
    def instant(self, at: datetime) -> datetime:
        return at

    @strawberry.field(description="Shows a duration.")
    def duration(self, of: timedelta) -> timedelta:
        return of

    @strawberry.field(description="Shows a value.")
    def value(self, given: FieldValue | None = None) -> FieldValue | None:
        return given

    @strawberry.field(description="Who asks.")
    def me(self, info: Info) -> str:
        surroundings: Surroundings = info.context
        return surroundings.actor.id


@strawberry.type(description="Deeds.")
class Mutation:
    @strawberry.mutation(description="Keep a note.")
    def add_note(self, info: Info, text: str) -> AddNotePayload:
        surroundings: Surroundings = info.context
        if not text:
            refusal = Invalid("a note needs a text", path=["text"])
            return AddNotePayload(note=None, user_errors=user_errors(refusal), warnings=[])
        surroundings.board.notes.append(text)
        return AddNotePayload(note=text, user_errors=[], warnings=[])


@strawberry.type(description="Streams.")
class Subscription:
    @strawberry.subscription(description="Counts up to a number, then waits or ends.")
    def ticks(
        self, info: Info, to: int, ends: bool = True, padding: int = 0
    ) -> AsyncIterable[Tick]:
        surroundings: Surroundings = info.context
        return Counting(_counted(surroundings.board, to, ends=ends), padding)

    @strawberry.subscription(description="Refuses before its first event.")
    def unknown(self) -> AsyncIterable[Tick]:
        return Counting(_refusing())

    @strawberry.subscription(description="Fails after its first event.")
    def fragile(self) -> AsyncIterable[Tick]:
        return Counting(_failing())


SCHEMA = strawberry.Schema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    config=StrawberryConfig(scalar_map=SCALARS, disable_field_suggestions=True),
)


def door(board: Board, **options: Any) -> GraphApp:  # noqa: ANN401 — any option
    """Return the doors of the small graph; ids count up."""
    ids = iter(f"id-{number}" for number in range(1, 1_000_000))
    return graph_app(
        SCHEMA,
        authenticate=board.authenticate,
        make_context=board.make_context,
        new_id=lambda: next(ids),
        options=Options(monotonic=lambda: board.seconds, **options),
    )
