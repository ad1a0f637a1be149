"""What is said of an integration that begins to go both ways."""

import pytest

from tests import given
from tests.gql.asking import Graph

CONFIGURE = """
    mutation C($id: ID!, $direction: Direction) {
        configureIntegration(input: {id: $id, direction: $direction}) {
            userErrors { code } warnings { code path }
        }
    }
"""
RULE = """
    mutation R($id: ID!) {
        setFieldOwnership(input: {integrationId: $id, field: "title", owner: PLATFORM}) {
            userErrors { code }
        }
    }
"""
WARNED = [{"code": "NO_OWNERSHIP_RULES", "path": ["direction"]}]


@pytest.mark.parametrize(
    ("direction", "has_rule", "warnings"),
    [
        ("BIDIRECTIONAL", False, WARNED),
        ("BIDIRECTIONAL", True, []),
        ("INBOUND", False, []),
        (None, False, []),
    ],
)
async def test_both_ways_without_a_rule_of_ones_own_warns(
    graph: Graph, direction: str | None, has_rule: bool, warnings: list[object]
) -> None:
    await given.integration("prod-snow")
    found = await graph.ask('{ integration(by: {key: "prod-snow"}) { id } }')
    named = found["integration"]["id"]
    if has_rule:
        await graph.ask(RULE, id=named)
    told = await graph.ask(CONFIGURE, id=named, direction=direction)
    assert told["configureIntegration"] == {"userErrors": [], "warnings": warnings}
