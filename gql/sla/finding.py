"""Finds what service levels measure."""

from domain.errors import NotFound
from domain.sla.terms import SlaSubjectKind
from gql.context import Context
from gql.incidents.types import Incident
from gql.sla.subjects import SlaSubject
from gql.tickets.types import Ticket


async def subject_of(context: Context, kind: SlaSubjectKind, key: str) -> SlaSubject:
    """Return a ticket or an incident, read together with the others. Raises NotFound."""
    match kind:
        case SlaSubjectKind.TICKET:
            ticket = await context.loaders.tickets.load(key)
            if ticket is not None:
                return Ticket.of(ticket)
        case SlaSubjectKind.INCIDENT:
            incident = await context.loaders.incidents.load(key)
            if incident is not None:
                return Incident.of(incident)
    raise NotFound(kind.lower(), key)
