import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import orjson
import pytest

from simulators.jira import signing
from simulators.jira.instance import Jira
from simulators.jira.registry import Registrant
from tests.simulators.conftest import Clock
from tests.simulators.jira.conftest import API, CHANGE, INCIDENT
from tests.simulators.jira.test_gate import granted
from tests.simulators.jira.test_recorded import recorded
from tests.simulators.receiver import Receiver

SHARED = "shared"
ADMIN_PLACE = "/rest/webhooks/1.0/webhook"


@pytest.fixture
async def receiver(jira: Jira) -> AsyncIterator[Receiver]:
    receiver = Receiver()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=receiver.app)) as http:
        jira.webhook.install("http://us/hook", SHARED, http=http)
        yield receiver


async def test_each_change_is_told_once_and_signed(jira: Jira, receiver: Receiver) -> None:
    jira.create(INCIDENT, {"summary": "Old", "description": "Two\nlines"})
    jira.edit("OPS-1", {"summary": "New"}, by="ann.lee")
    jira.edit("OPS-1", {"summary": "New"})
    jira.transition("OPS-1", "Work in progress")
    jira.delete("OPS-1")
    assert await jira.webhook.send() == 4
    created, updated, moved, deleted = receiver.bodies()
    assert created["webhookEvent"] == "jira:issue_created"
    assert created["issue"]["fields"]["description"] == "Two\nlines"
    assert updated["user"]["displayName"] == "Ann Lee"
    (item,) = updated["changelog"]["items"]
    assert (item["fromString"], item["toString"]) == ("Old", "New")
    assert int(moved["changelog"]["id"]) > int(updated["changelog"]["id"])
    assert deleted["issue"]["key"] == "OPS-1"
    for headers, body in receiver.heard:
        assert headers["x-hub-signature"] == signing.signature(SHARED, body)
    names = {headers["x-atlassian-webhook-identifier"] for headers, _ in receiver.heard}
    assert len(names) == 4


async def test_a_message_tells_the_issue_as_it_was_written(jira: Jira, receiver: Receiver) -> None:
    jira.create(INCIDENT, {"summary": "Old"})
    jira.edit("OPS-1", {"summary": "New"})
    await jira.webhook.send()
    told = [body["issue"]["fields"]["summary"] for body in receiver.bodies()]
    assert told == ["Old", "New"]


async def test_comments_are_told_with_a_brief_issue(jira: Jira, receiver: Receiver) -> None:
    jira.create(INCIDENT, {"summary": "One"})
    jira.comment("OPS-1", "Called", public=True)
    await jira.webhook.send()
    body = receiver.bodies()[1]
    assert (body["webhookEvent"], body["comment"]["body"]) == ("comment_created", "Called")
    assert body["comment"]["jsdPublic"]
    assert "updated" not in body["issue"]["fields"]


async def test_a_filter_is_read_for_the_issue_as_it_is_now(jira: Jira, receiver: Receiver) -> None:
    (hook,) = jira.webhook.registry.all()
    jira.webhook.registry.remove(hook.id)
    jira.webhook.install("http://us/hook", jql='labels = mail AND type = "[System] Incident"')
    jira.switches.lag_seconds = 60
    jira.create(INCIDENT, {"summary": "One", "labels": ["mail"]})
    jira.create(INCIDENT, {"summary": "Two"})
    jira.create(CHANGE, {"summary": "Three", "labels": ["mail"]})
    jira.edit("OPS-2", {"labels": ["mail"]})
    assert await jira.webhook.send() == 2
    assert [body["issue"]["key"] for body in receiver.bodies()] == ["OPS-1", "OPS-2"]
    assert "x-hub-signature" not in receiver.heard[0][0]


async def test_a_refused_message_is_tried_five_times_more(
    jira: Jira, receiver: Receiver, clock: Clock
) -> None:
    receiver.status = 503
    jira.create(INCIDENT, {"summary": "One"})
    await jira.webhook.send()
    clock.move(minutes=4, seconds=59)
    await jira.webhook.send()
    assert len(receiver.heard) == 1
    for _ in range(6):
        clock.move(minutes=5)
        await jira.webhook.send()
    retries = [headers.get("x-atlassian-webhook-retry") for headers, _ in receiver.heard]
    assert retries == [None, "1", "2", "3", "4", "5"]
    names = {headers["x-atlassian-webhook-identifier"] for headers, _ in receiver.heard}
    assert len(names) == len(jira.webhook.failed) == 1


async def test_a_message_that_is_turned_down_is_dropped(jira: Jira, receiver: Receiver) -> None:
    receiver.status = 404
    jira.create(INCIDENT, {"summary": "One"})
    assert await jira.webhook.send() == 0
    assert not jira.webhook.queue


async def test_messages_are_lost_doubled_and_swapped(jira: Jira, receiver: Receiver) -> None:
    jira.switches.webhooks_lost = 1
    jira.create(INCIDENT, {"summary": "Lost"})
    jira.switches.webhooks_lost, jira.switches.webhooks_doubled = 0, 1
    jira.create(INCIDENT, {"summary": "Doubled"})
    jira.switches.webhooks_doubled, jira.switches.webhooks_swapped = 0, 1
    jira.create(INCIDENT, {"summary": "First"})
    await jira.webhook.send()
    told = [body["issue"]["fields"]["summary"] for body in receiver.bodies()]
    assert told == ["First", "Doubled", "Doubled"]
    names = [headers["x-atlassian-webhook-identifier"] for headers, _ in receiver.heard]
    assert names[1] == names[2]


async def test_messages_come_late(jira: Jira, receiver: Receiver, clock: Clock) -> None:
    jira.switches.webhook_lag_seconds = 30
    jira.create(INCIDENT, {"summary": "One"})
    assert await jira.webhook.send() == 0
    clock.move(seconds=30)
    assert await jira.webhook.send() == 1
    assert len(receiver.heard) == 1


async def test_a_connect_app_gets_a_token_for_this_one_request(
    jira: Jira, receiver: Receiver
) -> None:
    (hook,) = jira.webhook.registry.all()
    jira.webhook.registry.remove(hook.id)
    jira.webhook.install(
        "http://us/hook", SHARED, registrant=Registrant.CONNECT, client_key="jira:1"
    )
    jira.create(INCIDENT, {"summary": "One"})
    await jira.webhook.send()
    ((headers, body),), (url,) = receiver.heard, receiver.urls
    by = orjson.loads(body)["user"]["accountId"]
    assert url.query == f"user_id={by}&user_key={by}".encode()
    at = int(jira.now().timestamp())
    qsh = signing.query_hash("POST", f"/hook?user_id={by}&user_key={by}")
    claims = {"iat": at, "exp": at + 180, "iss": "jira:1", "qsh": qsh}
    assert headers["authorization"] == f"JWT {signing.token(SHARED, claims)}"


async def test_a_running_site_sends_by_itself(jira: Jira, receiver: Receiver) -> None:
    async with jira.app.router.lifespan_context(jira.app):
        jira.create(INCIDENT, {"summary": "One"})
        async with asyncio.timeout(5):
            await receiver.came.wait()
    assert receiver.bodies()[0]["issue"]["key"] == "OPS-1"


async def test_an_administrator_registers_changes_and_removes(
    jira: Jira, http: httpx.AsyncClient
) -> None:
    asked = {
        "name": "Mirror",
        "url": "https://us.example.com/hook",
        "events": ["jira:issue_updated"],
        "filters": {"issue-related-events-section": "project = OPS"},
        "secret": SHARED,
    }
    made = await http.post(ADMIN_PLACE, json=asked)
    assert made.status_code == 201
    assert (made.json()["isSigned"], "secret" in made.json()) == (True, False)
    changed = await http.put(made.json()["self"], json={"name": "Other"})
    assert (changed.json()["name"], changed.json()["url"]) == ("Other", asked["url"])
    (hook,) = jira.webhook.registry.all()
    assert (hook.secret, hook.jql) == (SHARED, "project = OPS")
    assert (await http.get(ADMIN_PLACE)).json() == [changed.json()]
    assert (await http.delete(made.headers["Location"])).status_code == 204
    assert (await http.get(made.headers["Location"])).status_code == 404
    for wrong in ({"url": "us"}, {"events": ["sneeze"]}, {"filters": {"x": 1}, "url": ""}):
        assert (await http.post(ADMIN_PLACE, json=asked | wrong)).status_code == 400


async def test_an_apps_webhook_ends_after_30_days_unless_refreshed(
    jira: Jira, http: httpx.AsyncClient, clock: Clock, receiver: Receiver
) -> None:
    asked = {
        "url": "http://us/hook",
        "webhooks": [
            {"events": ["jira:issue_created"], "jqlFilter": "project = OPS"},
            {"events": ["sneeze"], "jqlFilter": "project = OPS"},
        ],
    }
    assert (await http.post(f"{API}/webhook", json=asked)).status_code == 403

    async def app() -> dict[str, str]:
        given = await granted(http, grant_type="authorization_code", code=jira.login.authorise())
        return {"Authorization": f"Bearer {given.json()['access_token']}"}

    bearer = httpx.AsyncClient(
        transport=httpx.ASGITransport(app=jira.app), base_url="http://jira", headers=await app()
    )
    made = (await bearer.post(f"{API}/webhook", json=asked)).json()["webhookRegistrationResult"]
    assert made[1] == {"errors": ["Unsupported event: sneeze"]}
    ids = {"webhookIds": [made[0]["createdWebhookId"]]}
    clock.move(days=29)
    bearer.headers.update(await app())
    (await bearer.put(f"{API}/webhook/refresh", json=ids)).raise_for_status()
    clock.move(days=2)
    jira.create(INCIDENT, {"summary": "One"})
    assert await jira.webhook.send() == 2
    tokens = [headers.get("authorization", "") for headers, _ in receiver.heard]
    assert [token.startswith("Bearer ") for token in tokens] == [False, True]
    clock.move(days=29)
    jira.create(INCIDENT, {"summary": "Two"})
    assert await jira.webhook.send() == 1
    bearer.headers.update(await app())
    assert (await bearer.get(f"{API}/webhook")).json()["total"] == 1
    await bearer.request("DELETE", f"{API}/webhook", json=ids)
    assert (await bearer.get(f"{API}/webhook")).json()["total"] == 0
    await bearer.aclose()


@pytest.mark.parametrize("asked", [{}, {"webhookIds": [], "webhooks": [], "url": "http://us/hook"}])
async def test_an_app_says_which_webhooks_it_means(
    jira: Jira, http: httpx.AsyncClient, asked: dict[str, Any]
) -> None:
    given = await granted(http, grant_type="authorization_code", code=jira.login.authorise())
    headers = {"Authorization": f"Bearer {given.json()['access_token']}"}
    for method, place in (("POST", ""), ("PUT", "/refresh"), ("DELETE", "")):
        url = f"{API}/webhook{place}"
        answer = await http.request(method, url, json=asked, headers=headers, auth=None)
        assert (answer.status_code, method) == (400, method)


VECTORS = recorded("signatures")


@pytest.mark.parametrize("vector", VECTORS["hub"], ids=lambda vector: vector["body"])
def test_a_body_is_signed_as_published(vector: dict[str, str]) -> None:
    assert signing.signature(vector["secret"], vector["body"].encode()) == vector["header"]


@pytest.mark.parametrize("vector", VECTORS["query_hash"], ids=lambda vector: vector["url"])
def test_a_request_is_hashed_as_the_vendors_library_does(vector: dict[str, str]) -> None:
    method, url, base_path = vector["method"], vector["url"], vector["base_path"]
    assert signing.canonical(method, url, base_path) == vector["canonical"]
    assert signing.query_hash(method, url, base_path) == vector["qsh"]


def test_a_token_is_signed_as_the_vendors_library_does() -> None:
    (vector,) = VECTORS["connect"]
    claims = {
        "iss": vector["issuer"],
        "iat": vector["issued_at"],
        "exp": vector["expires_at"],
        "qsh": signing.query_hash(vector["method"], vector["url"]),
    }
    assert f"JWT {signing.token(vector['secret'], claims)}" == vector["header"]
