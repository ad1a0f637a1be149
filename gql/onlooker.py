"""Whether what somebody is shown is the same for others."""

from domain.access.roles import Actor


class Onlooker(Actor):
    """An actor who notices being asked who it is.

    What is read for one whom nobody asked depends on roles and scopes alone, so it may be
    shown to all who have the same.
    """

    __slots__ = ("_actor", "is_known")

    _actor: Actor
    is_known: bool

    def __init__(self, actor: Actor) -> None:
        """Stand for an actor; nobody has asked yet."""
        object.__setattr__(self, "roles", actor.roles)
        object.__setattr__(self, "scopes", actor.scopes)
        object.__setattr__(self, "_actor", actor)
        object.__setattr__(self, "is_known", False)

    @property
    def id(self) -> str:
        """The actor's id."""
        object.__setattr__(self, "is_known", True)
        return self._actor.id

    @property
    def name(self) -> str:
        """The actor's name."""
        object.__setattr__(self, "is_known", True)
        return self._actor.name
