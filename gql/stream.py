"""What every subscription sends besides its own events."""

from datetime import datetime

import strawberry

from domain.events.entry import Entry, RecordEventKind
from gql.live import Missed, Silence
from gql.scalars import Cursor
from models.reads.scope import Scope


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


def is_vanished(entry: Entry, scope: Scope) -> bool:
    """Say whether a record of this scope went for good, so that nothing of it can be read."""
    is_gone = entry.kind == RecordEventKind.DELETED and entry.message is not None
    return is_gone and scope.has(entry.message or "")


def signal(item: Missed | Silence, *, now: datetime) -> GapEvent | HeartbeatEvent:
    """Show an item that tells of no fact; it happens at this moment."""
    here = Cursor(item.cursor)
    match item:
        case Missed(since=since, because=because):
            return GapEvent(
                cursor=here, occurred_at=now, from_=Cursor(since), to=here, because=because
            )
        case Silence():
            return HeartbeatEvent(cursor=here, occurred_at=now)
