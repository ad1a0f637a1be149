"""What every subscription sends besides its own events."""

from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Awaitable,
    Callable,
    Collection,
    Sequence,
)
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Annotated, Final, TypeVar

import strawberry

from domain.events.entry import Entry, RecordEventKind, Topic
from gql.context import Context
from gql.live import Item, Missed, Silence, Told
from gql.nodes import global_id
from gql.scalars import Cursor

E = TypeVar("E")
T = TypeVar("T")

After = Annotated[
    Cursor | None,
    strawberry.argument(description="Go on after this place; without it, from now."),
]
STREAM_ITEM: Final = "An event, or what became of the stream; tolerate types added later."


@strawberry.interface(
    description=(
        "One item of a subscription. Keep the last `cursor` and send it as `after` when you "
        "reconnect."
    )
)
class StreamItem:
    """An item with its place."""

    cursor: Cursor = strawberry.field(description="The place after this item.")
    occurred_at: datetime = strawberry.field(description="When what it tells of happened.")


@strawberry.type(
    description=(
        "Events between `from` and `to` are gone: read the lists again, then go on from here."
    )
)
class GapEvent(StreamItem):
    """A hole in the stream."""

    from_: Cursor = strawberry.field(
        name="from", description="The last place of which all was told."
    )
    to: Cursor = strawberry.field(description="The place from which all is told again.")
    because: str = strawberry.field(description="Why they are gone.")
    ask_again: list[str] = strawberry.field(
        description="The queries whose answers may have changed meanwhile, by their names."
    )


@strawberry.type(
    description="Sent after 30 s of silence, so that a filtered client's cursor keeps up; and "
    "first to one who begins without `after`, as the place to begin at."
)
class HeartbeatEvent(StreamItem):
    """A sign of life."""


@strawberry.type(
    description=(
        "A record went for good, with its integration: nothing of it can be read any more."
    )
)
class GoneEvent(StreamItem):
    """An entry of the log whose record there is no more."""

    record_id: strawberry.ID = strawberry.field(description="The id that the record had.")

    @classmethod
    def of(cls, told: Told) -> "GoneEvent":
        """Show an entry."""
        entry = told.entry
        return cls(
            cursor=Cursor(told.cursor),
            occurred_at=entry.occurred_at,
            record_id=global_id(entry.topic.capitalize(), entry.record_id or ""),
        )


def gone_with(entry: Entry) -> str | None:
    """Return the key of the integration that a record went with; None of any other entry."""
    return entry.message if entry.kind == RecordEventKind.DELETED else None


Wanted = Callable[[Entry, Context], Awaitable[bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Following(AsyncIterable[E | GapEvent | HeartbeatEvent]):
    """The entries of some topics, as one subscription shows them; a source of it.

    wanted: asked for each entry of these topics, as whom and when it is delivered (rule E7).
    lists: the root fields to ask again after a gap.
    """

    context: Context
    topics: Collection[Topic]
    after: str | None
    wanted: Wanted
    shown: Callable[[Told], E]
    lists: Sequence[str]

    def follow(self, seen: Callable[[Item], Awaitable[T | None]]) -> AsyncGenerator[T, None]:
        """Follow the log as ``Live.follow`` does; a client that leaves ends this generator."""
        return self.context.live.follow(self.topics, self.after, seen=seen)

    async def event(self, item: Item, context: Context) -> E | GapEvent | HeartbeatEvent | None:
        """Show an item; None when it is not wanted."""
        match item:
            case Told(entry=entry):
                return self.shown(item) if await self.wanted(entry, context) else None
            case Missed(begin=begin, because=because):
                here, now = Cursor(item.cursor), context.runtime.now()
                return GapEvent(
                    cursor=here,
                    occurred_at=now,
                    from_=Cursor(begin),
                    to=here,
                    because=because,
                    ask_again=list(self.lists),
                )
            case Silence():
                return HeartbeatEvent(cursor=Cursor(item.cursor), occurred_at=context.runtime.now())

    def __aiter__(self) -> AsyncIterator[E | GapEvent | HeartbeatEvent]:
        """Follow alone."""
        return self.follow(partial(self.event, context=self.context))
