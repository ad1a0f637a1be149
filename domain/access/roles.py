"""Who asks, and the roles of the access matrix."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """A set of permissions; the matrix is in ``operations/access/authorise.py``."""

    PLATFORM_ADMINISTRATOR = "PLATFORM_ADMINISTRATOR"
    INTEGRATION_MANAGER = "INTEGRATION_MANAGER"
    INCIDENT_COMMANDER = "INCIDENT_COMMANDER"
    VIEWER = "VIEWER"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A person or program that asks, as its token names it.

    ``scopes`` are integration keys, or ``*`` for all.
    """

    id: str
    name: str
    roles: frozenset[Role]
    scopes: frozenset[str]
