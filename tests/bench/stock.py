"""The yardstick: the same tables behind Strawberry's own ASGI view and Tortoise's models.

Written as its documentation teaches it: a model a row, a loader a relation.
"""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import datetime, timedelta
from typing import Annotated, Final

import strawberry
import typer
import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.schema.config import StrawberryConfig

from domain.records import ENDED, IncidentStatus, Priority, ServiceCriticality, Severity
from gql.scalars import SCALARS
from im.boot import database_at, now
from im.settings import load
from models.database import opened
from models.tables.alert import AlertRow
from models.tables.incident import IncidentRow
from tests.bench.stock_types import (
    Incident,
    IncidentConnection,
    IncidentCounts,
    IncidentEdge,
    Loaders,
    PageInfo,
    SeverityCount,
    StatusCount,
)

_DAY = timedelta(days=1)
_OPEN = [status for status in IncidentStatus if status not in ENDED]


@strawberry.type
class Overview:
    """The pane."""

    @strawberry.field
    async def incidents(self) -> IncidentCounts:
        """Count, each count by the database."""
        alive = IncidentRow.filter(deleted_at=None)
        open_now = alive.filter(status__in=_OPEN)
        at = now()
        return IncidentCounts(
            open=await open_now.count(),
            unassigned=await open_now.filter(assignee=None).count(),
            by_severity=[
                SeverityCount(
                    severity=severity, count=await open_now.filter(severity=severity).count()
                )
                for severity in Severity
            ],
            by_status=[
                StatusCount(status=status, count=await open_now.filter(status=status).count())
                for status in _OPEN
            ],
            opened_last_day=await alive.filter(
                started_at__gt=at - _DAY, started_at__lte=at
            ).count(),
            resolved_last_day=await alive.filter(
                resolved_at__gt=at - _DAY, resolved_at__lte=at
            ).count(),
        )


@strawberry.input
class IncidentBy:
    """Which one."""

    number: str


@strawberry.input
class IncidentFilter:
    """Only these."""

    assignee: str


@strawberry.type
class Query:
    """The questions that are compared."""

    @strawberry.field
    def overview(self) -> Overview:
        """Count."""
        return Overview()

    @strawberry.field
    async def incident(self, by: IncidentBy) -> Incident | None:
        """Read one."""
        row = await IncidentRow.filter(number=by.number).first()
        return None if row is None else Incident.of(row)

    @strawberry.field
    async def incidents(self, first: int, filter: IncidentFilter) -> IncidentConnection:
        """Read a page, the last changed first."""
        wanted = IncidentRow.filter(deleted_at=None, assignee=filter.assignee)
        rows = await wanted.order_by("-updated_at", "-id").limit(first + 1)
        return IncidentConnection(
            edges=[IncidentEdge(node=Incident.of(row)) for row in rows[:first]],
            page_info=PageInfo(has_next_page=len(rows) > first),
        )


@strawberry.type
class Alert:
    """What a clock has reached."""

    id: strawberry.ID
    level: str
    clock: str
    percent: float
    raised_at: datetime
    escalation_level: int

    @classmethod
    def of(cls, row: AlertRow) -> "Alert":
        """Show a row."""
        return cls(
            id=strawberry.ID(row.id),
            level=row.level,
            clock=row.clock,
            percent=row.percent,
            raised_at=row.raised_at,
            escalation_level=row.escalation_level,
        )


@strawberry.type
class AlertEvent:
    """An alert, and its place; none to begin with."""

    cursor: str
    alert: Alert | None


class Broadcast:
    """A queue for each who listens."""

    def __init__(self) -> None:
        """Nobody listens yet."""
        self._queues: set[asyncio.Queue[AlertEvent]] = set()

    async def listen(self) -> AsyncGenerator[AlertEvent, None]:
        """Yield what is told from now on."""
        queue: asyncio.Queue[AlertEvent] = asyncio.Queue()
        self._queues.add(queue)
        try:
            yield AlertEvent(cursor="", alert=None)
            while True:
                yield await queue.get()
        finally:
            self._queues.discard(queue)

    async def tell(self, request: Request) -> Response:
        """Tell of the newest alert."""
        row = await AlertRow.all().order_by("-id").first()
        if row is not None:
            event = AlertEvent(cursor=row.id, alert=Alert.of(row))
            for queue in self._queues:
                queue.put_nowait(event)
        return Response()


BROADCAST: Final = Broadcast()


@strawberry.type
class Subscription:
    """What is told."""

    @strawberry.subscription
    async def alerts(self) -> AsyncGenerator[AlertEvent, None]:
        """Listen."""
        async with aclosing(BROADCAST.listen()) as events:
            async for event in events:
                yield event


class View(GraphQL[Loaders, None]):
    """Strawberry's view, with loaders for each request."""

    async def get_context(
        self, request: Request | WebSocket, response: Response | WebSocket
    ) -> Loaders:
        """Make new ones."""
        return Loaders()


async def serve(descriptor: int) -> None:
    """Serve until killed."""
    for of in (IncidentStatus, Severity, Priority, ServiceCriticality):
        strawberry.enum(of)
    schema = strawberry.Schema(
        Query, subscription=Subscription, config=StrawberryConfig(scalar_map=SCALARS)
    )
    async with opened(database_at(load())):
        view = View(schema)
        routes: list[BaseRoute] = [Route("/graphql", view), WebSocketRoute("/graphql", view)]
        tell = Route("/tell", BROADCAST.tell, methods=["POST"])
        app = Starlette(routes=[*routes, tell])
        config = uvicorn.Config(
            app,
            loop="uvloop",
            http="httptools",
            ws="websockets-sansio",
            ws_per_message_deflate=False,
            log_level="error",
            access_log=False,
        )
        with socket.socket(fileno=descriptor) as listening:
            await uvicorn.Server(config).serve(sockets=[listening])


def main(*, fd: Annotated[int, typer.Option(help="A listening socket.")]) -> None:
    """Serve the yardstick."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(fd))


if __name__ == "__main__":
    typer.run(main)
