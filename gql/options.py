"""What the graph's doors may be told; every limit is a setting."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from starlette.types import ASGIApp

from gql.guard import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Limits and permissions of the doors.

    cost: the most that one operation may cost, see ``gql/cost.py``.
    cost_per_minute: the most that one caller's operations may cost together.
    init_time: until a socket must have shown its token.
    send_time: how long one message may wait for a client that does not read.
    recheck_period: between two looks at the token of an open socket.
    allowed_origins: other sites, as ``https://host``, whose pages may ask.
    anonymous_introspection: whether the schema is shown without a token.
    graphiql: answers a browser that opens the door without a query.
    monotonic: the clock of the rate limit and of latencies, in seconds.
    """

    limits: Limits = field(default_factory=Limits)
    cost: int = 5_000
    cost_per_minute: int = 50_000
    body_bytes: int = 1 << 20
    query_time: timedelta = timedelta(seconds=10)
    mutation_time: timedelta = timedelta(seconds=30)
    init_time: timedelta = timedelta(seconds=3)
    send_time: timedelta = timedelta(seconds=30)
    recheck_period: timedelta = timedelta(seconds=60)
    sockets: int = 4_000
    sockets_per_caller: int = 20
    operations_per_socket: int = 100
    allowed_origins: frozenset[str] = frozenset()
    anonymous_introspection: bool = False
    graphiql: ASGIApp | None = None
    monotonic: Callable[[], float] = time.monotonic
