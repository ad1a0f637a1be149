"""The webhooks that are registered with a site."""

from collections.abc import Collection
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Final

from simulators.jira.store import Store

_KIND: Final = "webhook"
_SEQUENCE: Final = "webhook"
EVENTS: Final = (
    "jira:issue_created",
    "jira:issue_updated",
    "jira:issue_deleted",
    "comment_created",
    "comment_updated",
    "comment_deleted",
)


class Registrant(StrEnum):
    """Who registered a webhook; each has its own proof of origin."""

    ADMIN = "admin"
    """``X-Hub-Signature`` where a secret was given."""
    CONNECT = "connect"
    """A Connect app: a token with ``qsh``; the secret is the installation's."""
    APP = "app"
    """An OAuth app: a token; the secret is the client's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """A webhook.

    jql: issues that it is told of; "" for all. client_key: of a Connect
    installation. expires: in milliseconds since the epoch; 0 for never.
    registered: by an account id, and when.
    """

    id: int
    url: str
    secret: str = field(repr=False)
    events: tuple[str, ...] = EVENTS
    jql: str = ""
    registrant: Registrant = Registrant.ADMIN
    name: str = ""
    client_key: str = ""
    expires: int = 0
    registered_by: str = ""
    registered: int = 0


class Registry:
    """Keeps webhooks across starts."""

    def __init__(self, store: Store) -> None:
        """Take up those of an earlier start."""
        self._store = store
        self._hooks: dict[int, Hook] = {}
        for row in store.kept(_KIND).values():
            row |= {"events": tuple(row["events"]), "registrant": Registrant(row["registrant"])}
            self._hooks[row["id"]] = Hook(**row)

    def add(self, hook: Hook) -> Hook:
        """Register a webhook; its ``id`` is given here."""
        hook = replace(hook, id=self._store.next(_SEQUENCE, 1))
        self.change(hook)
        return hook

    def change(self, hook: Hook) -> None:
        """Replace a webhook."""
        self._hooks[hook.id] = hook
        self._store.keep(_KIND, str(hook.id), asdict(hook))

    def remove(self, id: int) -> None:
        """Forget a webhook."""
        self._hooks.pop(id, None)
        self._store.drop(_KIND, str(id))

    def one(self, id: int) -> Hook | None:
        """Return a webhook, or None."""
        return self._hooks.get(id)

    def all(self, registrants: Collection[Registrant] = tuple(Registrant)) -> list[Hook]:
        """Return the webhooks of some registrants, oldest first."""
        return [hook for hook in self._hooks.values() if hook.registrant in registrants]
