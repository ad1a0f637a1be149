import httpx
import pytest

from simulators.servicenow.instance import ServiceNow
from simulators.servicenow.login import Account
from simulators.servicenow.replay import MAX, Plan
from tests.simulators.conftest import ADMIN, Clock
from tests.simulators.told import told

TABLE = "/api/now/table/incident"
SHARED = "shared"


async def test_a_vendors_user_creates_edits_and_deletes(
    servicenow: ServiceNow, http: httpx.AsyncClient
) -> None:
    await told(http, "create", fields={"category": "mail"}, by="ann.lee")
    ((row,),) = [(await http.get(TABLE)).json()["result"]]
    assert row["sys_created_by"] == "ann.lee"
    await told(http, "edit", record=row["number"], fields={"category": "web"}, by="bo.kim")
    edited = servicenow.record(row["sys_id"])
    assert (edited["category"], edited["sys_updated_by"]) == ("web", "bo.kim")
    await told(http, "delete", record=row["sys_id"])
    assert (await http.get(TABLE)).json() == {"result": []}


async def test_the_replay_is_stepped_and_sped_up_from_outside(clock: Clock) -> None:
    account = Account(password=ADMIN[1])
    servicenow = ServiceNow(now=clock, account=account, plan=Plan(rows=100, history=0.5))
    transport = httpx.ASGITransport(app=servicenow.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://sn", auth=ADMIN) as http:
        assert await told(http, "step", rows=3) == {"written": 3, "remaining": 47}
        await told(http, "speed", speed="max")
        assert servicenow.replay.speed == MAX
        assert servicenow.replay.advance() == 47


async def test_misfortunes_skew_and_hidden_rows_are_set_from_outside(
    servicenow: ServiceNow, http: httpx.AsyncClient
) -> None:
    number = servicenow.create({})["number"]
    await told(http, "misfortunes", faults=[{"kind": "error", "status": 503}])
    assert (await http.get(TABLE)).status_code == 503
    await told(http, "unreadable", records=[number])
    await told(http, "skew", seconds=-60)
    answer = await http.get(TABLE)
    assert answer.json() == {"result": []}
    assert answer.headers["Date"] == "Mon, 02 Mar 2026 09:59:00 GMT"
    await told(http, "closed", tables=["incident"])
    assert (await http.get(TABLE)).status_code == 403
    assert await told(http, "served") == {"GET /api/now/table/incident": 2}


async def test_the_webhook_is_installed_from_outside(
    servicenow: ServiceNow, http: httpx.AsyncClient
) -> None:
    await told(http, "webhook", url="http://us/hook", secret=SHARED)
    number = servicenow.create({})["number"]
    assert [message.written.row["number"] for message in servicenow.webhook.queue] == [number]


async def test_rows_of_all_tables_are_written_noted_on_and_related_from_outside(
    servicenow: ServiceNow, http: httpx.AsyncClient
) -> None:
    for name in ("Shop", "Base"):
        await told(http, "create", table="cmdb_ci_service", fields={"name": name})
    relation = await told(http, "relate", parent="Shop", child="Base")
    assert servicenow.records.store.count("cmdb_rel_ci") == 1
    assert relation
    await told(http, "create", table="change_request", fields={"risk": "2"})
    ((change,),) = [(await http.get("/api/now/table/change_request")).json()["result"]]
    await told(http, "note", record=change["number"], text="Hello", by="ann.lee")
    (note,) = (await http.get("/api/now/table/sys_journal_field")).json()["result"]
    assert (note["value"], note["element"], note["sys_created_by"]) == (
        "Hello",
        "work_notes",
        "ann.lee",
    )
    skipped = {"record": change["number"], "table": "change_request", "fields": {"state": "0"}}
    refused = await http.post("/_control/edit", json=skipped)
    assert refused.status_code == 400
    assert "Check State Transition" in refused.text


async def test_the_rate_is_limited_and_measured_from_outside(http: httpx.AsyncClient) -> None:
    await told(http, "limit", requests=2, seconds=10)
    assert [(await http.get(TABLE)).status_code for _ in range(3)] == [200, 200, 429]
    assert await told(http, "busiest") == {"requests": 3}
    await told(http, "limit")
    assert (await http.get(TABLE)).status_code == 200


async def test_mishaps_of_the_webhook_are_set_from_outside(
    servicenow: ServiceNow, http: httpx.AsyncClient
) -> None:
    await told(http, "webhook", url="http://us/hook", secret=SHARED)
    await told(http, "mishaps", lose=1, hold=1)
    for _ in range(3):
        servicenow.create({})
    assert len(servicenow.webhook.queue) == 1
    await told(http, "deliver")
    assert len(servicenow.webhook.queue) == 2


@pytest.mark.parametrize(
    ("verb", "body", "status"),
    [
        ("dance", {}, 404),
        ("edit", {"record": "INC0", "fields": {}}, 400),
        ("misfortunes", {"faults": [{"kind": "flood"}]}, 400),
    ],
)
async def test_what_the_door_does_not_understand_is_refused(
    http: httpx.AsyncClient, verb: str, body: dict[str, object], status: int
) -> None:
    assert (await http.post(f"/_control/{verb}", json=body)).status_code == status


async def test_the_control_door_is_locked(servicenow: ServiceNow) -> None:
    transport = httpx.ASGITransport(app=servicenow.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://sn") as stranger:
        assert (await stranger.post("/_control/revoke")).status_code == 401
    assert servicenow.served == {}
