"""``im ticket``: tickets, and how they stand to what was promised."""

import sys
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Final

import typer

from domain.records import Priority, TicketStatus
from domain.sla.terms import SlaState
from im.client.connection import Token, Url, connection
from im.client.table import ColumnNames, FormatWord, NoHeaders, columns_of, format_of, show
from im.client.words import any_of, one_of, words

app: Final = typer.Typer(help="Look at tickets of a running Watchpane.", no_args_is_help=True)

# What a person sees at first, and how many; a report has all.
BRIEF: Final = (
    *("sourceId", "title", "tier", "priority", "status", "slaState"),
    "resolutionBreachAt",
)
SCREENFUL: Final = 30
COLUMNS: Final = (
    *("sourceId", "title", "tier", "priority", "status", "slaState", "escalationLevel"),
    *("responseState", "responseRemaining", "responseBreachAt"),
    *("resolutionState", "resolutionRemaining", "resolutionBreachAt"),
    *("createdAt", "updatedAt"),
)

_QUERY: Final = """
query Tickets($first: Int!, $after: String, $filter: TicketFilter!, $orderBy: TicketOrder!) {
  tickets(first: $first, after: $after, filter: $filter, orderBy: $orderBy) {
    edges {
      node {
        id sourceId title tier priority status slaState escalationLevel
        clocks { kind state remaining breachAt }
        createdAt updatedAt
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}
"""


class Order(StrEnum):
    """What orders tickets, as the graph calls it."""

    UPDATED_AT = "UPDATED_AT"
    BREACH_AT = "BREACH_AT"
    NEXT_TRANSITION_AT = "NEXT_TRANSITION_AT"
    PRIORITY = "PRIORITY"


def _only(metavar: str, values: str) -> Any:  # noqa: ANN401 — what typer makes of an option
    text = f"Only {values}; may be repeated."
    return typer.Option(metavar=metavar, show_default=False, help=text)


_States = Annotated[list[str] | None, _only("STATE", words(SlaState))]
_Statuses = Annotated[list[str] | None, _only("STATUS", words(TicketStatus))]
_Priorities = Annotated[list[str] | None, _only("PRIORITY", words(Priority))]
_Tiers = Annotated[list[str] | None, _only("TIER", "this one")]
_Paused = Annotated[
    bool | None, typer.Option(show_default=False, help="Only with a paused clock, or without.")
]
_By = Annotated[
    str,
    typer.Option(
        metavar="FIELD", help=f"By {words(Order)}: the last change first, else the most urgent."
    ),
]
_Limit = Annotated[
    int | None,
    typer.Option(
        min=1,
        metavar="NUMBER",
        show_default=False,
        help=f"At most so many; without it all in csv and json, else {SCREENFUL}.",
    ),
]


@app.command("list")
def list_tickets(  # noqa: PLR0913 — each option is an argument
    *,
    sla_state: _States = None,
    status: _Statuses = None,
    priority: _Priorities = None,
    tier: _Tiers = None,
    paused: _Paused = None,
    order: _By = "updated-at",
    limit: _Limit = None,
    form: FormatWord = "",
    columns: ColumnNames = "",
    no_headers: NoHeaders = False,
    url: Url = "",
    token: Token = "",
) -> None:
    """List tickets with their service levels."""
    from im.client.asking import graph_of  # noqa: PLC0415 — heavy, and not needed for --help

    asked = {
        "slaState": any_of(SlaState, "--sla-state", sla_state),
        "status": any_of(TicketStatus, "--status", status),
        "priority": any_of(Priority, "--priority", priority),
        "tier": tier or None,
        "paused": paused,
    }
    by = one_of(Order, "--order", order)
    shape = format_of(form)
    names = columns_of(columns, COLUMNS) if columns else COLUMNS if shape.is_report else BRIEF
    most = limit or (None if shape.is_report else SCREENFUL)
    # All are read the last change last: one that changes meanwhile comes again, and is not missed.
    is_backwards = by is Order.UPDATED_AT and most is None
    direction = "DESC" if by is Order.UPDATED_AT and not is_backwards else "ASC"
    variables = {"filter": asked, "orderBy": {"field": by, "direction": direction}}
    with graph_of(connection(url, token)) as graph:
        found, has_more = graph.rows(_QUERY, variables, limit=most)
    ordered = reversed(found) if is_backwards else found
    show([_row(node) for node in ordered], names, shape, has_headers=not no_headers)
    if has_more and limit is None:
        print(f"there are more than these {most}: see --limit", file=sys.stderr)


def _row(node: Mapping[str, Any]) -> dict[str, Any]:
    """Put a ticket's clocks beside its other fields, under names such as ``responseState``."""
    row = {name: value for name, value in node.items() if name != "clocks"}
    for clock in node["clocks"]:
        kind = clock["kind"].lower()
        row |= {
            f"{kind}State": clock["state"],
            f"{kind}Remaining": clock["remaining"],
            f"{kind}BreachAt": clock["breachAt"],
        }
    return row
