"""Who may read at all."""

import pytest
from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLInputObjectType,
    Undefined,
    get_named_type,
    is_leaf_type,
)

from gql.schema import schema
from tests import given
from tests.gql.asking import NOBODY, Graph, viewer

# The caller is told who the caller is, whatever that one may do.
OPEN = {"me"}
CORE = schema._schema
VALUES = {
    "ID": '"SW5jaWRlbnQ6MQ=="',
    "[ID!]": '["SW5jaWRlbnQ6MQ=="]',
    "String": '"x"',
    "Owner": "PLATFORM",
    "DateTime": '"2026-03-02T12:00:00Z"',
    "Int": "0",
}
QUERIES = sorted(CORE.query_type.fields if CORE.query_type else ())


def _asked(name: str, field: GraphQLField) -> str:
    """Return a minimal document that asks for a root field."""
    given_ = [
        f"{argument}: {_one_of(value) or VALUES[str(value.type).removesuffix('!')]}"
        for argument, value in field.args.items()
        if str(value.type).endswith("!") and value.default_value is Undefined
    ]
    arguments = f"({', '.join(given_)})" if given_ else ""
    below = get_named_type(field.type)
    return f"{{ {name}{arguments} {'' if is_leaf_type(below) else '{ __typename }'} }}"


def _one_of(value: GraphQLArgument) -> str | None:
    shown = get_named_type(value.type)
    if not isinstance(shown, GraphQLInputObjectType):
        return None
    name = max(shown.fields)
    return f"{{{name}: {VALUES[str(shown.fields[name].type)]}}}"


@pytest.mark.parametrize("name", QUERIES)
async def test_one_without_a_role_reads_nothing(graph: Graph, name: str) -> None:
    query = _asked(name, CORE.query_type.fields[name])  # type: ignore[union-attr]  # — it has a query type
    answer = await graph.answer(query, actor=NOBODY)
    if name in OPEN:
        assert "errors" not in answer
        return
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "FORBIDDEN"


@pytest.mark.parametrize(
    "name",
    ["alerts", "conflicts", "incidentChanges", "recordChanges", "slaChanges", "syncProgress"],
)
async def test_one_without_a_role_hears_nothing(graph: Graph, name: str) -> None:
    await given.told(given.about(await given.incident()))
    assert await graph.refusal(f"subscription {{ {name} {{ __typename }} }}", actor=NOBODY) == (
        "FORBIDDEN"
    )


async def test_the_caller_is_shown_to_the_caller(graph: Graph) -> None:
    data = await graph.ask("{ me { id name roles scopes } }", actor=viewer("b", "a"))
    assert data["me"] == {"id": "vi", "name": "Vi", "roles": ["VIEWER"], "scopes": ["a", "b"]}


@pytest.mark.parametrize("id", ["", "nonsense", "SW5jaWRlbnQ=", "Tm90aGluZzox", "/w=="])
async def test_what_is_no_id_finds_nothing(graph: Graph, id: str) -> None:
    data = await graph.ask("query N($id: ID!) { node(id: $id) { id } }", id=id)
    assert data["node"] is None


async def test_nodes_keep_their_places_and_are_read_by_type_at_once(
    graph: Graph, statements: list[str]
) -> None:
    for title in ("a", "b"):
        await given.incident(title)
    await given.integration()
    listed = await graph.ask(
        "{ incidents { edges { node { id } } } integrations { edges { node { id } } } }"
    )
    ids = [
        edge["node"]["id"]
        for page in (listed["incidents"], listed["integrations"])
        for edge in page["edges"]
    ]
    ids.insert(1, "nonsense")
    statements.clear()
    data = await graph.ask("query N($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=ids)
    shown = [node and node["id"] for node in data["nodes"]]
    assert shown == [ids[0], None, *ids[2:]]
    assert len(statements) == 2


async def test_more_than_100_nodes_are_refused(graph: Graph) -> None:
    query = "query N($ids: [ID!]!) { nodes(ids: $ids) { __typename } }"
    assert await graph.code(query, ids=["x"] * 101) == "BAD_INPUT"


async def test_the_id_of_another_type_finds_nothing(graph: Graph) -> None:
    await given.incident()
    listed = await graph.ask("{ incidents { edges { node { id } } } }")
    named = listed["incidents"]["edges"][0]["node"]["id"]
    data = await graph.ask(
        "query W($id: ID!) { service(id: $id) { name } integration(by: {id: $id}) { key } }",
        id=named,
    )
    assert data == {"service": None, "integration": None}
