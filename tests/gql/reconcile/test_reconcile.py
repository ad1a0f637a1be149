"""Plans, their healing and their schedule, asked for through the graph."""

from typing import Any, Final

import pytest

from domain.access.roles import Actor, Role
from tests.gql.asking import ADA, Graph, viewer
from tests.operations.reconcile.drifting import Drifting

RECONCILE: Final = """
    mutation R($input: ReconcileInput!) {
        reconcile(input: $input) {
            plan {
                id status hash dryRun compared itemCount healed scheduled error
                integration { key }
                items(first: 10) {
                    totalCount
                    edges { node {
                        field platformValue externalValue action outcome because externalId
                        record { title }
                    } }
                }
            }
            userErrors { code path }
            warnings { code }
        }
    }
"""
SCHEDULE: Final = """
    mutation S($input: SetReconcileScheduleInput!) {
        setReconcileSchedule(input: $input) {
            integration { reconcileSchedule { interval autoHeal enabled nextRunAt } }
            userErrors { code path }
        }
    }
"""


async def reconcile(graph: Graph, *, actor: Actor = ADA, **input: object) -> dict[str, Any]:
    payload: dict[str, Any] = (await graph.ask(RECONCILE, actor=actor, input=input))["reconcile"]
    return payload


async def test_a_plan_is_looked_at_and_healed_by_its_hash(
    drifting: Drifting, graph: Graph, integration_id: str
) -> None:
    drifting.there(1, short_description="x")

    made = await reconcile(graph, integrationId=integration_id)
    plan = made["plan"]
    assert (plan["status"], plan["dryRun"], plan["compared"]) == ("READY", True, 4)
    assert plan["integration"] == {"key": "prod-snow"}
    assert plan["items"] == {
        "totalCount": 1,
        "edges": [
            {
                "node": {
                    "field": "title",
                    "platformValue": "a1",
                    "externalValue": "x",
                    "action": "PUSH",
                    "outcome": "NOT_RUN",
                    "because": "the platform owns it",
                    "externalId": drifting.theirs(1)["sys_id"],
                    "record": {"title": "a1"},
                }
            }
        ],
    }

    healed = await reconcile(graph, integrationId=integration_id, planHash=plan["hash"])
    assert healed["userErrors"] == healed["warnings"] == []
    assert healed["plan"]["id"] == plan["id"]
    assert (healed["plan"]["status"], healed["plan"]["healed"]) == ("DONE", 1)
    assert healed["plan"]["dryRun"] is False
    (edge,) = healed["plan"]["items"]["edges"]
    assert edge["node"]["outcome"] == "HEALED"


async def test_a_plan_heals_itself_unless_it_is_large(
    drifting: Drifting, graph: Graph, integration_id: str
) -> None:
    drifting.there(1, short_description="x")
    done = await reconcile(graph, integrationId=integration_id, dryRun=False)
    assert (done["plan"]["status"], done["plan"]["healed"]) == ("DONE", 1)
    await drifting.push()

    for place in range(4):
        fields = {f"u_{name}": "x" for name in ("symptom", "priority_confirmation")}
        texts = {"description": "y", "close_notes": "z", "category": "c", "subcategory": "s"}
        drifting.there(place, **fields, **texts)
    stopped = await reconcile(graph, integrationId=integration_id, dryRun=False)
    plan = stopped["plan"]
    assert (plan["status"], plan["itemCount"], plan["healed"]) == ("READY", 24, 0)
    assert stopped["userErrors"] == [{"code": "PLAN_TOO_LARGE", "path": ["planHash"]}]

    refused = await reconcile(graph, integrationId=integration_id, planHash=plan["hash"])
    assert refused["userErrors"] == [{"code": "PLAN_TOO_LARGE", "path": ["confirmLarge"]}]
    healed = await reconcile(
        graph, integrationId=integration_id, planHash=plan["hash"], confirmLarge=True
    )
    assert (healed["plan"]["status"], healed["plan"]["healed"]) == ("DONE", 24)


@pytest.mark.parametrize(
    ("input", "refusal"),
    [
        ({"planHash": "none"}, {"code": "NOT_FOUND", "path": ["planHash"]}),
        ({"planHash": "none", "dryRun": True}, {"code": "INVALID", "path": ["dryRun"]}),
        ({"kinds": ["INCIDENT", "CHANGE"]}, {"code": "INVALID", "path": ["kinds", "1"]}),
        ({"confirmLarge": True}, {"code": "INVALID", "path": ["confirmLarge"]}),
    ],
)
async def test_what_cannot_be_asked_for_is_refused_with_its_place(
    graph: Graph, integration_id: str, input: dict[str, Any], refusal: dict[str, object]
) -> None:
    refused = await reconcile(graph, integrationId=integration_id, **input)
    assert (refused["plan"], refused["userErrors"]) == (None, [refusal])


async def test_an_old_plan_is_refused_and_shows_so(
    drifting: Drifting, graph: Graph, integration_id: str
) -> None:
    plan = (await reconcile(graph, integrationId=integration_id))["plan"]
    drifting.world.clock.move(minutes=16)
    refused = await reconcile(graph, integrationId=integration_id, planHash=plan["hash"])
    assert refused["userErrors"] == [{"code": "PLAN_STALE", "path": ["planHash"]}]
    query = "query N($id: ID!) { node(id: $id) { ... on DriftPlan { status } } }"
    assert (await graph.ask(query, id=plan["id"]))["node"] == {"status": "STALE"}


async def test_the_history_has_the_last_plan_first(
    drifting: Drifting, graph: Graph, integration_id: str
) -> None:
    for place in range(3):
        drifting.there(place, short_description="x")
        await reconcile(graph, integrationId=integration_id)
        drifting.world.clock.move(minutes=1)
    query = """
        query H($id: ID!, $after: String) { node(id: $id) { ... on Integration {
            reconcileHistory(first: 2, after: $after) {
                totalCount edges { node { itemCount } } pageInfo { endCursor }
            }
        } } }
    """
    page = (await graph.ask(query, id=integration_id))["node"]["reconcileHistory"]
    after = page["pageInfo"]["endCursor"]
    rest = (await graph.ask(query, id=integration_id, after=after))["node"]["reconcileHistory"]
    found = [edge["node"]["itemCount"] for edge in page["edges"] + rest["edges"]]
    assert (page["totalCount"], found) == (3, [3, 2, 1])


async def test_a_schedule_is_set_and_shown(
    drifting: Drifting, graph: Graph, integration_id: str
) -> None:
    wanted = {"integrationId": integration_id, "autoHeal": True, "enabled": True}
    payload = await graph.ask(SCHEDULE, input=wanted | {"interval": "PT1H"})
    shown = payload["setReconcileSchedule"]["integration"]["reconcileSchedule"]
    assert shown == {
        "interval": "PT1H",
        "autoHeal": True,
        "enabled": True,
        "nextRunAt": "2026-03-02T11:01:05.000Z",
    }
    refused = (await graph.ask(SCHEDULE, input=wanted | {"interval": "PT4M"}))[
        "setReconcileSchedule"
    ]
    assert refused["userErrors"] == [{"code": "INVALID", "path": ["interval"]}]
    assert drifting.world.clock.now().hour == 10


def _manager(*scopes: str) -> Actor:
    roles = frozenset({Role.INTEGRATION_MANAGER})
    return Actor(id="ma", name="Ma", roles=roles, scopes=frozenset(scopes))


async def test_who_may_plan_and_heal_is_a_question_of_role_and_scope(
    graph: Graph, integration_id: str
) -> None:
    hers, others = _manager("prod-snow"), _manager("other")
    assert (await reconcile(graph, actor=hers, integrationId=integration_id))["plan"] is not None
    for actor in (others, viewer("*")):
        refused = await reconcile(graph, actor=actor, integrationId=integration_id)
        assert [one["code"] for one in refused["userErrors"]] == ["FORBIDDEN"]


async def test_a_plan_out_of_scope_is_not_seen(graph: Graph, integration_id: str) -> None:
    plan = (await reconcile(graph, integrationId=integration_id))["plan"]
    query = "query N($id: ID!) { node(id: $id) { ... on DriftPlan { itemCount } } }"
    seen = await graph.ask(query, actor=viewer("prod-snow"), id=plan["id"])
    assert seen["node"] == {"itemCount": 0}
    assert (await graph.ask(query, actor=viewer("other"), id=plan["id"]))["node"] is None
