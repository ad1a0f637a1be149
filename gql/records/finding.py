"""Finds a record of any kind."""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from domain.records import RecordKind
from gql.assets.types import Service
from gql.changes.types import Change
from gql.events.types import Event
from gql.incidents.types import Incident
from gql.loaders import Loaders
from gql.records.types import Record
from gql.tickets.types import Ticket

_KINDS: Final[
    Mapping[RecordKind, tuple[Callable[[Loaders, str], Awaitable[Any]], Callable[[Any], Record]]]
] = MappingProxyType(
    {
        RecordKind.INCIDENT: (lambda loaders, key: loaders.incidents.load(key), Incident.of),
        RecordKind.CHANGE: (lambda loaders, key: loaders.changes.load(key), Change.of),
        RecordKind.EVENT: (lambda loaders, key: loaders.events.load(key), Event.of),
        RecordKind.TICKET: (lambda loaders, key: loaders.tickets.load(key), Ticket.of),
        RecordKind.SERVICE: (lambda loaders, key: loaders.services.load(key), Service.of),
    }
)


async def record_found(loaders: Loaders, kind: RecordKind, key: str) -> Record | None:
    """Return a record, deleted or not; None when there is none in the actor's scope."""
    load, of = _KINDS[kind]
    found = await load(loaders, key)
    return None if found is None else of(found)
