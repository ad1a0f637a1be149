import httpx
import pytest

from simulators.servicenow.instance import ServiceNow
from simulators.servicenow.login import Account
from simulators.servicenow.replay import MAX, Plan
from tests.simulators.conftest import ADMIN, Clock

TABLE = "/api/now/table/incident"


async def told(http: httpx.AsyncClient, verb: str, **body: object) -> dict[str, object]:
    answer = await http.post(f"/_control/{verb}", json=body)
    assert answer.status_code == 200, answer.text
    document: dict[str, object] = answer.json()
    return document


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
        assert await told(http, "step", rows=3) == {"result": {"written": 3, "remaining": 47}}
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
    assert (await told(http, "served"))["result"] == {"GET /api/now/table/incident": 2}


async def test_the_webhook_is_installed_from_outside(
    servicenow: ServiceNow, http: httpx.AsyncClient
) -> None:
    shared = "shared"
    await told(http, "webhook", url="http://us/hook", secret=shared)
    number = servicenow.create({})["number"]
    assert [message.written.row["number"] for message in servicenow.webhook.queue] == [number]


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
