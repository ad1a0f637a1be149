"""Integrations: what they show, and how they are set up."""

from datetime import timedelta

from domain.access.roles import Actor, Role
from models.tables.sync_run import WatermarkRow
from tests import given
from tests.gql.asking import Graph, viewer

CREATE = """
    mutation C($input: CreateIntegrationInput!) {
        createIntegration(input: $input) {
            integration { id key name state direction credentials { name } provider { key } }
            userErrors { code path message }
        }
    }
"""
NEW = {"key": "acme", "providerKey": "servicenow", "baseUrl": "https://acme.service-now.com"}
ID = '{ integration(by: {key: "prod-snow"}) { id } }'


async def test_an_integration_is_created_parked_and_outbound(graph: Graph) -> None:
    payload = (await graph.ask(CREATE, input=NEW))["createIntegration"]
    assert payload["userErrors"] == []
    integration = payload["integration"]
    assert integration["state"] == "PARKED"
    assert integration["direction"] == "OUTBOUND"
    assert integration["provider"] == {"key": "servicenow"}
    assert (await graph.ask('{ integration(by: {key: "acme"}) { id } }'))["integration"] == {
        "id": integration["id"]
    }


async def test_a_refused_creation_names_the_input_and_makes_nothing(graph: Graph) -> None:
    for wrong, path in (
        ({"key": "Not A Key"}, ["key"]),
        ({"providerKey": "nobody"}, ["providerKey"]),
        ({"baseUrl": "ftp://acme"}, ["baseUrl"]),
    ):
        payload = (await graph.ask(CREATE, input=NEW | wrong))["createIntegration"]
        assert payload["integration"] is None
        (error,) = payload["userErrors"]
        assert (error["code"], error["path"]) == ("INVALID", path)
    assert (await graph.ask("{ integrations { totalCount } }"))["integrations"] == {"totalCount": 0}


async def test_a_viewer_may_not_create(graph: Graph) -> None:
    data = await graph.ask(CREATE, actor=viewer("*"), input=NEW)
    (error,) = data["createIntegration"]["userErrors"]
    assert error["code"] == "FORBIDDEN"


async def test_credentials_go_in_and_only_names_and_dates_come_out(graph: Graph) -> None:
    created = (await graph.ask(CREATE, input=NEW))["createIntegration"]["integration"]
    data = await graph.ask(
        """
        mutation S($input: SetCredentialsInput!) {
            setCredentials(input: $input) {
                integration { state credentials { name setAt setBy lastUsedAt } }
                userErrors { code path }
            }
        }
        """,
        input={
            "id": created["id"],
            "credentials": [
                {"name": "user", "value": "wp"},
                {"name": "password", "value": "hush"},
            ],
        },
    )
    payload = data["setCredentials"]
    assert payload["userErrors"] == []
    assert payload["integration"]["state"] == "HEALTHY"
    names = [credential["name"] for credential in payload["integration"]["credentials"]]
    assert names == ["password", "user"]
    assert "hush" not in str(payload)


async def test_two_mutations_of_one_request_each_show_their_own_result(graph: Graph) -> None:
    await given.integration()
    named = (await graph.ask(ID))["integration"]["id"]
    data = await graph.ask(
        """
        mutation T($id: ID!) {
            a: configureIntegration(input: {id: $id, name: "First", pollInterval: "PT5M"}) {
                integration { name pollInterval } }
            b: configureIntegration(input: {id: $id, enabled: false}) {
                integration { name enabled state } }
        }
        """,
        id=named,
    )
    assert data["a"]["integration"] == {"name": "First", "pollInterval": "PT5M"}
    assert data["b"]["integration"] == {"name": "First", "enabled": False, "state": "DISABLED"}


async def test_a_mutation_of_what_is_not_there_is_not_found(graph: Graph) -> None:
    data = await graph.ask(
        'mutation { testIntegration(input: {id: "nonsense"}) {'
        " result { ok } userErrors { code path } } }"
    )
    assert data["testIntegration"] == {
        "result": None,
        "userErrors": [{"code": "NOT_FOUND", "path": ["id"]}],
    }


async def test_a_manager_may_only_touch_what_is_in_scope(graph: Graph) -> None:
    await given.integration()
    named = (await graph.ask(ID))["integration"]["id"]
    manager = Actor(
        id="m", name="Mo", roles=frozenset({Role.INTEGRATION_MANAGER}), scopes=frozenset({"x"})
    )
    data = await graph.ask(
        "mutation C($id: ID!) { configureIntegration(input: {id: $id, enabled: false}) {"
        " integration { key } userErrors { code } } }",
        actor=manager,
        id=named,
    )
    assert data["configureIntegration"]["integration"] is None
    (error,) = data["configureIntegration"]["userErrors"]
    assert error["code"] in {"FORBIDDEN", "NOT_FOUND"}


async def test_freshness_is_judged_by_the_poll_interval(graph: Graph) -> None:
    integration = await given.integration(skew_samples=[1000, 2000, 9000])
    await given.run(integration, queued_at=given.NOW - timedelta(hours=1), read=1)
    await given.run(integration, queued_at=given.NOW, read=2)
    query = """
        { integration(by: {key: "prod-snow"}) { sync {
            state clockSkew
            resources {
                kind freshness asOf lag backfillDone backfillFraction lastCensusAt lastRun { read }
            }
        } } }
    """
    before = (await graph.ask(query))["integration"]["sync"]
    assert before["clockSkew"] == "PT2S"
    assert before["resources"] == [
        {
            "kind": "INCIDENT",
            "freshness": "NEVER",
            "asOf": None,
            "lag": None,
            "backfillDone": False,
            "backfillFraction": None,
            "lastCensusAt": None,
            "lastRun": {"read": 2},
        }
    ]
    await WatermarkRow.filter(integration_id=integration.id).update(
        as_of=given.NOW, backfilled_at=given.NOW, censused_at=given.NOW
    )
    for wait, expected in ((120, "FRESH"), (121, "LAGGING"), (360, "LAGGING"), (361, "STALE")):
        graph.now = given.NOW + timedelta(seconds=wait)
        (resource,) = (await graph.ask(query))["integration"]["sync"]["resources"]
        assert resource["freshness"] == expected
        assert resource["lag"] == f"PT{wait // 60}M" + (f"{wait % 60}S" if wait % 60 else "")
        assert (resource["backfillDone"], resource["backfillFraction"]) == (True, 1.0)
        assert resource["lastCensusAt"] == "2026-03-02T13:24:00.000Z"


async def test_people_and_groups_are_listed_by_name(graph: Graph) -> None:
    integration, other = await given.integration(), await given.integration("other")
    await given.known(integration, "sys_user", "Bob", email="bob@example.com")
    await given.known(integration, "sys_user", "Ada")
    await given.known(integration, "sys_user_group", "Network")
    await given.known(integration, "cmn_location", "Berlin")
    await given.known(other, "sys_user", "Eve")
    query = """
        query P($after: String) { integration(by: {key: "prod-snow"}) {
            people(first: 1, after: $after) {
                edges { node { name email } } pageInfo { hasNextPage endCursor } totalCount
            }
            groups { edges { node { name externalId } } totalCount }
        } }
    """
    first = (await graph.ask(query))["integration"]
    after = first["people"]["pageInfo"]["endCursor"]
    second = (await graph.ask(query, after=after))["integration"]
    people = [edge["node"] for one in (first, second) for edge in one["people"]["edges"]]
    assert people == [
        {"name": "Ada", "email": None},
        {"name": "Bob", "email": "bob@example.com"},
    ]
    assert (first["people"]["totalCount"], second["people"]["pageInfo"]["hasNextPage"]) == (
        2,
        False,
    )
    assert [edge["node"]["name"] for edge in first["groups"]["edges"]] == ["Network"]


async def test_what_has_no_counterpart_is_listed(graph: Graph) -> None:
    integration = await given.integration()
    await given.unmapped(integration, "state", "99")
    data = await graph.ask("{ integrations { edges { node { unmappedValues } } } }")
    assert data["integrations"]["edges"][0]["node"] == {"unmappedValues": ["state=99"]}


async def test_integrations_out_of_scope_are_not_there(graph: Graph) -> None:
    for key in ("a", "b", "c"):
        await given.integration(key)
    query = "{ integrations { edges { node { key } } totalCount } }"
    page = (await graph.ask(query, actor=viewer("a", "c")))["integrations"]
    assert [edge["node"]["key"] for edge in page["edges"]] == ["a", "c"]
    assert page["totalCount"] == 2


async def test_providers_name_their_ways_to_sign_in(graph: Graph) -> None:
    query = "{ providers { key pulls signIns { name credentials } webhookSecrets } }"
    data = await graph.ask(query)
    servicenow = next(one for one in data["providers"] if one["key"] == "servicenow")
    assert "INCIDENT" in servicenow["pulls"]
    assert ["user", "password"] in [way["credentials"] for way in servicenow["signIns"]]
    assert servicenow["webhookSecrets"] == ["webhook_secret", "webhook_secret_next"]
    assert (await graph.ask('{ provider(key: "nobody") { name } }'))["provider"] is None


async def test_tokens_that_the_vendor_gave_are_not_shown_among_the_credentials(
    graph: Graph,
) -> None:
    integration = await given.integration()
    for name in ("client_id", "access_token", "refresh_token", "renew_at"):
        await given.credential(integration, name)

    data = await graph.ask('{ integration(by: {key: "prod-snow"}) { credentials { name } } }')

    assert data["integration"]["credentials"] == [{"name": "client_id"}]
