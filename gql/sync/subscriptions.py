"""What sync runs do, as they do it."""

from collections.abc import AsyncIterable
from dataclasses import dataclass
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from domain.events.entry import Entry, SyncEventKind, Topic
from gql.context import Context
from gql.integrations.types import Integration, integration_of
from gql.live import Told
from gql.nodes import filter_key
from gql.scalars import Cursor
from gql.stream import STREAM_ITEM, After, Following, GapEvent, HeartbeatEvent, StreamItem
from gql.sync.types import SyncRun
from operations.access.scope import scope_of


@strawberry.type(description="Something happened to an integration's sync.")
class SyncEvent(StreamItem):
    """An entry of the log."""

    kind: SyncEventKind = strawberry.field(description="What happened.")
    message: str | None = strawberry.field(description="The same for a person, with the reason.")
    entry: strawberry.Private[Entry]

    @classmethod
    def of(cls, told: Told) -> "SyncEvent":
        """Show an entry."""
        return cls(
            cursor=Cursor(told.cursor),
            occurred_at=told.entry.occurred_at,
            kind=SyncEventKind(told.entry.kind),
            message=told.entry.message,
            entry=told.entry,
        )

    @strawberry.field(description="The vendor's account whose sync it is.")
    async def integration(self, info: Info[Context, Any]) -> Integration:
        """Read it as the one who listens may now. Raises NotFound."""
        return await integration_of(info.context, self.entry.integration_id or "")

    @strawberry.field(description="The run as it is now; null when no run is concerned.")
    async def run(self, info: Info[Context, Any]) -> SyncRun | None:
        """Read it as the one who listens may now."""
        found = await info.context.loaders.runs.load(self.entry.run_id or "")
        return None if found is None else SyncRun.of(found)


SyncStreamItem = Annotated[
    SyncEvent | GapEvent | HeartbeatEvent,
    strawberry.union(
        "SyncStreamItem",
        description=STREAM_ITEM,
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """Which events a subscriber asked for: of one integration, or of all in scope."""

    integration_id: str | None

    async def admits(self, entry: Entry, context: Context) -> bool:
        """Judge by the integration, and by whether the actor may see it."""
        key = entry.integration_id or ""
        if self.integration_id not in (None, key):
            return False
        return await context.loaders.integrations.load(key) is not None


@strawberry.type
class SyncSubscriptions:
    """Root fields."""

    @strawberry.subscription(description="What sync runs do, in the order they do it.")
    def sync_progress(
        self,
        info: Info[Context, Any],
        after: After = None,
        integration_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Only this integration.")
        ] = None,
    ) -> AsyncIterable[SyncStreamItem]:
        """Follow the log. Raises Forbidden."""
        context = info.context
        scope_of(context.actor)
        wish = _Wish(
            integration_id=None
            if integration_id is None
            else filter_key(integration_id, "Integration", path=("integrationId",)),
        )
        return Following(
            context=context,
            topics={Topic.SYNC},
            after=after,
            wanted=wish.admits,
            shown=SyncEvent.of,
            lists=["integrations"],
        )
