"""The changes that may have to do with an incident."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Final

import strawberry

from domain.errors import BadCursor
from domain.risk.related_change import NAMED, confidence
from gql.changes import types as change_types
from gql.context import Context
from gql.paging import Key, PageInfo, Window, cursor_of
from models.reads.change import Change as ChangeRecord
from models.reads.incident import Incident
from models.reads.related import CAUSES, CURES
from models.reads.related_change import Nearby

if TYPE_CHECKING:
    from gql.changes.types import Change

ORDER: Final = "CONFIDENCE"

_MINUTE: Final = timedelta(minutes=1)
_NEVER: Final = datetime.max.replace(tzinfo=UTC)


@strawberry.type(description="One row of a page, and how it is related.")
class RelatedChangeEdge:
    """A change and why it is there."""

    cursor: str = strawberry.field(description="The row's place.")
    node: Annotated["Change", strawberry.lazy("gql.changes.types")] = strawberry.field(
        description="The change itself."
    )
    confidence: int = strawberry.field(
        description="How surely it has to do with the incident, 40 to 100."
    )
    explicit: bool = strawberry.field(
        description="Whether a vendor names it; else it is told from services and times."
    )
    because: str = strawberry.field(description="Why it is there, in a sentence.")


@strawberry.type(description="One page of the changes that may have to do with an incident.")
class RelatedChangeConnection:
    """Rows of one page."""

    edges: list[RelatedChangeEdge] = strawberry.field(description="The rows, the surest first.")
    page_info: PageInfo = strawberry.field(description="Where the page lies in its list.")
    total_count: int = strawberry.field(description="How many rows the whole list has.")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Related:
    """A change, and how it is related."""

    change: ChangeRecord
    confidence: int
    explicit: bool
    because: str

    @property
    def key(self) -> Key:
        """The surest first, then the one that ended last, then by id."""
        return self.confidence, self.change.ends_at or _NEVER, self.change.id


async def related_changes(
    context: Context, incident: Incident, asked: Window
) -> RelatedChangeConnection:
    """Show a page of an incident's changes, read for all incidents of the request at once.

    They are few: those of a day and some services. Raises BadCursor.
    """
    loaders = context.loaders
    causes, cures, nearby = await asyncio.gather(
        loaders.members[CAUSES].load(incident.id),
        loaders.members[CURES].load(incident.id),
        loaders.nearby_changes.load(incident.id),
    )
    related = {one.change.id: _told(one, incident.started_at) for one in nearby or ()}
    related |= {change.id: _named(change, "cure") for change in cures or ()}
    related |= {change.id: _named(change, "cause") for change in causes or ()}
    ranked = sorted(related.values(), key=lambda one: _rank(one.key))
    if asked.position is not None:
        start = _rank(asked.position)
        ranked = [one for one in ranked if _rank(one.key) > start]
    page = ranked[: asked.size]
    edges = [_edge(one) for one in page]
    return RelatedChangeConnection(
        edges=edges,
        page_info=PageInfo(
            has_next_page=len(ranked) > len(page),
            has_previous_page=asked.position is not None,
            start_cursor=edges[0].cursor if edges else None,
            end_cursor=edges[-1].cursor if edges else None,
        ),
        total_count=len(related),
    )


def _rank(key: Key) -> tuple[int, timedelta, str]:
    match key:
        case (int() as confidence, datetime() as ended, str() as id):
            return -confidence, _NEVER - ended, id
        case _:
            raise BadCursor("this cursor belongs to another list: begin again without it")


def _edge(related: _Related) -> RelatedChangeEdge:
    return RelatedChangeEdge(
        cursor=cursor_of(related.key, order=ORDER),
        node=change_types.Change.of(related.change),
        confidence=related.confidence,
        explicit=related.explicit,
        because=related.because,
    )


def _named(change: ChangeRecord, role: str) -> _Related:
    return _Related(
        change=change,
        confidence=NAMED,
        explicit=True,
        because=f"A vendor names it as the incident's {role}.",
    )


def _told(nearby: Nearby, started_at: datetime) -> _Related:
    change = nearby.change
    since_end = started_at - (change.ends_at or started_at)
    where = "which the incident affects"
    if nearby.hops:
        where = "on which a service of the incident depends"
    when = "had not ended when the incident began"
    if since_end > timedelta(0):
        when = f"ended {since_end // _MINUTE} min before the incident began"
    return _Related(
        change=change,
        confidence=confidence(hops=nearby.hops, since_end=since_end),
        explicit=False,
        because=f"It concerns {nearby.service}, {where}, and {when}.",
    )
