"""Reading: ours beside the yardstick, in turns, on the same rows."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, fields
from random import Random
from statistics import median
from typing import Any, Final

from domain.access.roles import Role
from im.processes.waiting import until
from operations.access.issue_token import IssueToken, issue_token
from tests.bench.load import Operation, Round, answers, load
from tests.bench.seed import seed
from tests.bench.site import Server, Site, at_hand, serving

# Callers among whom the requests are spread: each has an allowance of its own.
CALLERS: Final = 256
# Sets of variables that the requests take turns with.
_TURNS: Final = 50
OURS, STOCK = "ours", "stock"

_OVERVIEW: Final = """
{ overview { incidents {
  open unassigned bySeverity { severity count } byStatus { status count }
  openedLastDay resolvedLastDay
} } }
"""
_PAGE: Final = """
query($assignee: String!) {
  incidents(first: 50, filter: {assignee: $assignee}) {
    edges { node {
      id number title description status severity priority assignee labels
      startedAt resolvedAt updatedAt
      services { id name criticality }
      links { externalKey url integration { key } }
    } }
    pageInfo { hasNextPage }
  }
}
"""
_ONE: Final = """
query($number: String!) {
  incident(by: {number: $number}) {
    id number title description status severity priority assignee labels
    startedAt resolvedAt updatedAt version
    services { id name criticality }
    links { externalKey url integration { key } }
    history(first: 20) {
      totalCount edges { node { field before after version at by accepted } }
    }
  }
}
"""
# Across all kinds of records, which the yardstick does not have.
_SPAN: Final = """
query($assignee: String!) {
  incidents(first: 50, filter: {assignee: $assignee}) {
    edges { node {
      number title status
      changes(first: 2) { edges {
        confidence because node { number title risk services { name criticality } }
      } }
      services { name criticality events(first: 2) { edges { node { title severity status } } } }
      tickets(first: 2) { edges { node { sourceId title status } } }
    } }
  }
}
"""

_EXPLAIN: Final = """
query($number: String!) {
  incident(by: {number: $number}) {
    explain(field: "status") {
      value sentence rule owner nextAction
      edits { before after at by accepted }
      sides { value equal link { externalKey } }
    }
  }
}
"""


def operations(incidents: int) -> list[Operation]:
    """Return what is asked, with variables that differ from request to request."""
    return [
        Operation(name="overview", query=_OVERVIEW, variables=[{}]),
        Operation(name="page of 50", query=_PAGE, variables=_people()),
        Operation(name="one with history", query=_ONE, variables=_numbers(incidents)),
    ]


def unmatched(incidents: int) -> list[Operation]:
    """Return the questions that the yardstick cannot answer."""
    return [
        Operation(name="incidents to tickets", query=_SPAN, variables=_people()),
        Operation(name="explain", query=_EXPLAIN, variables=_numbers(incidents)),
    ]


def _numbers(incidents: int) -> list[dict[str, str]]:
    return [{"number": f"INC{place * incidents // _TURNS:07d}"} for place in range(_TURNS)]


def _people() -> list[dict[str, str]]:
    return [{"assignee": f"person{number}"} for number in range(_TURNS)]


async def prepare(site: Site, incidents: int) -> list[str]:
    """Fill the database, and return the callers' tokens."""
    async with at_hand(site) as runtime:
        await seed(incidents, now=runtime.now(), chance=Random(1))  # noqa: S311 — the same work each time
        roles = (Role.PLATFORM_ADMINISTRATOR,)
        return [
            await issue_token(runtime, IssueToken(name=f"caller {number}", roles=roles))
            for number in range(CALLERS)
        ]


async def measure(
    site: Site, tokens: Sequence[str], incidents: int, *, rounds: int, count: int
) -> dict[str, Any]:
    """Return the rounds of each operation and server, with medians and ratios.

    Raises ValueError when the servers do not answer alike.
    """
    with ExitStack() as stack:
        servers = {
            OURS: stack.enter_context(serving(site, "im", "serve")),
            STOCK: stack.enter_context(serving(site, "tests.bench.stock")),
        }
        asked = operations(incidents)
        for operation in asked:
            await _agree(servers, operation, tokens)
        found: dict[str, dict[str, list[Round]]] = {
            operation.name: {name: [] for name in servers} for operation in asked
        }
        for turn in range(rounds):
            order = list(servers) if turn % 2 else list(reversed(servers))
            for operation in asked:
                for name in order:
                    measured = await load(servers[name], operation, tokens, count=count)
                    found[operation.name][name].append(measured)
        alone: dict[str, list[Round]] = {}
        for operation in unmatched(incidents):
            await answers(servers[OURS], operation, tokens)
            alone[operation.name] = [
                await load(servers[OURS], operation, tokens, count=count // 3)
                for _ in range(rounds)
            ]
        memory = {
            name: {
                "own": server.process.own_bytes / 1e6,
                "peak": server.process.peak_bytes / 1e6,
            }
            for name, server in servers.items()
        }
    return {
        "operations": {name: _summary(of) for name, of in found.items()},
        "unmatched": {name: _medians(of) for name, of in alone.items()},
        "megabytes": memory,
    }


async def _agree(
    servers: Mapping[str, Server], operation: Operation, tokens: Sequence[str]
) -> None:
    """Wait for both, and compare what they say."""
    said: dict[str, list[Any]] = {}

    async def answered() -> bool:
        for name, server in servers.items():
            said[name] = await answers(server, operation, tokens)
        return True

    await until(answered, seconds=120)
    if said[OURS] != said[STOCK]:
        ours, stock = next(
            pair for pair in zip(said[OURS], said[STOCK], strict=True) if pair[0] != pair[1]
        )
        raise ValueError(f"{operation.name}: the servers differ:\n{ours}\n{stock}")


def _summary(rounds: Mapping[str, Sequence[Round]]) -> dict[str, Any]:
    medians = {name: _medians(of) for name, of in rounds.items()}
    ours, stock = medians[OURS], medians[STOCK]
    return {
        "rounds": {name: [asdict(one) for one in of] for name, of in rounds.items()},
        "medians": medians,
        "ratios": {
            "per_second": ours["per_second"] / stock["per_second"],
            "cpu": stock["cpu"] / ours["cpu"],
        },
    }


def _medians(rounds: Sequence[Round]) -> dict[str, float]:
    """Return the median of each figure."""
    figures = [field.name for field in fields(Round)]
    return {name: median(getattr(one, name) for one in rounds) for name in figures}
