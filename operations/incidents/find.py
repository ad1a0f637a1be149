"""The incident and the integration that a person names."""

from domain.access.roles import Actor
from domain.errors import NotFound
from models.reads.incident import INCIDENTS
from models.tables.incident import IncidentRow
from models.tables.integration import IntegrationRow
from operations.access.authorise import Action, authorise
from operations.access.scope import scope_of


async def find(
    actor: Actor, action: Action, *, incident_id: str, integration_id: str
) -> tuple[IncidentRow, IntegrationRow]:
    """Return both, if the actor may do this with them, the incident locked.

    Raises NotFound for what does not exist or may not be seen, and Forbidden.
    """
    incident = await IncidentRow.select_for_update(no_key=True).get_or_none(id=incident_id)
    scope = scope_of(actor)
    if incident is None or not await INCIDENTS.by_id(scope, [incident_id]):
        raise NotFound("incident", incident_id, path=("id",))
    integration = await IntegrationRow.get_or_none(id=integration_id)
    if integration is None or not scope.has(integration.key):
        raise NotFound("integration", integration_id, path=("integrationId",))
    authorise(actor, action, integration_key=integration.key, assignee=incident.assignee)
    return incident, integration
