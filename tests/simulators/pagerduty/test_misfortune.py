import httpx
import pytest

from simulators.misfortune import Fault, Kind
from simulators.pagerduty.instance import PagerDuty


async def test_a_lost_answer_was_carried_out(pagerduty: PagerDuty, http: httpx.AsyncClient) -> None:
    url = f"/incidents/{pagerduty.trigger('Down')['id']}"
    pagerduty.misfortunes.push(Fault(kind=Kind.LOST, method="PUT"))
    answer = await http.put(url, json={"incident": {"status": "resolved"}})
    assert answer.status_code == 504
    assert (await http.get(url)).json()["incident"]["status"] == "resolved"


async def test_errors_have_the_vendors_bodies(
    pagerduty: PagerDuty, http: httpx.AsyncClient
) -> None:
    throttled = Fault(kind=Kind.THROTTLED, headers={"ratelimit-reset": "7"})
    pagerduty.misfortunes.push(
        throttled, Fault(kind=Kind.UNAUTHORISED), Fault(kind=Kind.ERROR, status=503)
    )
    answers = [await http.get("/incidents") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [429, 401, 503]
    assert answers[0].headers["ratelimit-reset"] == "7"
    assert answers[0].json()["error"]["code"] == 2020
    assert answers[1].content == b""
    assert answers[2].json()["error"]["message"] == "Internal Server Error"


@pytest.mark.parametrize("path", ["/incidents", "/incidents/{id}"])
async def test_records_gain_and_lose_fields(
    pagerduty: PagerDuty, http: httpx.AsyncClient, path: str
) -> None:
    url = path.format(id=pagerduty.trigger("Down")["id"])
    for kind, detail in ((Kind.EXTRA_FIELD, "mood"), (Kind.MISSING_FIELD, "title")):
        pagerduty.misfortunes.push(Fault(kind=kind, detail=detail))
        document = (await http.get(url)).json()
        shown = document["incident"] if "incident" in document else document["incidents"][0]
        assert (detail in shown) is (kind is Kind.EXTRA_FIELD)
