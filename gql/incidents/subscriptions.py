"""What happens to incidents, as it happens."""

from collections.abc import AsyncIterable
from dataclasses import dataclass
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from domain.errors import NotFound
from domain.events.entry import Entry, IncidentEventKind, Topic
from gql.context import Context
from gql.incidents.filters import IncidentFilter
from gql.incidents.parts import Edit
from gql.incidents.types import Incident
from gql.live import Told
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
from models.reads import incident_page as reads
from models.reads.incident import INCIDENTS
from models.reads.page import matches
from operations.access.scope import scope_of


@strawberry.type(description="Something happened to an incident.")
class IncidentEvent(StreamItem):
    """An entry of the log."""

    kind: IncidentEventKind = strawberry.field(description="What happened.")
    entry: strawberry.Private[Entry]

    @classmethod
    def of(cls, told: Told) -> "IncidentEvent":
        """Show an entry."""
        return cls(
            cursor=Cursor(told.cursor),
            occurred_at=told.entry.occurred_at,
            kind=IncidentEventKind(told.entry.kind),
            entry=told.entry,
        )

    @strawberry.field(description="The incident as it is now, which may be after later events.")
    async def incident(self, info: Info[Context, Any]) -> Incident:
        """Read it as the one who listens may now. Raises NotFound."""
        key = self.entry.record_id or ""
        found = await info.context.loaders.incidents.load(key)
        if found is None:
            raise NotFound("incident", key)
        return Incident.of(found)

    @strawberry.field(description="The changes of fields that this event brought.")
    async def edits(self, info: Info[Context, Any]) -> list[Edit]:
        """Read them all at once."""
        return await Edit.brought(self.entry, info.context)


IncidentStreamItem = Annotated[
    IncidentEvent | GoneEvent | GapEvent | HeartbeatEvent,
    strawberry.union(
        "IncidentStreamItem",
        description=STREAM_ITEM,
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """Which events a subscriber asked for; each is judged by a read of its own."""

    filter: reads.IncidentFilter
    fields: frozenset[str] | None

    async def admits(self, entry: Entry, context: Context) -> bool:
        """Judge by what the actor may see, by the incident, then by the fields changed.

        Of an incident that went for good nothing is known any more that a filter asks for.
        """
        loaders = context.loaders
        if (with_it := gone_with(entry)) is not None:
            return self.fields is None and loaders.scope.has(with_it)
        key = entry.record_id or ""
        if not await matches(loaders.scope, INCIDENTS, self.filter.at(context.as_of), key):
            return False
        if self.fields is None:
            return True
        edits = await loaders.edits.load_many(list(entry.edit_ids))
        return any(edit is not None and edit.field in self.fields for edit in edits)


@strawberry.type
class IncidentSubscriptions:
    """Root fields."""

    @strawberry.subscription(description="What happens to incidents, in the order it happened.")
    def incident_changes(
        self,
        info: Info[Context, Any],
        after: After = None,
        filter: Annotated[
            IncidentFilter | None,
            strawberry.argument(
                description="Only incidents that are such after the event, or went for good."
            ),
        ] = None,
        fields: Annotated[
            list[str] | None,
            strawberry.argument(description="Only events that change one of these fields."),
        ] = None,
    ) -> AsyncIterable[IncidentStreamItem]:
        """Follow the log. Raises Forbidden."""
        context = info.context
        scope = scope_of(context.actor)
        wish = _Wish(
            filter=(filter or IncidentFilter()).to_read(scope, context.as_of),
            fields=None if fields is None else frozenset(fields),
        )
        return Following(
            context=context,
            topics={Topic.INCIDENT},
            after=after,
            wanted=wish.admits,
            shown=_shown,
            lists=["incidents"],
        )


def _shown(told: Told) -> IncidentEvent | GoneEvent:
    return GoneEvent.of(told) if gone_with(told.entry) else IncidentEvent.of(told)
