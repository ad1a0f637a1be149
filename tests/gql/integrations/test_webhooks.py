"""What the graph shows of webhooks."""

from datetime import timedelta
from typing import Any

from domain.exchange import DeliveryState
from domain.records import EditSource, MergeReason
from models.tables.inbound import InboundRow, RejectedDeliveryRow
from models.tables.integration import IntegrationRow
from tests import given
from tests.gql.asking import Graph, viewer
from tests.gql.integrations.test_integrations import CREATE, NEW

SECRET = "a secret of more than thirty-two letters"  # noqa: S105 — of a test
SHOWN = """
    query W($key: String!) { integration(by: {key: $key}) {
        webhookPath
        rejectedDeliveries { at reason sourceAddress bytes }
        sync { lastWebhookAt missedWebhooks }
    } }
"""
TEST = """
    mutation T($input: TestWebhookInput!) { testWebhook(input: $input) {
        result { ok checks { name ok detail } } userErrors { code path }
    } }
"""
SET = """
    mutation S($input: SetCredentialsInput!) {
        setCredentials(input: $input) { userErrors { code } }
    }
"""


async def created(graph: Graph) -> str:
    data = (await graph.ask(CREATE, input=NEW))["createIntegration"]
    return str(data["integration"]["id"])


async def shown(graph: Graph, key: str = "acme") -> dict[str, Any]:
    found: dict[str, Any] = (await graph.ask(SHOWN, key=key))["integration"]
    return found


async def tried(graph: Graph, integration: str) -> dict[str, bool]:
    result = (await graph.ask(TEST, input={"id": integration}))["testWebhook"]["result"]
    return {check["name"]: check["ok"] for check in result["checks"]}


async def test_a_webhook_is_tried_step_by_step(graph: Graph) -> None:
    integration = await created(graph)
    assert await tried(graph, integration) == {"secret": False}
    secret = [{"name": "webhook_secret", "value": SECRET}]
    answer = await graph.ask(SET, input={"id": integration, "credentials": secret})
    assert answer["setCredentials"]["userErrors"] == []
    # it begins outbound: what its vendor tells is let go
    assert await tried(graph, integration) == {
        "secret": True,
        "signature": True,
        "listening": False,
    }
    await IntegrationRow.all().update(direction="INBOUND")
    assert list((await tried(graph, integration)).values()) == [True] * 4
    (stored,) = await InboundRow.all()
    assert stored.state == DeliveryState.READY
    assert (await shown(graph))["sync"]["lastWebhookAt"] == "2026-03-02T13:24:00.000Z"
    assert SECRET not in str(await graph.ask(SHOWN, key="acme"))


async def test_a_viewer_may_not_try_it(graph: Graph) -> None:
    integration = await created(graph)
    answer = await graph.ask(TEST, actor=viewer("*"), input={"id": integration})
    (error,) = answer["testWebhook"]["userErrors"]
    assert error["code"] == "FORBIDDEN"


async def test_refusals_are_shown_the_last_one_first_and_to_nobody_out_of_scope(
    graph: Graph,
) -> None:
    await created(graph)
    integration = await IntegrationRow.get()
    for minutes, reason in ((1, "older"), (2, "newer")):
        await RejectedDeliveryRow.create(
            id=given.new_id(),
            integration=integration,
            at=given.NOW + timedelta(minutes=minutes),
            reason=reason,
            source_address="192.0.2.1",
            bytes=27,
        )
    found = await shown(graph)
    assert found["webhookPath"] == "/webhooks/servicenow/acme"
    assert [one["reason"] for one in found["rejectedDeliveries"]] == ["newer", "older"]
    assert found["rejectedDeliveries"][0]["bytes"] == 27
    hidden = await graph.ask(SHOWN, actor=viewer("other"), key="acme")
    assert hidden["integration"] is None


async def test_changes_that_no_webhook_told_are_counted_from_the_first_one_on(
    graph: Graph,
) -> None:
    of = await given.integration("acme")
    long_ago, soon = given.NOW - timedelta(hours=2), given.NOW - timedelta(hours=1)
    incidents = [await given.incident(updated_at=soon) for _ in range(4)]
    for place, incident in enumerate(incidents):
        await given.link(incident, of, external_id=f"x{place}")
    told: dict[str, Any] = {"headers": {}, "state": DeliveryState.DONE, "tries": []}

    async def deliver(external_id: str, *, body: str | None = "{}") -> None:
        await InboundRow.create(
            id=given.new_id(),
            integration=of,
            external_id=external_id,
            body=body,
            received_at=long_ago if external_id == "first" else soon,
            **told,
        )

    async def pulled(place: int, **columns: Any) -> None:  # noqa: ANN401 — columns
        plain = {"at": soon, "source": EditSource.PULL, "reason": MergeReason.NEWER}
        await given.edit(incidents[place], integration_id=of.id, **(plain | columns))

    assert (await shown(graph))["sync"] == {"lastWebhookAt": None, "missedWebhooks": 0}
    await pulled(0)
    assert (await shown(graph))["sync"]["missedWebhooks"] == 0
    # from the first delivery on, what none of them told is missed, once a version
    await deliver("first")
    await pulled(0, field="priority")
    await pulled(1)
    await deliver("x1")
    await pulled(2, source=EditSource.WEBHOOK)
    await pulled(3, reason=MergeReason.ECHO)
    await pulled(3, at=long_ago - timedelta(hours=1))
    graph.now += timedelta(minutes=1)
    assert (await shown(graph))["sync"]["missedWebhooks"] == 1
    # our own note that a record is to be read again is no word of the vendor's
    await deliver("x0", body=None)
    assert (await shown(graph))["sync"]["missedWebhooks"] == 1
    graph.now += timedelta(days=1)
    assert (await shown(graph))["sync"]["missedWebhooks"] == 0
