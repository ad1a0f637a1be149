"""What happens to conflicts, as it happens."""

from collections.abc import AsyncIterable
from dataclasses import dataclass
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from domain.errors import NotFound
from domain.events.entry import ConflictEventKind, Entry, Topic
from gql.conflicts.filters import ConflictFilter
from gql.conflicts.types import Conflict
from gql.context import Context
from gql.live import Told
from gql.scalars import Cursor
from gql.stream import STREAM_ITEM, After, Following, GapEvent, HeartbeatEvent, StreamItem
from models.reads import conflicts as reads
from operations.access.scope import scope_of


@strawberry.type(description="Something happened to a conflict.")
class ConflictEvent(StreamItem):
    """An entry of the log."""

    kind: ConflictEventKind = strawberry.field(description="What happened.")
    entry: strawberry.Private[Entry]

    @classmethod
    def of(cls, told: Told) -> "ConflictEvent":
        """Show an entry."""
        return cls(
            cursor=Cursor(told.cursor),
            occurred_at=told.entry.occurred_at,
            kind=ConflictEventKind(told.entry.kind),
            entry=told.entry,
        )

    @strawberry.field(description="The conflict as it is now, which may be after later events.")
    async def conflict(self, info: Info[Context, Any]) -> Conflict:
        """Read it as the one who listens may now. Raises NotFound."""
        key = self.entry.record_id or ""
        found = await info.context.loaders.conflicts.by_id.load(key)
        if found is None:
            raise NotFound("conflict", key)
        return Conflict.of(found)


ConflictStreamItem = Annotated[
    ConflictEvent | GapEvent | HeartbeatEvent,
    strawberry.union(
        "ConflictStreamItem",
        description=STREAM_ITEM,
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """Which events a subscriber asked for; each is judged by a read of its own."""

    filter: reads.ConflictFilter

    async def admits(self, entry: Entry, context: Context) -> bool:
        """Judge by what the actor may see, and by the conflict."""
        scope = context.loaders.scope
        return await reads.conflict_matches(scope, self.filter, entry.record_id or "")


@strawberry.type
class ConflictSubscriptions:
    """Root fields."""

    @strawberry.subscription(description="What happens to conflicts, in the order it happened.")
    def conflicts(
        self,
        info: Info[Context, Any],
        after: After = None,
        filter: Annotated[
            ConflictFilter | None,
            strawberry.argument(description="Only conflicts that are such after the event."),
        ] = None,
    ) -> AsyncIterable[ConflictStreamItem]:
        """Follow the log. Raises Forbidden."""
        context = info.context
        scope_of(context.actor)
        wish = _Wish(filter=(filter or ConflictFilter()).to_read(context.actor))
        return Following(
            context=context,
            topics={Topic.CONFLICT},
            after=after,
            wanted=wish.admits,
            shown=ConflictEvent.of,
            lists=["conflicts"],
        )
