"""What happens to alerts and to the states of what service levels measure, as it happens."""

from collections.abc import AsyncIterable
from dataclasses import dataclass
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from domain.errors import NotFound
from domain.events.entry import AlertEventKind, Entry, SlaEventKind, Topic
from domain.sla.terms import SlaState, SlaSubjectKind
from gql.context import Context
from gql.live import Told
from gql.scalars import Cursor
from gql.sla.alert_filters import AlertFilter
from gql.sla.alerts import Alert
from gql.sla.finding import subject_of
from gql.sla.subjects import SlaSubject
from gql.stream import STREAM_ITEM, After, Following, GapEvent, HeartbeatEvent, StreamItem
from models.reads import alerts as reads
from operations.access.scope import scope_of


@strawberry.type(description="Something happened to an alert.")
class AlertEvent(StreamItem):
    """An entry of the log."""

    kind: AlertEventKind = strawberry.field(description="What happened.")
    entry: strawberry.Private[Entry]

    @classmethod
    def of(cls, told: Told) -> "AlertEvent":
        """Show an entry."""
        return cls(
            cursor=Cursor(told.cursor),
            occurred_at=told.entry.occurred_at,
            kind=AlertEventKind(told.entry.kind),
            entry=told.entry,
        )

    @strawberry.field(description="The alert as it is now, which may be after later events.")
    async def alert(self, info: Info[Context, Any]) -> Alert:
        """Read it as the one who listens may now. Raises NotFound."""
        key = self.entry.record_id or ""
        found = await info.context.loaders.sla.alerts.load(key)
        if found is None:
            raise NotFound("alert", key)
        return Alert.of(found)


@strawberry.type(
    description="The state of a ticket or an incident is another than was told before."
)
class SlaEvent(StreamItem):
    """An entry of the log."""

    state: SlaState | None = strawberry.field(
        description="That of its worse clock, as it was seen; null when no clock measures it now."
    )
    entry: strawberry.Private[Entry]

    @classmethod
    def of(cls, told: Told) -> "SlaEvent":
        """Show an entry."""
        return cls(
            cursor=Cursor(told.cursor),
            occurred_at=told.entry.occurred_at,
            state=_state_of(told.entry),
            entry=told.entry,
        )

    @strawberry.field(
        description="The ticket or incident as it is now, which may be after later events."
    )
    async def subject(self, info: Info[Context, Any]) -> SlaSubject:
        """Read it as the one who listens may now. Raises NotFound."""
        key = self.entry.record_id or ""
        kind = await _kind_seen(info.context, key)
        if kind is None:
            raise NotFound("subject", key)
        return await subject_of(info.context, kind, key)


@strawberry.type(
    description="The file of the service levels was taken, refused, or mended; `sla` tells more."
)
class SlaConfigEvent(StreamItem):
    """An entry of the log."""

    kind: SlaEventKind = strawberry.field(description="What happened.")
    message: str = strawberry.field(
        description="What is wrong with which file, or what is in force and who had it read."
    )

    @classmethod
    def of(cls, told: Told) -> "SlaConfigEvent":
        """Show an entry."""
        return cls(
            cursor=Cursor(told.cursor),
            occurred_at=told.entry.occurred_at,
            kind=SlaEventKind(told.entry.kind),
            message=told.entry.message or "",
        )


AlertStreamItem = Annotated[
    AlertEvent | GapEvent | HeartbeatEvent,
    strawberry.union(
        "AlertStreamItem",
        description=STREAM_ITEM,
    ),
]
SlaStreamItem = Annotated[
    SlaEvent | SlaConfigEvent | GapEvent | HeartbeatEvent,
    strawberry.union(
        "SlaStreamItem",
        description=STREAM_ITEM,
    ),
]


@strawberry.input(description="What changes of state must all have; what is left out is not asked.")
class SlaChangeFilter:
    """Conditions, all of which must hold."""

    state: list[SlaState] | None = strawberry.field(description="To any of these.", default=None)
    subject: SlaSubjectKind | None = strawberry.field(description="Of this kind.", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class _AlertWish:
    """Which alerts a subscriber asked for; each is judged by a read of its own."""

    filter: reads.AlertFilter

    async def admits(self, entry: Entry, context: Context) -> bool:
        """Judge by what the actor may see, and by the alert."""
        return await reads.alert_matches(context.loaders.scope, self.filter, entry.record_id or "")


@dataclass(frozen=True, slots=True, kw_only=True)
class _ChangeWish:
    """Which changes of state a subscriber asked for."""

    states: frozenset[SlaState] | None
    kind: SlaSubjectKind | None

    async def admits(self, entry: Entry, context: Context) -> bool:
        """Judge by the state, then by what the actor may see; the file's are no such changes."""
        if entry.topic is Topic.SLA:
            return self.states is None and self.kind is None
        if self.states is not None and _state_of(entry) not in self.states:
            return False
        kind = await _kind_seen(context, entry.record_id or "")
        return kind is not None and self.kind in (None, kind)


@strawberry.type
class SlaSubscriptions:
    """Root fields."""

    @strawberry.subscription(
        description="What happens to alerts, in the order it happened: each is told when it is "
        "raised, and when somebody takes it on or puts it off."
    )
    def alerts(
        self,
        info: Info[Context, Any],
        after: After = None,
        filter: Annotated[
            AlertFilter | None,
            strawberry.argument(description="Only alerts that are such after the event."),
        ] = None,
    ) -> AsyncIterable[AlertStreamItem]:
        """Follow the log. Raises Forbidden."""
        scope_of(info.context.actor)
        return Following(
            context=info.context,
            topics={Topic.ALERT},
            after=after,
            wanted=_AlertWish(filter=(filter or AlertFilter()).to_read()).admits,
            shown=AlertEvent.of,
            lists=["alerts"],
        )

    @strawberry.subscription(
        description="How tickets and incidents stand against their service levels, in the order "
        "in which it changed; and without a filter, what became of the file of the service levels."
    )
    def sla_changes(
        self,
        info: Info[Context, Any],
        after: After = None,
        filter: Annotated[
            SlaChangeFilter | None, strawberry.argument(description="Only these changes.")
        ] = None,
    ) -> AsyncIterable[SlaStreamItem]:
        """Follow the log. Raises Forbidden."""
        scope_of(info.context.actor)
        asked = filter or SlaChangeFilter()
        states = None if asked.state is None else frozenset(asked.state)
        return Following(
            context=info.context,
            topics={Topic.CLOCK, Topic.SLA},
            after=after,
            wanted=_ChangeWish(states=states, kind=asked.subject).admits,
            shown=_shown,
            lists=["tickets", "incidents", "sla"],
        )


def _shown(told: Told) -> SlaEvent | SlaConfigEvent:
    return SlaConfigEvent.of(told) if told.entry.topic is Topic.SLA else SlaEvent.of(told)


async def _kind_seen(context: Context, key: str) -> SlaSubjectKind | None:
    """Return what a subject is; None when there is none in the actor's scope."""
    if await context.loaders.tickets.load(key) is not None:
        return SlaSubjectKind.TICKET
    if await context.loaders.incidents.load(key) is not None:
        return SlaSubjectKind.INCIDENT
    return None


def _state_of(entry: Entry) -> SlaState | None:
    return None if entry.message is None else SlaState(entry.message)
