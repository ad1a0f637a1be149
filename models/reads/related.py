"""All the ways in which records belong to each other."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from domain.records import RecordKind, RelationName
from models.reads import change, event, incident_page, ticket
from models.reads.asset import BY_NAME, SERVICES, Service
from models.reads.belonging import AnyOf, Members, OnService, Pointed, SentOf, ServiceOf
from models.reads.change import CHANGES
from models.reads.event import EVENTS
from models.reads.incident import INCIDENTS
from models.reads.keyset import ID
from models.reads.ticket import TICKETS

INCIDENTS_OF_SERVICE: Final = Members(
    mirrored=INCIDENTS,
    belonging=OnService(kind=RecordKind.INCIDENT),
    key=incident_page.BY_UPDATE.key,
)
CHANGES_OF_SERVICE: Final = Members(
    mirrored=CHANGES, belonging=OnService(kind=RecordKind.CHANGE), key=change.BY_UPDATE.key
)
EVENTS_OF_SERVICE: Final = Members(
    mirrored=EVENTS, belonging=OnService(kind=RecordKind.EVENT), key=event.BY_OCCURRENCE.key
)
TICKETS_OF_SERVICE: Final = Members(
    mirrored=TICKETS, belonging=OnService(kind=RecordKind.TICKET), key=ticket.BY_UPDATE.key
)

SERVICES_OF: Final[Mapping[RecordKind, Members[Service]]] = MappingProxyType(
    {
        kind: Members(mirrored=SERVICES, belonging=ServiceOf(kind=kind), key=BY_NAME.key)
        for kind in RecordKind
        if kind is not RecordKind.SERVICE
    }
)


def _pointed(
    name: RelationName, source: RecordKind, target: RecordKind, *, is_backward: bool = False
) -> Pointed:
    return Pointed(names=(name,), source=source, target=target, is_backward=is_backward)


DEPENDS_ON: Final = Members(
    mirrored=SERVICES,
    belonging=_pointed(RelationName.DEPENDS_ON, RecordKind.SERVICE, RecordKind.SERVICE),
    key=BY_NAME.key,
)
DEPENDENTS: Final = Members(
    mirrored=SERVICES,
    belonging=_pointed(
        RelationName.DEPENDS_ON, RecordKind.SERVICE, RecordKind.SERVICE, is_backward=True
    ),
    key=BY_NAME.key,
)

# A vendor names one as a rule; of several the oldest counts.
INCIDENT_OF_EVENT: Final = Members(
    mirrored=INCIDENTS,
    belonging=_pointed(RelationName.PART_OF, RecordKind.EVENT, RecordKind.INCIDENT),
    key=(ID,),
)
INCIDENT_OF_TICKET: Final = Members(
    mirrored=INCIDENTS,
    belonging=AnyOf(
        ways=(_pointed(RelationName.PART_OF, RecordKind.TICKET, RecordKind.INCIDENT), SentOf())
    ),
    key=(ID,),
)
EVENTS_OF_INCIDENT: Final = Members(
    mirrored=EVENTS,
    belonging=_pointed(
        RelationName.PART_OF, RecordKind.EVENT, RecordKind.INCIDENT, is_backward=True
    ),
    key=event.BY_OCCURRENCE.key,
)
TICKETS_OF_INCIDENT: Final = Members(
    mirrored=TICKETS,
    belonging=AnyOf(
        ways=(
            _pointed(
                RelationName.PART_OF, RecordKind.TICKET, RecordKind.INCIDENT, is_backward=True
            ),
            SentOf(is_backward=True),
        )
    ),
    key=ticket.BY_UPDATE.key,
)

CAUSES: Final = Members(
    mirrored=CHANGES,
    belonging=_pointed(RelationName.CAUSED_BY, RecordKind.INCIDENT, RecordKind.CHANGE),
    key=(ID,),
)
CURES: Final = Members(
    mirrored=CHANGES,
    belonging=_pointed(RelationName.FIXED_BY, RecordKind.INCIDENT, RecordKind.CHANGE),
    key=(ID,),
)
INCIDENTS_OF_CHANGE: Final = Members(
    mirrored=INCIDENTS,
    belonging=Pointed(
        names=(RelationName.CAUSED_BY, RelationName.FIXED_BY),
        source=RecordKind.INCIDENT,
        target=RecordKind.CHANGE,
        is_backward=True,
    ),
    key=incident_page.BY_UPDATE.key,
)
