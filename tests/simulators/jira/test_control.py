import httpx
import pytest

from simulators.jira.instance import Jira
from tests.simulators.jira.conftest import API, CHANGE, INCIDENT, found
from tests.simulators.told import told


async def test_the_sites_users_work_from_outside(http: httpx.AsyncClient) -> None:
    made = await told(http, "create", type=INCIDENT, fields={"summary": "One"}, by="ann.lee")
    key = made["key"]
    assert made["fields"]["reporter"]["displayName"] == "Ann Lee"
    await told(http, "create", type=CHANGE, fields={"summary": "Two"})
    await told(http, "edit", key=key, fields={"summary": "Better"}, by="bo.kim")
    await told(http, "transition", key=key, status="Work in progress")
    await told(http, "transition", key=key, status="Completed", resolution="Duplicate")
    await told(http, "comment", key=key, text="Called", public=True)
    await told(http, "link", type="Problem/Incident", source="OPS-2", target=key)
    fields = (await told(http, "issue", key=key))["fields"]
    assert (fields["summary"], fields["status"]["name"]) == ("Better", "Completed")
    assert fields["resolution"]["name"] == "Duplicate"
    assert fields["comment"]["comments"][0]["body"] == "Called"
    assert fields["issuelinks"][0]["inwardIssue"]["key"] == "OPS-2"
    await told(http, "delete", key="OPS-2")
    assert await found(http, "project = OPS") == [key]


async def test_what_goes_wrong_is_set_from_outside(jira: Jira, http: httpx.AsyncClient) -> None:
    await told(http, "misfortunes", faults=[{"kind": "error", "status": 503}])
    assert (await http.get(f"{API}/field")).status_code == 503
    await told(http, "misfortunes", faults=[{"kind": "error", "times": None}])
    await told(http, "clear")
    await told(http, "limit", requests=1, seconds=60)
    statuses = [(await http.get(f"{API}/field")).status_code for _ in range(2)]
    assert statuses == [200, 429]
    await told(http, "limit", requests=0, seconds=60)
    await told(http, "skew", seconds=-60)
    assert (await http.get(f"{API}/field")).headers["Date"] == "Mon, 02 Mar 2026 09:59:00 GMT"
    await told(http, "revoke")
    assert (await http.get(f"{API}/field")).status_code == 401
    await told(http, "restore")
    await told(http, "lag", seconds=60)
    await told(http, "create", type=INCIDENT, fields={"summary": "One"})
    assert await found(http, "project = OPS") == []
    await told(http, "off_screen", fields=["labels"])
    labels = {"fields": {"labels": ["a"]}}
    assert (await http.put(f"{API}/issue/OPS-1", json=labels)).status_code == 400
    await told(http, "short_pages", share=0.5)
    assert jira.switches.short_pages == 0.5
    assert (await told(http, "served"))["GET /rest/api/3/search/jql"] == 1


async def test_a_webhook_is_registered_from_outside(jira: Jira, http: httpx.AsyncClient) -> None:
    await told(http, "webhook", url="http://us/hook", secret="shared", events=["comment_created"])  # noqa: S106 — of a test
    jira.create(INCIDENT, {"summary": "One"})
    jira.comment("OPS-1", "Called")
    assert len(jira.webhook.queue) == 1


@pytest.mark.parametrize(
    ("verb", "body", "status"),
    [
        ("dance", {}, 404),
        ("edit", {"key": "OPS-9", "fields": {}}, 400),
        ("create", {"type": INCIDENT, "fields": {}}, 400),
        ("transition", {"key": "OPS-9", "status": "Closed"}, 400),
        ("misfortunes", {"faults": [{"kind": "flood"}]}, 400),
    ],
)
async def test_what_the_door_does_not_understand_is_refused(
    http: httpx.AsyncClient, verb: str, body: dict[str, object], status: int
) -> None:
    assert (await http.post(f"/_control/{verb}", json=body)).status_code == status


async def test_the_door_says_why_the_site_refuses(http: httpx.AsyncClient) -> None:
    answer = await http.post("/_control/create", json={"type": INCIDENT, "fields": {}})
    assert answer.json() == {"error": "Refusal: You must specify a summary of the issue."}


async def test_the_control_door_is_locked(jira: Jira) -> None:
    transport = httpx.ASGITransport(app=jira.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://jira") as stranger:
        assert (await stranger.post("/_control/revoke")).status_code == 401
    assert jira.served == {}
