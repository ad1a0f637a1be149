"""Mappings of fields, values and people, as the graph shows and sets them."""

from typing import Any

from tests import given
from tests.gql.asking import Graph, viewer

SET = """
    mutation S($input: SetFieldMappingInput!) {
        setFieldMapping(input: $input) {
            integration { mappings {
                kind field externalField direction lossy isOverridden isFixed
                values { external ours }
            } }
            userErrors { code path message }
        }
    }
"""
CLEAR = """
    mutation C($input: ClearFieldMappingInput!) {
        clearFieldMapping(input: $input) {
            integration { mappings { kind field isOverridden } }
            userErrors { code path }
        }
    }
"""
MAP = """
    mutation M($input: MapUserInput!) {
        mapUser(input: $input) {
            integration { unmappedUsers }
            userErrors { code path }
        }
    }
"""
ID = '{ integration(by: {key: "prod-snow"}) { id } }'


async def id_of(graph: Graph) -> str:
    found: str = (await graph.ask(ID))["integration"]["id"]
    return found


def of(mappings: list[dict[str, Any]], field: str) -> dict[str, Any]:
    """Return the only map of a field of incidents."""
    (found,) = [one for one in mappings if (one["kind"], one["field"]) == ("INCIDENT", field)]
    return found


async def test_a_default_can_be_read_and_a_setting_stands_on_top_of_it(graph: Graph) -> None:
    await given.integration()
    named = await id_of(graph)
    data = await graph.ask(
        SET,
        input={
            "integrationId": named,
            "kind": "INCIDENT",
            "field": "status",
            "externalField": "u_state",
            "values": [{"external": "99", "ours": "ON_HOLD"}, {"external": "8", "ours": None}],
        },
    )
    payload = data["setFieldMapping"]
    assert payload["userErrors"] == []
    status = of(payload["integration"]["mappings"], "status")
    assert status["externalField"] == "u_state"
    assert status["isOverridden"]
    assert {"external": "99", "ours": "ON_HOLD"} in status["values"]
    assert {"external": "8", "ours": None} in status["values"]
    assert not of(payload["integration"]["mappings"], "title")["isOverridden"]

    which = {"integrationId": named, "kind": "INCIDENT", "field": "status"}
    cleared = (await graph.ask(CLEAR, input=which))["clearFieldMapping"]
    assert not of(cleared["integration"]["mappings"], "status")["isOverridden"]


async def test_what_cannot_hold_is_refused_at_its_place(graph: Graph) -> None:
    await given.integration()
    good = {"integrationId": await id_of(graph), "kind": "INCIDENT", "field": "status"}
    one = {"external": "99", "ours": "ON_HOLD"}
    for wrong, path in (
        ({"field": "nonsense", "values": [one]}, ["field"]),
        ({"externalField": "a^ORb"}, ["externalField"]),
        ({"externalField": ""}, ["externalField"]),
        ({"values": [{"external": "99", "ours": "Waiting"}]}, ["values", "0", "ours"]),
        ({"values": [one, one]}, ["values", "1", "external"]),
        ({"integrationId": "nonsense", "values": [one]}, ["integrationId"]),
    ):
        payload = (await graph.ask(SET, input=good | wrong))["setFieldMapping"]
        assert payload["integration"] is None
        (error,) = payload["userErrors"]
        assert error["path"] == path
    refused = await graph.ask(SET, actor=viewer("*"), input=good | {"values": [one]})
    (error,) = refused["setFieldMapping"]["userErrors"]
    assert error["code"] == "FORBIDDEN"


async def test_people_who_are_nobody_are_listed_until_somebody_maps_them(graph: Graph) -> None:
    integration = await given.integration()
    await given.known(integration, "sys_user", "Fred Luddy")
    await given.known(integration, "sys_user", "Beth Anglin", external_id="b1")
    await given.known(integration, "sys_user_group", "Network")
    query = "{ integrations { edges { node { unmappedUsers } } } }"
    data = await graph.ask(query)
    listed = data["integrations"]["edges"][0]["node"]
    assert listed == {"unmappedUsers": ["Beth Anglin", "Fred Luddy"]}

    named = await id_of(graph)
    mapped = await graph.ask(
        MAP, input={"integrationId": named, "externalUser": "b1", "user": "beth@example.com"}
    )
    assert mapped["mapUser"]["integration"] == {"unmappedUsers": ["Fred Luddy"]}
    again = await graph.ask(MAP, input={"integrationId": named, "externalUser": "b1", "user": None})
    assert again["mapUser"]["integration"] == {"unmappedUsers": ["Beth Anglin", "Fred Luddy"]}
    stranger = await graph.ask(
        MAP, input={"integrationId": named, "externalUser": "nobody", "user": "n"}
    )
    assert stranger["mapUser"] == {
        "integration": None,
        "userErrors": [{"code": "INVALID", "path": ["externalUser"]}],
    }


async def test_unmapped_values_are_told_with_their_counts(graph: Graph) -> None:
    integration = await given.integration()
    await given.unmapped(integration, "state", "99")
    query = "{ integrations { edges { node { unmappedValuesSeen { field value seen } } } } }"
    data = await graph.ask(query)
    assert data["integrations"]["edges"][0]["node"] == {
        "unmappedValuesSeen": [{"field": "state", "value": "99", "seen": 1}]
    }


async def test_settings_of_many_integrations_are_read_at_once(
    graph: Graph, statements: list[str]
) -> None:
    for key in ("a", "b", "c"):
        await given.integration(key)
    await graph.ask("{ integrations { edges { node { mappings { field } unmappedUsers } } } }")
    assert len([sql for sql in statements if "field_override" in sql]) == 1
    assert len([sql for sql in statements if "FROM directory" in sql]) == 1


async def test_a_provider_tells_what_it_can_do(graph: Graph) -> None:
    data = await graph.ask(
        """
        { provider(key: "servicenow") {
            directions features webhookSignatures requestsPerMinute
            defaultOwnership { field owner }
            mappings { kind field externalField isOverridden }
        } }
        """
    )
    provider = data["provider"]
    assert "BIDIRECTIONAL" in provider["directions"]
    assert "HISTORY" in provider["features"]
    assert provider["requestsPerMinute"] == 60
    assert of(provider["mappings"], "title") == {
        "kind": "INCIDENT",
        "field": "title",
        "externalField": "short_description",
        "isOverridden": False,
    }
