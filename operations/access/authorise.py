"""Whether an actor may do something: the only place that decides it."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from domain.access.roles import Actor, Role
from domain.errors import Forbidden

ALL_SCOPES = "*"


class Action(StrEnum):
    """What can be asked for; one entry for each row of the access matrix in use."""

    READ = "read"
    CREATE_INTEGRATION = "create or delete integrations"
    CONFIGURE_INTEGRATION = "configure integrations"
    RUN_SYNC = "start or cancel a sync"
    CREATE_INCIDENT = "create incidents"
    EDIT_INCIDENT = "edit incidents"
    LINK_INCIDENT = "link incidents"
    RESOLVE_CONFLICT = "resolve conflicts"
    RETRY_DELIVERY = "retry or discard dead letters"
    READ_PAYLOAD = "read what dead letters say"
    HEAL_DRIFT = "heal differences"
    COMPARE_STRATEGIES = "compare strategies"
    INGEST_TICKETS = "ingest updates"
    ANSWER_ALERT = "acknowledge or snooze alerts"
    PREVIEW_SLA = "preview service levels"
    RELOAD_SLA = "reload service levels"


_READERS = frozenset(Role)
_KEEPERS = frozenset({Role.PLATFORM_ADMINISTRATOR, Role.INTEGRATION_MANAGER})
_LEADERS = frozenset({Role.PLATFORM_ADMINISTRATOR, Role.INCIDENT_COMMANDER})

# An action without an entry is denied to all.
MATRIX: Mapping[Action, frozenset[Role]] = MappingProxyType(
    {
        Action.READ: _READERS,
        Action.CREATE_INTEGRATION: _KEEPERS,
        Action.CONFIGURE_INTEGRATION: _KEEPERS,
        Action.RUN_SYNC: _KEEPERS,
        Action.CREATE_INCIDENT: _LEADERS,
        Action.EDIT_INCIDENT: _LEADERS,
        Action.LINK_INCIDENT: _LEADERS,
        Action.RESOLVE_CONFLICT: _KEEPERS | {Role.INCIDENT_COMMANDER},
        Action.RETRY_DELIVERY: _KEEPERS,
        Action.READ_PAYLOAD: _KEEPERS | {Role.INCIDENT_COMMANDER},
        Action.HEAL_DRIFT: _KEEPERS,
        Action.COMPARE_STRATEGIES: _KEEPERS,
        Action.INGEST_TICKETS: _KEEPERS,
        Action.ANSWER_ALERT: _LEADERS,
        Action.PREVIEW_SLA: _KEEPERS | {Role.INCIDENT_COMMANDER},
        Action.RELOAD_SLA: frozenset({Role.PLATFORM_ADMINISTRATOR}),
    }
)
# What a commander may do with incidents that are assigned to him only.
_IF_ASSIGNED = frozenset(
    {
        Action.EDIT_INCIDENT,
        Action.LINK_INCIDENT,
        Action.RESOLVE_CONFLICT,
        Action.READ_PAYLOAD,
    }
)


def allows(
    actor: Actor, action: Action, *, integration_key: str | None, assignee: str | None
) -> bool:
    """Say whether ``authorise`` would return."""
    try:
        authorise(actor, action, integration_key=integration_key, assignee=assignee)
    except Forbidden:
        return False
    return True


def authorise(
    actor: Actor,
    action: Action,
    *,
    integration_key: str | None = None,
    assignee: str | None = None,
) -> None:
    """Return when the actor may; raise Forbidden when not, or when nothing says so.

    assignee: whose the incident is, where the action is about one.
    An administrator is bound by no scope. Others need the integration's key, or
    ``*``, among their scopes.
    """
    may = actor.roles & MATRIX.get(action, frozenset())
    if not may:
        raise Forbidden(f"{actor.name} may not {action}; ask an administrator for the role")
    if Role.PLATFORM_ADMINISTRATOR in actor.roles:
        return
    is_only_commander = may == {Role.INCIDENT_COMMANDER}
    if action in _IF_ASSIGNED and is_only_commander and assignee != actor.name:
        raise Forbidden(f"{actor.name} may not {action} that are not assigned to {actor.name}")
    if integration_key is None:
        return
    if integration_key not in actor.scopes and ALL_SCOPES not in actor.scopes:
        raise Forbidden(f"{actor.name} may not {action} of {integration_key}: out of scope")
