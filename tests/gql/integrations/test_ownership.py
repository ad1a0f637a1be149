"""Which side decides a field, as the graph shows and sets it."""

from typing import Any

from domain.exchange import WriteState
from tests import given
from tests.gql.asking import ADA, Graph, viewer

RULES = "ownership { field owner priority isDefault effective }"
SET = f"""
    mutation S($input: SetFieldOwnershipInput!) {{
        setFieldOwnership(input: $input) {{
            integration {{ {RULES} }} userErrors {{ code path message }}
        }}
    }}
"""
CLEAR = f"""
    mutation C($input: ClearFieldOwnershipInput!) {{
        clearFieldOwnership(input: $input) {{
            integration {{ {RULES} }} userErrors {{ code path }}
        }}
    }}
"""
PREVIEW = """
    query P($id: ID!, $field: String!, $owner: Owner!) {
        ownershipPreview(integrationId: $id, field: $field, owner: $owner, priority: 3) {
            compared different sent taken staying
            examples { incident { title } platformValue externalValue effect }
        }
    }
"""
FIELDS = """
    query F($number: String!) {
        incident(by: {number: $number}) {
            fields { name owner ownedBy { key } pending }
            links { integration { key } pendingWrites divergedFields }
        }
    }
"""


async def id_of(graph: Graph, key: str = "prod-snow") -> str:
    data = await graph.ask(
        "query I($key: String!) { integration(by: {key: $key}) { id } }", key=key
    )
    found: str = data["integration"]["id"]
    return found


def of(rules: list[dict[str, Any]], field: str) -> dict[str, Any]:
    (found,) = [rule for rule in rules if rule["field"] == field]
    return found


async def test_a_rule_stands_in_place_of_the_default_until_it_is_cleared(graph: Graph) -> None:
    await given.integration()
    named = await id_of(graph)
    asked = {"integrationId": named, "field": "assigned_to", "owner": "PLATFORM", "priority": 5}
    payload = (await graph.ask(SET, input=asked))["setFieldOwnership"]
    assert of(payload["integration"]["ownership"], "assignee") == {
        "field": "assignee",
        "owner": "PLATFORM",
        "priority": 5,
        "isDefault": False,
        "effective": True,
    }
    cleared = await graph.ask(CLEAR, input={"integrationId": named, "field": "assignee"})
    rules = cleared["clearFieldOwnership"]["integration"]["ownership"]
    assert (of(rules, "assignee")["owner"], of(rules, "assignee")["isDefault"]) == (
        "EXTERNAL",
        True,
    )


async def test_what_cannot_hold_is_refused_at_its_place(graph: Graph) -> None:
    await given.integration()
    good = {"integrationId": await id_of(graph), "field": "title", "owner": "PLATFORM"}
    for wrong, path, code in (
        ({"field": "nonsense"}, ["field"], "INVALID"),
        ({"priority": 1_001}, ["priority"], "INVALID"),
        ({"integrationId": "x"}, ["integrationId"], "NOT_FOUND"),
    ):
        payload = (await graph.ask(SET, input=good | wrong))["setFieldOwnership"]
        assert payload["integration"] is None
        (error,) = payload["userErrors"]
        assert (error["path"], error["code"]) == (path, code)
    refused = (await graph.ask(SET, actor=viewer("*"), input=good))["setFieldOwnership"]
    assert [error["code"] for error in refused["userErrors"]] == ["FORBIDDEN"]


async def test_a_rule_is_tried_before_it_is_set(graph: Graph) -> None:
    snow = await given.integration()
    differing = await given.incident("ours")
    await given.link(differing, snow, base={"title": "theirs"})
    await given.link(await given.incident("same"), snow, base={"title": "same"})
    asked: dict[str, Any] = {"id": await id_of(graph), "field": "title", "owner": "EXTERNAL"}
    assert (await graph.ask(PREVIEW, **asked))["ownershipPreview"] == {
        "compared": 2,
        "different": 1,
        "sent": 0,
        "taken": 1,
        "staying": 0,
        "examples": [
            {
                "incident": {"title": "ours"},
                "platformValue": "ours",
                "externalValue": "theirs",
                "effect": "TAKEN",
            }
        ],
    }
    assert await graph.code(PREVIEW, actor=viewer("*"), **asked) == "FORBIDDEN"
    assert await graph.code(PREVIEW, **asked | {"id": "x"}) == "NOT_FOUND"


async def test_a_field_tells_who_decides_it_and_whether_it_waits(graph: Graph) -> None:
    snow = await given.integration()
    incident = await given.incident("ours", assignee="ada", labels=["b", "a"])
    base = {"title": "theirs", "assignee": "ada", "labels": ["a", "b"], "status": "NEW"}
    await given.link(incident, snow, base=base)
    await given.write(incident, snow, fields_=["title"])
    await given.write(incident, snow, fields_=["severity"], state=WriteState.DONE)
    shown = (await graph.ask(FIELDS, number=incident.number))["incident"]
    fields = {one.pop("name"): one for one in shown["fields"]}
    assert fields["title"] == {"owner": "PLATFORM", "ownedBy": None, "pending": True}
    assert fields["severity"]["pending"] is False
    assert fields["assignee"] == {
        "owner": "EXTERNAL",
        "ownedBy": {"key": "prod-snow"},
        "pending": False,
    }
    assert fields["status"]["owner"] is None
    assert shown["links"] == [
        {
            "integration": {"key": "prod-snow"},
            "pendingWrites": 1,
            "divergedFields": ["title"],
        }
    ]


async def test_an_owner_out_of_sight_is_not_named(graph: Graph) -> None:
    mine, other = await given.integration("mine"), await given.integration("other")
    incident = await given.incident()
    for integration in (other, mine):
        await given.link(incident, integration)
    # Of equal claims the older integration's stands.
    await given.write(incident, other, fields_=["title"])
    asked = {"number": incident.number}
    for actor, key in ((ADA, {"key": "mine"}), (viewer("other"), None)):
        shown = (await graph.ask(FIELDS, actor=actor, **asked))["incident"]
        (assignee,) = [one for one in shown["fields"] if one["name"] == "assignee"]
        assert (assignee["owner"], assignee["ownedBy"]) == ("EXTERNAL", key)


async def test_rules_and_queues_of_many_are_read_at_once(
    graph: Graph, statements: list[str]
) -> None:
    for key in ("a", "b", "c"):
        integration = await given.integration(key)
        incident = await given.incident()
        await given.link(incident, integration)
    statements.clear()
    await graph.ask(
        "{ incidents { edges { node { fields { owner pending } links { pendingWrites } } } } }"
    )
    for table in ("FROM ownership_rule", "FROM lane", "AS pending"):
        assert len([sql for sql in statements if table in sql]) <= 2


async def test_how_conflicts_are_decided_is_set_and_shown(graph: Graph) -> None:
    await given.integration()
    asked = {
        "id": await id_of(graph),
        "conflictStrategy": "MANUAL_REVIEW",
        "conflictWindow": "PT10S",
        "conflictWindowMode": "LITERAL",
    }
    shown = "conflictStrategy conflictWindow conflictWindowMode"
    query = f"""
        mutation C($input: ConfigureIntegrationInput!) {{
            configureIntegration(input: $input) {{ integration {{ {shown} }} }}
        }}
    """
    payload = (await graph.ask(query, input=asked))["configureIntegration"]
    del asked["id"]
    assert payload["integration"] == asked


async def test_an_integration_is_deleted_by_its_key(graph: Graph) -> None:
    await given.integration()
    named = await id_of(graph)
    query = """
        mutation D($input: DeleteIntegrationInput!) {
            deleteIntegration(input: $input) { deletedId userErrors { code path } }
        }
    """
    refused = await graph.ask(query, input={"id": named, "confirmKey": "dev-snow"})
    assert refused["deleteIntegration"] == {
        "deletedId": None,
        "userErrors": [{"code": "INVALID", "path": ["confirmKey"]}],
    }
    done = await graph.ask(query, input={"id": named, "confirmKey": "prod-snow"})
    assert done["deleteIntegration"] == {"deletedId": named, "userErrors": []}
    gone = await graph.ask("query N($id: ID!) { node(id: $id) { id } }", id=named)
    assert gone["node"] is None
