"""What resolvers are given besides their arguments."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from domain.access.roles import Actor
from gql.live import Live
from gql.loaders import Loaders
from operations.runtime import Runtime


@dataclass(slots=True, kw_only=True)
class Context:
    """One operation's surroundings; a subscription gets a new one for each event.

    correlation_id: found again in the answer's header, the log and the audit.
    as_of: the moment that clocks and counts are told of, the same in the whole answer.
    loaders: remember what they read, hence as short-lived as the context.
    live: the event log, for subscriptions.
    """

    runtime: Runtime
    actor: Actor
    correlation_id: str
    as_of: datetime
    loaders: Loaders
    live: Live


ContextMaker = Callable[[Actor, str], Context]
