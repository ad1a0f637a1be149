"""Asks the graph; whatever goes wrong ends the command in one line."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event
from types import MappingProxyType
from typing import Any, Final

import httpx

from im.client.connection import Connection
from im.client.failure import CommandError, Exit

Data = dict[str, Any]

# More than the server takes for a query.
TIMEOUT_SECONDS: Final = 30
# The most that a page holds.
PAGE: Final = 100
# An allowance is whole again after a minute; who asks for more does not mean to answer.
LONGEST_WAIT_SECONDS: Final = 60

_PAUSE: Final = Event().wait
_TOO_MANY: Final = 429
_AWAY: Final = frozenset({502, 503, 504})
# By ``extensions.code``; all others are refusals.
_EXITS: Final[Mapping[str, Exit]] = MappingProxyType(
    {
        "BAD_INPUT": Exit.USAGE,
        "NOT_FOUND": Exit.NOT_FOUND,
        "UNAUTHENTICATED": Exit.NOT_ALLOWED,
        "FORBIDDEN": Exit.NOT_ALLOWED,
        "UNAVAILABLE": Exit.UNREACHABLE,
        "TIMEOUT": Exit.UNREACHABLE,
    }
)
_HINTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "UNAUTHENTICATED": "the token is wrong, revoked or expired: set IM_TOKEN to another",
        "GRAPHQL_VALIDATION_FAILED": "the server may be of another version than this command",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """A graph that can be asked; ``pause`` waits so many seconds."""

    client: httpx.Client
    pause: Callable[[float], object]

    def ask(self, query: str, variables: Mapping[str, object]) -> Data:
        """Return the data of an answer; wait where the server says so. Raises CommandError."""
        response = self._post(query, variables)
        while (seconds := _wait(response)) is not None:
            print(f"waiting {seconds} s: the server takes no more until then", file=sys.stderr)
            self.pause(seconds)
            response = self._post(query, variables)
        return _data(response)

    def rows(
        self, query: str, variables: Mapping[str, object], *, limit: int | None
    ) -> tuple[list[Data], bool]:
        """Return the nodes of a list, page after page, and whether there are more.

        query: selects one list, with ``$first`` and ``$after`` and the ``id`` of its nodes.
        limit: how many at most; None for all. One that moves back in the list while it is
            read is told once, as it was last.
        """
        found: dict[str, Data] = {}
        after: str | None = None
        while True:
            first = PAGE if limit is None else min(PAGE, limit - len(found))
            data = self.ask(query, {**variables, "first": first, "after": after})
            (page,) = data.values()
            for edge in page["edges"]:
                found.pop(edge["node"]["id"], None)
                found[edge["node"]["id"]] = edge["node"]
            has_more = bool(page["pageInfo"]["hasNextPage"])
            if not has_more or len(found) == limit:
                return list(found.values()), has_more
            after = page["pageInfo"]["endCursor"]

    def _post(self, query: str, variables: Mapping[str, object]) -> httpx.Response:
        try:
            return self.client.post("/graphql", json={"query": query, "variables": variables})
        except httpx.TimeoutException:
            raise _unreachable(
                f"{self.client.base_url} did not answer within {TIMEOUT_SECONDS} s"
            ) from None
        except httpx.RequestError as error:
            why = str(error) or type(error).__name__
            raise _unreachable(f"{self.client.base_url} cannot be reached ({why})") from None
        except UnicodeError:
            # Neither could be sent: a host with an empty part, a value of odd bytes.
            raise CommandError(
                Exit.USAGE, "an address or value is not written in letters"
            ) from None


@contextmanager
def graph_of(at: Connection, *, pause: Callable[[float], object] = _PAUSE) -> Iterator[Graph]:
    """Open the graph of a Watchpane; no proxy stands between. Raises CommandError."""
    try:
        client = httpx.Client(
            base_url=at.url,
            headers={"Authorization": f"Bearer {at.token.reveal()}"},
            timeout=TIMEOUT_SECONDS,
            trust_env=False,
        )
    except httpx.InvalidURL:
        raise CommandError(Exit.USAGE, "--url is no address") from None
    with client:
        yield Graph(client=client, pause=pause)


def _wait(response: httpx.Response) -> int | None:
    """Return for how many seconds the server wants to be left alone; None for not at all."""
    told = response.headers.get("Retry-After", "")
    if response.status_code != _TOO_MANY or not told.isdecimal():
        return None
    return int(told) if int(told) <= LONGEST_WAIT_SECONDS else None


def _data(response: httpx.Response) -> Data:
    try:
        answer = response.json()
    except ValueError:
        answer = None
    match answer:
        case {"errors": [{"message": str(message), "extensions": {"code": str(code)}}, *_]}:
            raise CommandError(_EXITS.get(code, Exit.REFUSED), message, hint=_HINTS.get(code, ""))
        case {"data": dict(data)} if not answer.get("errors"):
            return data
    what = f"{response.url} answered {response.status_code}, and not as a graph does"
    if response.status_code in _AWAY:
        raise _unreachable(what)
    raise CommandError(
        Exit.REFUSED, what, hint="the address is that of Watchpane, without /graphql at its end"
    )


def _unreachable(message: str) -> CommandError:
    return CommandError(
        Exit.UNREACHABLE, message, hint="look whether Watchpane runs there, then try again"
    )
