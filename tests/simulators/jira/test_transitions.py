import httpx
import pytest

from simulators.jira.instance import Jira
from tests.simulators.conftest import Clock
from tests.simulators.jira.conftest import API, CHANGE, INCIDENT


async def moved(http: httpx.AsyncClient, transition: object, **more: object) -> httpx.Response:
    body = {"transition": {"id": transition}, **more}
    return await http.post(f"{API}/issue/OPS-1/transitions", json=body)


async def test_a_status_is_reached_by_its_transitions_alone(
    jira: Jira, http: httpx.AsyncClient, clock: Clock
) -> None:
    jira.create(INCIDENT, {"summary": "One"})
    offered = (await http.get(f"{API}/issue/OPS-1/transitions")).json()["transitions"]
    assert [(way["id"], way["to"]["name"]) for way in offered] == [
        ("11", "Work in progress"),
        ("71", "Canceled"),
    ]
    refused = await moved(http, "41")
    assert refused.json()["errorMessages"] == ["Transition id '41' is not valid for this issue."]
    # A number does as well as a text.
    assert (await moved(http, 11)).status_code == 204
    unresolved = await moved(http, "41")
    assert unresolved.json()["errors"] == {"resolution": "Resolution is required."}
    clock.move(minutes=5)
    assert (await moved(http, "41", fields={"resolution": {"name": "Done"}})).status_code == 204
    fields = (await http.get(f"{API}/issue/OPS-1")).json()["fields"]
    assert fields["status"]["statusCategory"]["key"] == "done"
    assert fields["resolution"]["name"] == "Done"
    assert fields["resolutiondate"] == "2026-03-02T11:05:00.000+0100"
    # Reopened, it is resolved no more.
    assert (await moved(http, "61")).status_code == 204
    fields = (await http.get(f"{API}/issue/OPS-1")).json()["fields"]
    assert (fields["resolution"], fields["resolutiondate"]) == (None, None)


async def test_a_screen_takes_its_own_fields_only(jira: Jira, http: httpx.AsyncClient) -> None:
    jira.create(INCIDENT, {"summary": "One"})
    answer = await moved(http, "11", fields={"resolution": {"name": "Done"}})
    assert answer.status_code == 400
    assert "resolution" in answer.json()["errors"]


async def test_a_transition_may_be_hidden_by_a_condition(
    jira: Jira, http: httpx.AsyncClient
) -> None:
    jira.create(CHANGE, {"summary": "One"})
    jira.switches.closed_transitions = {"11"}
    offered = (await http.get(f"{API}/issue/OPS-1/transitions")).json()["transitions"]
    assert [way["id"] for way in offered] == ["91"]
    assert (await moved(http, "11")).status_code == 400


async def test_a_change_walks_its_whole_workflow(jira: Jira) -> None:
    jira.create(CHANGE, {"summary": "Restart"})
    for status in (
        "Review",
        "Planning",
        "Awaiting CAB approval",
        "Awaiting implementation",
        "Implementing",
        "Failed",
    ):
        moved_to = jira.transition("OPS-1", status)["fields"]["status"]["name"]
        assert moved_to == status
    assert jira.issue("OPS-1")["fields"]["resolution"]["name"] == "Failed"
    with pytest.raises(KeyError):
        jira.transition("OPS-1", "Review")
