"""What every subscription sends besides its own events."""

from collections.abc import AsyncGenerator, Callable, Collection
from contextlib import aclosing
from datetime import datetime
from typing import TypeVar

import strawberry

from domain.events.entry import Entry, RecordEventKind, Topic
from gql.context import Context
from gql.live import Missed, Silence, Told, Wanted
from gql.nodes import global_id
from gql.scalars import Cursor

E = TypeVar("E")


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


@strawberry.type(
    description="Sent after 30 s of silence, so that a filtered client's cursor keeps up."
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


async def followed(
    context: Context,
    topics: Collection[Topic],
    after: str | None,
    *,
    wanted: Wanted,
    shown: Callable[[Told], E],
) -> AsyncGenerator[E | GapEvent | HeartbeatEvent, None]:
    """Follow the log as ``Live.follow`` does; a client that leaves ends this generator."""
    items = context.live.follow(topics, after, wanted=wanted)
    async with aclosing(items):
        async for item in items:
            if isinstance(item, Told):
                yield shown(item)
            else:
                yield _signal(item, now=context.runtime.now())


def _signal(item: Missed | Silence, *, now: datetime) -> GapEvent | HeartbeatEvent:
    """Show an item that tells of no fact; it happens at this moment."""
    here = Cursor(item.cursor)
    match item:
        case Missed(since=since, because=because):
            return GapEvent(
                cursor=here, occurred_at=now, from_=Cursor(since), to=here, because=because
            )
        case Silence():
            return HeartbeatEvent(cursor=here, occurred_at=now)
