"""What an actor may see: the one place that asks."""

from domain.access.roles import Actor, Role
from models.reads.scope import Scope
from operations.access.authorise import ALL_SCOPES, Action, authorise


def scope_of(actor: Actor) -> Scope:
    """Return the scope of an actor's reads. Raises Forbidden for one who may read nothing.

    Every read takes a scope and nothing else makes one, so that none is made
    without this question.
    """
    authorise(actor, Action.READ)
    if Role.PLATFORM_ADMINISTRATOR in actor.roles or ALL_SCOPES in actor.scopes:
        return Scope(keys=None)
    return Scope(keys=actor.scopes)
