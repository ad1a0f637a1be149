"""Words that are looked for in titles and numbers."""

from datetime import timedelta
from typing import Any

import pytest

from models.tables.incident import IncidentRow
from tests import given
from tests.gql.asking import Graph, viewer

QUERY = """
    query S($search: String, $first: Int, $after: String, $status: [IncidentStatus!],
            $orderBy: IncidentOrder) {
        incidents(first: $first, after: $after, orderBy: $orderBy,
                  filter: {search: $search, status: $status}) {
            edges { node { title } } pageInfo { endCursor hasNextPage } totalCount
        }
    }
"""


async def found(graph: Graph, search: str, **arguments: Any) -> list[str]:  # noqa: ANN401 — any argument
    data = await graph.ask(QUERY, search=search, **arguments)
    return [edge["node"]["title"] for edge in data["incidents"]["edges"]]


@pytest.mark.parametrize(
    "search",
    [
        "INC0010001",
        "inc0010001",
        "INC0010",
        "printer",
        "PRINTER it's",
        "it's burning",
        "burning printer",
        "db-01.prod",
        "db-01",
        "second floor (north)",
        "naïve",
        "äöü",
        "“quoted”",
        "  printer\tburn",
        "50%",
    ],
)
async def test_words_are_found_in_any_case_and_order_and_the_last_may_be_a_beginning(
    graph: Graph, search: str
) -> None:
    title = "The printer: it's burning! db-01.prod second-floor, (north) naïve äöü “quoted” 50%"
    await given.incident(title, number="INC0010001")
    await given.incident("Something else", number="INC0020001")
    assert await found(graph, search) == [title]


@pytest.mark.parametrize(
    "search",
    [
        "INC0010002",
        "rinter",
        "print burning",
        "print ",
        "01-db",
        "!!!",
        "“”",
        "²",
        "'",
        '"',
        '" OR "1',
        "printer OR chair",
        "NOT printer",
        "title:printer",
        "NEAR(printer burning)",
        "printer') OR 1=1 --",
        "printer:*B & burning",
        "^printer {x} <-> \\",
        "NULL",
        "\u0000",
        "x" * 200,
    ],
)
async def test_what_is_no_word_of_the_title_finds_nothing(graph: Graph, search: str) -> None:
    await given.incident("The printer is burning", number="INC0010001")
    assert await found(graph, search) == []


async def test_a_blank_search_asks_nothing_and_a_long_one_is_refused(graph: Graph) -> None:
    await given.incident("it")
    for blank in ("", " \t"):
        assert await found(graph, blank) == ["it"]
    assert await graph.code(QUERY, search="x" * 201) == "BAD_INPUT"


async def test_what_changed_is_found_by_its_new_words_only(graph: Graph) -> None:
    incident = await given.incident("A printer burns")
    incident.title = "A chair burns"
    await incident.save()
    assert await found(graph, "printer") == []
    assert await found(graph, "chair") == ["A chair burns"]
    await IncidentRow.filter(id=incident.id).delete()
    assert await found(graph, "chair") == []


async def test_a_search_keeps_order_pages_and_filters(graph: Graph) -> None:
    for number in range(6):
        title = f"Printer {number}" if number % 2 else f"Chair {number}"
        later = timedelta(minutes=number)
        await given.incident(title, number=f"INC{9 - number}", updated_at=given.NOW - later)
    await given.incident("Printer gone", deleted_at=given.NOW)
    for order, expected in (
        (None, ["Printer 1", "Printer 3", "Printer 5"]),
        ({"field": "NUMBER", "direction": "ASC"}, ["Printer 5", "Printer 3", "Printer 1"]),
    ):
        first = (await graph.ask(QUERY, search="print", first=2, orderBy=order))["incidents"]
        after = first["pageInfo"]["endCursor"]
        rest = await found(graph, "print", first=2, after=after, orderBy=order)
        assert [edge["node"]["title"] for edge in first["edges"]] + rest == expected
        assert (first["totalCount"], first["pageInfo"]["hasNextPage"]) == (3, True)
    assert await found(graph, "print", status=["CLOSED"]) == []
    assert await found(graph, "printer 3", status=["NEW", "CLOSED"]) == ["Printer 3"]


async def test_what_is_out_of_scope_is_not_found(graph: Graph) -> None:
    await given.link(await given.incident("A printer"), await given.integration("other"))
    assert await found(graph, "printer", actor=viewer("other")) == ["A printer"]
    assert await found(graph, "printer", actor=viewer("mine")) == []
