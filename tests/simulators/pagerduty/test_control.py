import httpx
import pytest

from simulators.pagerduty.instance import PagerDuty
from simulators.pagerduty.webhook import signature
from tests.simulators.receiver import Receiver
from tests.simulators.told import told


async def test_a_vendors_user_acts_from_outside(
    pagerduty: PagerDuty, http: httpx.AsyncClient
) -> None:
    down = await told(http, "trigger", title="Down", service="Public API", by="ann.lee")
    key = down["incident_number"]
    await told(http, "acknowledge", key=key)
    await told(http, "edit", key=key, fields={"title": "Very down", "assignments": ["bo.kim"]})
    await told(http, "note", key=key, content="Looking")
    await told(http, "snooze", key=key, seconds=60)
    await told(http, "resolve", key=key, by="ann.lee")
    other = await told(http, "trigger", title="Other")
    await told(http, "merge", key=other["id"], source=key)
    merged = await told(http, "incident", key=key)
    assert (merged["title"], merged["resolve_reason"]) == ("Very down", other["id"])
    assert pagerduty.directory.user("Ann.Lee@example.com") is not None


async def test_monitoring_and_services_act_from_outside(
    pagerduty: PagerDuty, http: httpx.AsyncClient
) -> None:
    made = await told(http, "add_service", name="Brand New")
    assert await told(http, "alert", summary="CPU", service="Brand New", dedup_key="d") == "d"
    await told(http, "change", summary="Deploy", service="Brand New")
    await told(http, "delete_service", key="Brand New")
    assert (await http.get(f"/services/{made['id']}")).status_code == 404
    (incident,) = (await http.get("/incidents")).json()["incidents"]
    assert incident["service"]["id"] == made["id"]
    await told(http, "history", incidents=20, entries=5)
    assert pagerduty.store.count("incident") == 21


async def test_switches_are_set_from_outside(http: httpx.AsyncClient) -> None:
    await told(http, "priorities", on=False)
    assert (await http.get("/priorities")).status_code == 402
    await told(http, "priorities", on=True)
    names = [one["name"] for one in (await http.get("/priorities")).json()["priorities"]]
    assert names == ["P1", "P2", "P3", "P4", "P5"]
    await told(http, "reopens", on=False)
    await told(http, "skew", seconds=-60)
    answer = await http.get("/abilities")
    assert answer.headers["Date"] == "Mon, 02 Mar 2026 09:59:00 GMT"
    await told(http, "limit", requests=0, is_told=False)
    assert (await http.get("/abilities")).status_code == 429
    await told(http, "limit", requests=9, seconds=10)
    assert (await http.get("/abilities")).headers["ratelimit-limit"] == "9"
    await told(http, "limit")
    await told(http, "misfortunes", faults=[{"kind": "error", "status": 503, "times": None}])
    assert (await http.get("/abilities")).status_code == 503
    await told(http, "clear")
    await told(http, "release")
    served = await told(http, "served")
    assert served == {"GET /priorities": 2, "GET /abilities": 3}


async def test_webhooks_are_set_from_outside(pagerduty: PagerDuty, http: httpx.AsyncClient) -> None:
    made = await told(http, "webhook", url="http://us/hook")
    assert await told(http, "rotate", id=made["id"]) != made["secret"]
    await told(http, "retire", id=made["id"])
    await told(http, "trigger", title="Down")
    assert len(pagerduty.webhooks.queue) == 1
    await told(http, "mishaps", lose=1)
    await told(http, "trigger", title="Down")
    assert len(pagerduty.webhooks.queue) == 1


async def test_webhooks_are_signed_with_the_secrets_that_are_given(
    pagerduty: PagerDuty, http: httpx.AsyncClient, receiver: Receiver
) -> None:
    made = await told(http, "webhook", url="http://us/hook", secret="first")  # noqa: S106 — of a test
    assert made["secret"] == "first"  # noqa: S105 — as above
    assert await told(http, "rotate", id=made["id"], secret="second") == "second"  # noqa: S106 — as above
    await told(http, "trigger", title="Down")
    await pagerduty.webhooks.send()
    ((headers, body),) = receiver.heard
    assert headers["x-pagerduty-signature"] == signature(["second", "first"], body)


@pytest.mark.parametrize(
    ("verb", "body", "status"),
    [
        ("dance", {}, 404),
        ("edit", {"key": "Q0", "fields": {}}, 400),
        ("trigger", {"title": ""}, 400),
        ("alert", {"summary": "CPU", "severity": "dire"}, 400),
        ("misfortunes", {"faults": [{"kind": "flood"}]}, 400),
    ],
)
async def test_what_the_door_does_not_understand_is_refused(
    http: httpx.AsyncClient, verb: str, body: dict[str, object], status: int
) -> None:
    assert (await http.post(f"/_control/{verb}", json=body)).status_code == status


async def test_revoked_keys_open_nothing_but_the_control_door(http: httpx.AsyncClient) -> None:
    await told(http, "revoke")
    assert (await http.get("/incidents")).status_code == 401
    await told(http, "restore")
    assert (await http.get("/incidents")).status_code == 200
    http.headers["Authorization"] = "Token token=user"
    assert (await http.post("/_control/revoke")).status_code == 401
