from typing import Any

import httpx
import pytest

from simulators.pagerduty.instance import PagerDuty
from tests.simulators.conftest import Clock

URL = "/incidents"


def errors(answer: httpx.Response) -> tuple[int, list[str]]:
    error = answer.json()["error"]
    return error["code"], error.get("errors", [])


async def titles(http: httpx.AsyncClient, **params: Any) -> list[str]:  # noqa: ANN401 — JSON
    answer = await http.get(URL, params=params)
    assert answer.status_code == 200, answer.text
    return [incident["title"] for incident in answer.json()["incidents"]]


async def created(http: httpx.AsyncClient, service: str, **fields: object) -> httpx.Response:
    reference = {"id": service, "type": "service_reference"}
    asked = {"type": "incident", "title": "Down", "service": reference, **fields}
    return await http.post(URL, json={"incident": asked})


async def test_since_and_until_filter_by_creation_and_not_by_change(
    pagerduty: PagerDuty, http: httpx.AsyncClient, clock: Clock
) -> None:
    old = pagerduty.trigger("Old")
    clock.move(days=40)
    pagerduty.trigger("New")
    pagerduty.acknowledge(old["id"])
    assert await titles(http) == ["New"]
    assert await titles(http, date_range="all") == ["Old", "New"]
    # since counts itself, until does not; one end alone gives a month
    assert await titles(http, since="2026-03-02T10:00:00Z") == ["Old"]
    assert await titles(http, since="2026-03-02T10:00:01Z") == []
    assert await titles(http, until="2026-03-02T10:00:00Z") == []
    assert await titles(http, until="2026-04-11T10:00:01Z") == ["New"]


async def test_a_time_without_zone_is_read_in_the_zone_of_the_account(
    pagerduty: PagerDuty, http: httpx.AsyncClient
) -> None:
    pagerduty.trigger("Down")
    window = {"since": "2026-03-02T02:00:00", "until": "2026-03-02T02:00:01"}
    assert await titles(http, **window) == ["Down"]
    assert await titles(http, **window, time_zone="UTC") == []


async def test_answers_are_utc_unless_a_zone_is_asked_for(
    pagerduty: PagerDuty, http: httpx.AsyncClient
) -> None:
    url = f"{URL}/{pagerduty.trigger('Down')['id']}"
    assert (await http.get(url)).json()["incident"]["created_at"] == "2026-03-02T10:00:00Z"
    local = await http.get(url, params={"time_zone": "Europe/Berlin"})
    assert local.json()["incident"]["created_at"] == "2026-03-02T11:00:00+01:00"


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"since": "2025-01-01T00:00:00Z", "until": "2025-08-01T00:00:00Z"}, 2001),
        ({"since": "2026-01-02T00:00:00Z", "until": "2026-01-01T00:00:00Z"}, 2001),
        ({"since": "yesterday"}, 2001),
        ({"time_zone": "Mars/Olympus"}, 2001),
        ({"limit": "none"}, 2001),
        ({"sort_by": "title"}, 2001),
        ({"limit": 100, "offset": 9_901}, 2002),
    ],
)
async def test_a_list_that_cannot_be_given_is_refused(
    http: httpx.AsyncClient, params: dict[str, str], code: int
) -> None:
    answer = await http.get(URL, params=params)
    assert (answer.status_code, errors(answer)[0]) == (400, code)


async def test_pages_hold_at_most_100_and_say_whether_more_come(
    pagerduty: PagerDuty, http: httpx.AsyncClient
) -> None:
    for number in range(103):
        pagerduty.trigger(f"Down {number}")
    first = (await http.get(URL, params={"limit": 500, "total": "true"})).json()
    assert (len(first["incidents"]), first["limit"], first["total"]) == (100, 100, 103)
    assert first["more"] is True
    last = (await http.get(URL, params={"limit": 100, "offset": 100})).json()
    assert (len(last["incidents"]), last["total"], last["more"]) == (3, None, False)
    assert len((await http.get(URL)).json()["incidents"]) == 25
    assert (await titles(http, sort_by="created_at:desc"))[0] == "Down 102"


async def test_lists_are_filtered_by_status_urgency_service_user_and_key(
    pagerduty: PagerDuty, http: httpx.AsyncClient
) -> None:
    pagerduty.trigger("A", incident_key="a", urgency="low")
    b = pagerduty.trigger("B", service="Public API", assignments=["ann.lee"])
    pagerduty.acknowledge(b["id"])
    key = pagerduty.alert("C")
    assert await titles(http, **{"statuses[]": "triggered"}) == ["A", "C"]
    assert await titles(http, **{"statuses[]": ["acknowledged", "resolved"]}) == ["B"]
    assert await titles(http, **{"urgencies[]": "low"}) == ["A"]
    assert await titles(http, **{"service_ids[]": b["service"]}) == ["B"]
    assert await titles(http, **{"user_ids[]": b["assignments"][0]["assignee"]}) == ["B"]
    assert await titles(http, incident_key="a") == ["A"]
    assert await titles(http, incident_key=key) == ["C"]


async def test_links_lead_to_the_address_that_was_reached(
    pagerduty: PagerDuty, http: httpx.AsyncClient
) -> None:
    pagerduty.trigger("Down")
    (shown,) = (await http.get(URL)).json()["incidents"]
    assert shown["self"].startswith("https://acme.example.com/proxy/incidents/")
    assert shown["html_url"].startswith("https://acme.example.com/proxy/incidents/")
    assert (await http.get(shown["self"])).json()["incident"] == shown
    service = (await http.get(shown["service"]["self"])).json()["service"]
    assert (service["name"], service["status"]) == ("Web Shop", "critical")


async def test_a_body_comes_back_only_where_it_is_asked_for(
    pagerduty: PagerDuty, http: httpx.AsyncClient
) -> None:
    url = f"{URL}/{pagerduty.trigger('Down', body='The disk is full')['id']}"
    plain = (await http.get(url)).json()["incident"]
    assert plain["description"] == "Down"
    assert "The disk is full" not in str(plain)
    whole = await http.get(url, params={"include[]": "first_trigger_log_entries"})
    channel = whole.json()["incident"]["first_trigger_log_entry"]["channel"]
    assert channel["details"] == "The disk is full"
    more = await http.get(url, params={"include[]": ["services", "external_references"]})
    assert more.json()["incident"]["service"]["type"] == "service"
    assert more.json()["incident"]["external_references"] == []


async def test_a_key_is_unique_among_open_incidents_of_a_service(
    pagerduty: PagerDuty, http: httpx.AsyncClient
) -> None:
    service, other = (pagerduty.service(name)["id"] for name in ("Web Shop", "Public API"))
    first = await created(http, service, incident_key="k")
    assert first.status_code == 201
    second = await created(http, service, incident_key="k")
    message = "Open incident with matching dedup key already exists on this service"
    assert (second.status_code, errors(second)) == (400, (2002, [message]))
    assert (await created(http, other, incident_key="k")).status_code == 201
    pagerduty.resolve(first.json()["incident"]["id"])
    assert (await created(http, service, incident_key="k")).status_code == 201


@pytest.mark.parametrize(
    ("sender", "code"), [("", 2016), ("somebody", 1028), ("nobody@example.com", 1008)]
)
async def test_a_write_needs_a_known_user_in_from(
    pagerduty: PagerDuty, http: httpx.AsyncClient, sender: str, code: int
) -> None:
    http.headers["From"] = sender
    answer = await created(http, pagerduty.service("Web Shop")["id"])
    assert (answer.status_code, errors(answer)[0]) == (400, code)
    assert await titles(http) == []


async def test_many_incidents_are_edited_at_once_or_none_is(
    pagerduty: PagerDuty, http: httpx.AsyncClient
) -> None:
    ids = [pagerduty.trigger(title)["id"] for title in "AB"]
    acknowledged = [{"id": one, "type": "incident", "status": "acknowledged"} for one in ids]
    answer = await http.put(URL, json={"incidents": [*acknowledged, {"id": "QNONE"}]})
    assert (answer.status_code, errors(answer)[0]) == (404, 5001)
    assert {pagerduty.incident(one)["status"] for one in ids} == {"triggered"}
    answer = await http.put(URL, json={"incidents": acknowledged})
    assert [one["status"] for one in answer.json()["incidents"]] == ["acknowledged"] * 2
    assert (await http.put(URL, json={"incidents": acknowledged * 126})).status_code == 413


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"title": ""}, 400),
        ({"status": "closed"}, 400),
        ({"urgency": "extreme"}, 400),
        ({"priority": {"id": "P9", "type": "priority_reference"}}, 400),
        ({"assignments": [{"assignee": {"id": "PNOBODY"}}]}, 400),
        ({"assignments": "everybody"}, 400),
        ({"escalation_policy": {"id": "PNONE"}}, 404),
    ],
)
async def test_a_wrong_edit_is_refused_and_changes_nothing(
    pagerduty: PagerDuty, http: httpx.AsyncClient, fields: dict[str, object], status: int
) -> None:
    before = pagerduty.trigger("Down")
    answer = await http.put(f"{URL}/{before['id']}", json={"incident": fields})
    assert answer.status_code == status
    assert pagerduty.incident(before["id"]) == before


async def test_an_incident_cannot_be_deleted(pagerduty: PagerDuty, http: httpx.AsyncClient) -> None:
    url = f"{URL}/{pagerduty.trigger('Down')['id']}"
    assert (await http.delete(url)).status_code == 405
