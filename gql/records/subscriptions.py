"""What happens to records of all kinds, as it happens."""

from collections.abc import AsyncIterable
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from domain.errors import NotFound
from domain.events.entry import Entry, RecordEventKind, Topic
from domain.records import RecordKind
from gql.context import Context
from gql.incidents.parts import Edit
from gql.live import Told
from gql.records.finding import record_found
from gql.records.types import Record
from gql.scalars import Cursor
from gql.stream import (
    STREAM_ITEM,
    After,
    Following,
    GapEvent,
    GoneEvent,
    HeartbeatEvent,
    StreamItem,
    gone_with,
)
from operations.access.scope import scope_of


@strawberry.type(description="Something happened to a record.")
class RecordEvent(StreamItem):
    """An entry of the log."""

    kind: RecordEventKind = strawberry.field(description="What happened.")
    changed: list[str] = strawberry.field(
        description="The fields of a change, event, ticket or service that it changed."
    )
    entry: strawberry.Private[Entry]

    @classmethod
    def of(cls, told: Told) -> "RecordEvent":
        """Show an entry."""
        return cls(
            cursor=Cursor(told.cursor),
            occurred_at=told.entry.occurred_at,
            kind=RecordEventKind(told.entry.kind),
            changed=list(told.entry.changed),
            entry=told.entry,
        )

    @strawberry.field(description="The record as it is now, which may be after later events.")
    async def record(self, info: Info[Context, Any]) -> Record:
        """Read it as the one who listens may now. Raises NotFound."""
        kind, key = RecordKind(self.entry.topic), self.entry.record_id or ""
        found = await record_found(info.context.loaders, kind, key)
        if found is None:
            raise NotFound(kind.lower(), key)
        return found

    @strawberry.field(description="The changes of an incident's fields that it brought.")
    async def edits(self, info: Info[Context, Any]) -> list[Edit]:
        """Read them all at once."""
        return await Edit.brought(self.entry, info.context)


RecordStreamItem = Annotated[
    RecordEvent | GoneEvent | GapEvent | HeartbeatEvent,
    strawberry.union(
        "RecordStreamItem",
        description=STREAM_ITEM,
    ),
]


async def _is_wanted(entry: Entry, context: Context) -> bool:
    """Judge by whether the actor may see the record."""
    loaders, kind = context.loaders, RecordKind(entry.topic)
    if (with_it := gone_with(entry)) is not None:
        return loaders.scope.has(with_it)
    return await record_found(loaders, kind, entry.record_id or "") is not None


@strawberry.type
class RecordSubscriptions:
    """Root fields."""

    @strawberry.subscription(
        description="What happens to records of all kinds, in the order it happened."
    )
    def record_changes(
        self,
        info: Info[Context, Any],
        after: After = None,
        kinds: Annotated[
            list[RecordKind] | None, strawberry.argument(description="Only these kinds.")
        ] = None,
    ) -> AsyncIterable[RecordStreamItem]:
        """Follow the log. Raises Forbidden."""
        context = info.context
        scope_of(context.actor)
        topics = {Topic(kind) for kind in (RecordKind if kinds is None else kinds)}
        return Following(
            context=context,
            topics=topics,
            after=after,
            wanted=_is_wanted,
            shown=_shown,
            lists=[f"{topic.lower()}s" for topic in sorted(topics)],
        )


def _shown(told: Told) -> RecordEvent | GoneEvent:
    return GoneEvent.of(told) if gone_with(told.entry) else RecordEvent.of(told)
