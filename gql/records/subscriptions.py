"""What happens to records of all kinds, as it happens."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from domain.access.roles import Actor
from domain.events.entry import Entry, RecordEventKind, Topic
from domain.records import RecordKind
from gql.context import Context
from gql.incidents.parts import Edit
from gql.live import Missed, Silence, Told
from gql.loaders import Loaders
from gql.nodes import global_id
from gql.records.finding import record_found
from gql.records.types import Record
from gql.scalars import Cursor
from gql.stream import GapEvent, HeartbeatEvent, StreamItem, is_vanished, signal
from operations.access.scope import scope_of


@strawberry.type(description="Something happened to a record.")
class RecordEvent(StreamItem):
    """An entry of the log."""

    kind: RecordEventKind = strawberry.field(description="What happened.")
    changed: list[str] = strawberry.field(
        description="The fields of a change, event, ticket or service that it changed."
    )
    entry: strawberry.Private[Entry]

    @strawberry.field(description="The id of the record.")
    def record_id(self) -> strawberry.ID:
        """Return it, whether there is still such a record or not."""
        return global_id(self.entry.topic.capitalize(), self.entry.record_id or "")

    @strawberry.field(
        description="The record as it is now, which may be after later events; null when it went "
        "for good, with its integration."
    )
    async def record(self, info: Info[Context, Any]) -> Record | None:
        """Read it as the one who listens may now."""
        kind, key = RecordKind(self.entry.topic), self.entry.record_id or ""
        return await record_found(info.context.loaders, kind, key)

    @strawberry.field(description="The changes of an incident's fields that it brought.")
    async def edits(self, info: Info[Context, Any]) -> list[Edit]:
        """Read them all at once."""
        found = await info.context.loaders.edits.load_many(list(self.entry.edit_ids))
        return [Edit.of(record) for record in found if record is not None]


RecordStreamItem = Annotated[
    RecordEvent | GapEvent | HeartbeatEvent,
    strawberry.union(
        "RecordStreamItem",
        description="An event, or what became of the stream; tolerate types added later.",
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """Whose wish it is; each event is judged by a read of its own."""

    actor: Actor

    async def admits(self, entry: Entry) -> bool:
        """Judge by whether the actor may see the record."""
        loaders, kind = Loaders(self.actor), RecordKind(entry.topic)
        if is_vanished(entry, loaders.scope):
            return True
        return await record_found(loaders, kind, entry.record_id or "") is not None


@strawberry.type
class RecordSubscriptions:
    """Root fields."""

    @strawberry.subscription(
        description="What happens to records of all kinds, in the order it happened."
    )
    async def record_changes(
        self,
        info: Info[Context, Any],
        after: Annotated[
            Cursor | None,
            strawberry.argument(description="Go on after this place; without it, from now."),
        ] = None,
        kinds: Annotated[
            list[RecordKind] | None, strawberry.argument(description="Only these kinds.")
        ] = None,
    ) -> AsyncGenerator[RecordStreamItem, None]:
        """Follow the log; a client that leaves ends this generator. Raises Forbidden."""
        context = info.context
        scope_of(context.actor)
        topics = {Topic(kind) for kind in (RecordKind if kinds is None else kinds)}
        wish = _Wish(actor=context.actor)
        items = context.live.follow(topics, after, wanted=wish.admits)
        async with aclosing(items):
            async for item in items:
                yield _shown(item, now=context.runtime.now())


def _shown(
    item: Told | Missed | Silence, *, now: datetime
) -> RecordEvent | GapEvent | HeartbeatEvent:
    if not isinstance(item, Told):
        return signal(item, now=now)
    return RecordEvent(
        cursor=Cursor(item.cursor),
        occurred_at=item.entry.occurred_at,
        kind=RecordEventKind(item.entry.kind),
        changed=list(item.entry.changed),
        entry=item.entry,
    )
