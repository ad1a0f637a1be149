from typing import Any

import httpx
import pytest

from simulators.pagerduty.instance import PagerDuty


async def names(http: httpx.AsyncClient, url: str, **params: str) -> list[str]:
    document = (await http.get(url, params=params)).json()
    return [one["name"] for one in document[url.removeprefix("/")]]


async def test_a_service_is_made_edited_and_removed(http: httpx.AsyncClient) -> None:
    (policy,) = (await http.get("/escalation_policies")).json()["escalation_policies"]
    reference = {"id": policy["id"], "type": "escalation_policy_reference"}
    asked: dict[str, Any] = {"type": "service", "name": "Brand New"}
    refused = await http.post("/services", json={"service": asked})
    assert refused.status_code == 400
    asked["escalation_policy"] = reference
    made = await http.post("/services", json={"service": asked})
    assert (made.status_code, made.json()["service"]["acknowledgement_timeout"]) == (201, 1_800)
    assert (await http.post("/services", json={"service": asked})).status_code == 400
    url = f"/services/{made.json()['service']['id']}"
    await http.put(url, json={"service": {"description": "Not old"}})
    shown = (await http.get(url, params={"include[]": "integrations"})).json()["service"]
    assert shown["description"] == "Not old"
    assert len(shown["integrations"][0]["integration_key"]) == 32
    assert (await http.delete(url)).status_code == 204
    assert (await http.get(url)).status_code == 404


async def test_the_companys_services_depend_on_each_other(
    pagerduty: PagerDuty, http: httpx.AsyncClient
) -> None:
    web, search = pagerduty.service("Web Shop")["id"], pagerduty.service("Product Search")["id"]
    answer = await http.get(f"/service_dependencies/technical_services/{search}")
    ends = [
        (edge["supporting_service"]["id"], edge["dependent_service"]["id"])
        for edge in answer.json()["relationships"]
    ]
    assert (search, web) in ends
    assert (await http.get(f"/service_dependencies/galaxies/{web}")).status_code == 404


async def test_people_are_found_by_name_and_address(
    pagerduty: PagerDuty, http: httpx.AsyncClient
) -> None:
    pagerduty.agent("ann.lee")
    assert await names(http, "/users") == ["Ada Owner", "Ann Lee"]
    assert await names(http, "/users", query="lee") == ["Ann Lee"]
    assert await names(http, "/services", name="Web Shop") == ["Web Shop"]


@pytest.mark.parametrize(("kind", "status"), [("team", 201), ("business_service", 200)])
async def test_teams_and_business_services_are_made(
    http: httpx.AsyncClient, kind: str, status: int
) -> None:
    made = await http.post(f"/{kind}s", json={kind: {"type": kind, "name": "Shop"}})
    assert made.status_code == status
    assert await names(http, f"/{kind}s") == ["Shop"]


async def test_a_policy_in_use_is_not_removed(http: httpx.AsyncClient) -> None:
    (policy,) = (await http.get("/escalation_policies")).json()["escalation_policies"]
    assert len(policy["escalation_rules"][0]["targets"]) == 1
    assert (await http.delete(policy["self"])).status_code == 400


async def test_abilities_follow_the_switch(pagerduty: PagerDuty, http: httpx.AsyncClient) -> None:
    assert (await http.get("/abilities/priorities")).status_code == 204
    pagerduty.switches.priorities = False
    assert (await http.get("/abilities/priorities")).status_code == 402
    assert "priorities" not in (await http.get("/abilities")).json()["abilities"]
    assert (await http.get("/abilities/flying")).status_code == 404
