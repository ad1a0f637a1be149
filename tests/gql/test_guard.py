"""Hostile and honest documents, and what they may cost."""

import time
from typing import Any

import pytest
from graphql import get_introspection_query, parse

from gql.cost import cost_of
from gql.declined import Declined
from gql.documents import Documents
from gql.guard import Limits
from tests.gql.board import SCHEMA, Board
from tests.gql.knocking import NEWER, code, knock, post

CORE = SCHEMA._schema


def paged(arguments: str, row: str, field: str = "items") -> str:
    page = f"{{ edges {{ node {{ {row} }} }} }}"
    shown = f"{field}({arguments}) {page}"
    return f"{{ {shown} }}" if field == "items" else shown


def read(text: str) -> str | None:
    """Return the code that refuses a document, or None."""
    try:
        Documents(CORE, Limits()).read(text)
    except Declined as refusal:
        found: str = refusal.errors[0]["extensions"]["code"]
        return found
    return None


def nested(levels: int, *, inner: str = "name") -> str:
    return "{ item " + "{ child " * levels + "{ " + inner + " }" + " }" * (levels + 1)


def chained(fragments: int, body: str) -> str:
    """Return fragments that each hold the next one, as often as ``body`` says."""
    links = [
        f"fragment F{n} on Item {{ {body.replace('NEXT', f'...F{n + 1}')} }}"
        for n in range(fragments)
    ]
    return " ".join(["{ item { ...F0 } }", *links, f"fragment F{fragments} on Item {{ name }}"])


def repeated(selection: str, times: int) -> str:
    return "{ " + f"{selection} " * times + "}"


@pytest.mark.parametrize(
    ("document", "refusal"),
    [
        ("{ hello }", None),
        (get_introspection_query(), None),
        (get_introspection_query(input_value_deprecation=True, specified_by_url=True), None),
        (nested(9), None),
        ("{ item { ... on Item { ... on Item { name } } } }", None),
        (repeated("hello", 40), None),
        ("{ " + " ".join(f"a{n}: hello" for n in range(30)) + " }", None),
        (chained(8, "name child { NEXT }"), None),
        (" ".join(f"query Q{n} {{ hello }}" for n in range(50)), None),
        ("#" * 99_000 + "\n{ hello }", None),
        ("{ hello }" + " " * 100_000, "QUERY_TOO_LARGE"),
        (repeated("hello", 2_000), "QUERY_TOO_LARGE"),
        ("{ hello " + "@skip(if: false) " * 51 + "}", "QUERY_TOO_LARGE"),
        (" ".join(f"query Q{n} {{ hello }}" for n in range(51)), "QUERY_TOO_LARGE"),
        ("{" * 65, "QUERY_TOO_LARGE"),
        ("{ hello(name: " + "[" * 100 + "]" * 100 + ") }", "QUERY_TOO_LARGE"),
        ("query($a: " + "[" * 100 + "Int" + "]" * 100 + ") { hello }", "QUERY_TOO_LARGE"),
        (nested(11), "QUERY_TOO_COMPLEX"),
        (chained(12, "child { NEXT }"), "QUERY_TOO_COMPLEX"),
        ("{ " + " ".join(f"a{n}: hello" for n in range(31)) + " }", "QUERY_TOO_COMPLEX"),
        (chained(5, "a: child { NEXT } b: child { NEXT }"), "QUERY_TOO_COMPLEX"),
        (chained(12, "NEXT NEXT"), "QUERY_TOO_COMPLEX"),
        (chained(40, "NEXT NEXT"), "QUERY_TOO_COMPLEX"),
        (chained(40, "... { NEXT } ... { NEXT }"), "QUERY_TOO_COMPLEX"),
        (repeated("item{child{child{name}}}", 190), "QUERY_TOO_COMPLEX"),
        (repeated("...{item{child{child{name}}}}", 60), "QUERY_TOO_COMPLEX"),
        (
            "{ hello } fragment F on Query " + repeated("item{child{name}}", 190),
            "QUERY_TOO_COMPLEX",
        ),
        ("{ item { ...A } } fragment A on Item { ...A }", "GRAPHQL_VALIDATION_FAILED"),
        (
            "{ item { ...A } } fragment A on Item { ...B } fragment B on Item { child { ...A } }",
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (chained(40, "NEXT NEXT").replace("{ name }", "{ ...Missing }"), "QUERY_TOO_COMPLEX"),
        ("{ item { ...Missing } }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ hello ", "GRAPHQL_PARSE_FAILED"),
        ("}" * 100, "GRAPHQL_PARSE_FAILED"),
        ('{ hello(name: "' + "x" * 1_000, "GRAPHQL_PARSE_FAILED"),
        ("\ud800", "GRAPHQL_PARSE_FAILED"),
        ("\x00", "GRAPHQL_PARSE_FAILED"),
    ],
    ids=lambda value: str(value)[:60].encode("ascii", "replace").decode() + str(len(str(value))),
)
def test_a_document_is_read_or_refused(document: str, refusal: str | None) -> None:
    assert read(document) == refusal


@pytest.mark.parametrize("levels", [10, 20, 40])
def test_nested_fragments_are_weighed_once_each(levels: int) -> None:
    """2^40 steps would not end; the bound is generous for a busy machine."""
    started = time.process_time()
    read(chained(levels, "a: child { NEXT } b: child { NEXT }"))
    assert time.process_time() - started < 0.25


def test_an_inline_depth_of_all_definitions_together_is_refused() -> None:
    body = "... { " * 20 + "NEXT" + " }" * 20
    assert read(chained(20, body)) == "QUERY_TOO_COMPLEX"


@pytest.mark.parametrize(
    ("document", "variables", "cost"),
    [
        ("{ hello }", {}, 1),
        ("{ hello me }", {}, 1),
        ("{ item { name } }", {}, 1),
        ("{ item { child { name } } }", {}, 2),
        ("{ item { parts { name } } }", {}, 11),
        ("{ item { ... on Item { child { name } } ... { child { name } } } }", {}, 3),
        ("{ item { links { name } } }", {}, 4),
        ("{ nodes(ids: [1, 2, 3]) { name } }", {}, 3),
        ("query($i: [ID!]!) { nodes(ids: $i) { name } }", {"i": ["1"] * 7}, 7),
        ("{ items { edges { node { name } } } }", {}, 21),
        ("{ items(first: 100) { edges { node { name } } } }", {}, 101),
        ("query($n: Int = 50) { items(first: $n) { edges { node { name } } } }", {"n": 50}, 51),
        ("{ items(first: 100) { totalCount pageInfo { hasNextPage } } }", {}, 2),
        (
            paged("first: 100", paged("first: 100", "name", "children")),
            {},
            10_201,
        ),
        (
            "{ items(first: 5) { ...E } } fragment E on ItemConnection { edges { node { name } } }",
            {},
            6,
        ),
        ("{ __typename }", {}, 1),
        ("{ __schema { types { fields { name } } } }", {}, 10),
        (get_introspection_query(), {}, 10),
        ('mutation { addNote(text: "x") { note } }', {}, 11),
        ("subscription { ticks(to: 1) { number } }", {}, 1),
        (
            paged("first: 2000000000", paged("first: 2000000000", "name", "children")),
            {},
            1_000_000_000,
        ),
    ],
)
def test_the_cost_is_known_beforehand(document: str, variables: dict[str, Any], cost: int) -> None:
    node = parse(document)
    operation: Any = node.definitions[0]
    assert cost_of(CORE, node, operation, variables) == cost


async def test_an_operation_that_costs_too_much_is_not_run(board: Board) -> None:
    page = "items(first: 100) { edges { node { children(first: 100) { totalCount } } } }"
    async with knock(board, cost=200) as client:
        fits = await post(client, {"query": "{ items(first: 100) { edges { node { name } } } }"})
        assert fits.json()["extensions"] == {"cost": {"requested": 101, "limit": 200}}
        refused = await post(client, {"query": f"{{ {page} }}"}, accept=NEWER)
    assert refused.status_code == 400
    assert code(refused) == "QUERY_TOO_COMPLEX"


def test_a_document_is_parsed_and_validated_once() -> None:
    documents = Documents(CORE, Limits())
    assert documents.read("{ hello }") is documents.read("{ hello }")
