"""The page on sending tickets does what it says."""

import json
from typing import Any, Final

import pytest
from graphql import OperationDefinitionNode, parse

from domain.sla.terms import IngestOutcome
from models.database import DatabaseAt
from tests.docs.documents import ROOT, blocks, first_cells
from tests.gql.asking import Graph

_NAME: Final = "docs/how-to/send-tickets.md"
_PAGE: Final = ROOT / _NAME


def operations() -> dict[str, str]:
    """Return the operations of the page by name."""
    found: dict[str, str] = {}
    for block in blocks(_PAGE):
        if block.language == "graphql":
            (operation,) = parse(block.text).definitions
            assert isinstance(operation, OperationDefinitionNode)
            assert operation.name is not None
            found[operation.name.value] = block.text
    return found


def variables() -> dict[str, Any]:
    """Return the variables that the page sends."""
    (text,) = (block.text for block in blocks(_PAGE) if block.language == "json")
    told: dict[str, Any] = json.loads(text)
    return told


# A page says the same whatever the database.
@pytest.mark.parametrize("database_at", ["sqlite"], indirect=True)
async def test_what_the_page_sends_is_taken_and_shown(database: DatabaseAt) -> None:
    assert database
    graph, asked = Graph(), operations()

    sent = (await graph.ask(asked["Send"], **variables()))["ingestTickets"]
    assert [one["outcome"] for one in sent["results"]] == ["CREATED", "UPDATED"]
    assert sent["userErrors"] == sent["warnings"] == []

    again = (await graph.ask(asked["Send"], **variables()))["ingestTickets"]
    assert {one["outcome"] for one in again["results"]} == {"DUPLICATE"}

    ticket = (await graph.ask(asked["History"], id="HELP-17"))["ticket"]
    assert (ticket["title"], ticket["status"]) == ("I cannot pay", "OPEN")
    assert [edge["node"]["priority"] for edge in ticket["history"]["edges"]] == ["P1", "P2"]


def test_the_page_names_every_outcome() -> None:
    assert set(first_cells(_NAME, head="`outcome`")) == set(IngestOutcome)
