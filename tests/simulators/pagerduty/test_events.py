from typing import Any

import httpx
import pytest

from simulators.pagerduty.instance import PagerDuty
from tests.simulators.conftest import Clock

PAYLOAD = {"summary": "CPU is high", "source": "host-1", "severity": "warning"}


async def sent(
    pagerduty: PagerDuty, http: httpx.AsyncClient, action: str, **fields: object
) -> httpx.Response:
    key = pagerduty.service("Web Shop")["integration_key"]
    event = {"routing_key": key, "event_action": action, "payload": PAYLOAD, **fields}
    return await http.post("/v2/enqueue", json=event)


async def incidents(http: httpx.AsyncClient) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = (await http.get("/incidents")).json()["incidents"]
    return listed


async def test_events_of_one_key_are_one_alert_of_one_incident(
    pagerduty: PagerDuty, http: httpx.AsyncClient
) -> None:
    answer = await sent(pagerduty, http, "trigger", dedup_key="d")
    assert answer.status_code == 202
    assert answer.json() == {
        "status": "success",
        "message": "Event processed",
        "dedup_key": "d",
    }
    await sent(pagerduty, http, "trigger", dedup_key="d")
    (incident,) = await incidents(http)
    assert incident["alert_counts"] == {"all": 1, "triggered": 1, "resolved": 0}
    assert (incident["title"], incident["incident_key"]) == ("CPU is high", None)
    (alert,) = (await http.get(f"/incidents/{incident['id']}/alerts")).json()["alerts"]
    assert (alert["severity"], alert["alert_key"]) == ("warning", "d")
    assert alert["body"]["cef_details"]["source_origin"] == "host-1"
    assert (await http.get(alert["self"])).json()["alert"] == alert
    await sent(pagerduty, http, "acknowledge", dedup_key="d")
    assert [one["status"] for one in await incidents(http)] == ["acknowledged"]
    await sent(pagerduty, http, "resolve", dedup_key="d")
    assert [one["status"] for one in await incidents(http)] == ["resolved"]
    await sent(pagerduty, http, "trigger", dedup_key="d")
    assert len(await incidents(http)) == 2


async def test_alerts_are_grouped_where_the_service_says_so(
    pagerduty: PagerDuty, http: httpx.AsyncClient
) -> None:
    grouping = {"alert_grouping_parameters": {"type": "time", "config": {"timeout": 5}}}
    await http.put(f"/services/{pagerduty.service('Web Shop')['id']}", json={"service": grouping})
    pagerduty.alert("A", dedup_key="a")
    pagerduty.alert("B", dedup_key="b")
    (incident,) = await incidents(http)
    assert incident["alert_counts"]["all"] == 2
    url = f"/incidents/{incident['id']}/alerts"
    alerts = (await http.get(url)).json()["alerts"]
    asked = [{"id": alert["id"], "status": "resolved"} for alert in alerts]
    one = await http.put(f"{url}/{asked[0]['id']}", json={"alert": asked[0]})
    assert one.json()["alert"]["status"] == "resolved"
    assert [i["status"] for i in await incidents(http)] == ["triggered"]
    await http.put(url, json={"alerts": asked})
    assert [i["status"] for i in await incidents(http)] == ["resolved"]


def test_resolving_an_incident_resolves_its_alerts(pagerduty: PagerDuty) -> None:
    pagerduty.alert("A")
    assert pagerduty.resolve(1)["alert_counts"] == {"all": 1, "triggered": 0, "resolved": 1}


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"routing_key": "unknown"}, "Invalid routing key"),
        ({"event_action": "dance"}, "'event_action' is invalid"),
        ({"event_action": "resolve"}, "'dedup_key' is missing or blank"),
        ({"payload": None}, "'payload' is missing or blank"),
        ({"payload": {**PAYLOAD, "source": ""}}, "'payload.source' is missing or blank"),
    ],
)
async def test_a_wrong_event_is_turned_down(
    pagerduty: PagerDuty, http: httpx.AsyncClient, fields: dict[str, object], error: str
) -> None:
    answer = await sent(pagerduty, http, "trigger", **fields)
    assert (answer.status_code, answer.json()["errors"]) == (400, [error])


async def test_change_events_are_kept_for_90_days(
    pagerduty: PagerDuty, http: httpx.AsyncClient, clock: Clock
) -> None:
    deploy = pagerduty.change("Deploy 1.2")
    related = f"/incidents/{pagerduty.trigger('Down')['id']}/related_change_events"
    (change,) = (await http.get(related)).json()["change_events"]
    assert change["correlation_reason"] == {"reason": "most_recent"}
    url = f"/change_events/{deploy['id']}"
    assert (await http.get(url)).json()["change_event"]["summary"] == "Deploy 1.2"
    window = {"since": "2026-03-02T10:00:00Z", "until": "2026-03-02T10:00:01Z"}
    listed = await http.get("/change_events", params=window)
    assert [one["id"] for one in listed.json()["change_events"]] == [deploy["id"]]
    local = await http.get("/change_events", params={"since": "2026-03-02T10:00:00"})
    assert local.status_code == 400
    clock.move(days=90, seconds=1)
    assert (await http.get(url)).status_code == 404
    assert (await http.get("/change_events")).json()["change_events"] == []
