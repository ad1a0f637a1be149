from typing import Any

import httpx
import pytest

from simulators.pagerduty.answers import Refusal
from simulators.pagerduty.instance import PagerDuty
from tests.simulators.conftest import Clock


@pytest.fixture
def down(pagerduty: PagerDuty) -> str:
    """Return the id of an open incident."""
    return str(pagerduty.trigger("Down")["id"])


async def log(http: httpx.AsyncClient, key: str, **params: str) -> list[dict[str, Any]]:
    """Return the log of an incident, oldest first."""
    answer = await http.get(f"/incidents/{key}/log_entries", params={"limit": "100", **params})
    entries: list[dict[str, Any]] = answer.json()["log_entries"]
    return entries[::-1]


async def types(http: httpx.AsyncClient, key: str, **params: str) -> list[str]:
    return [entry["type"].removesuffix("_log_entry") for entry in await log(http, key, **params)]


async def test_everything_that_happens_is_in_the_log(
    pagerduty: PagerDuty, http: httpx.AsyncClient, down: str
) -> None:
    pagerduty.acknowledge(down, by="ann.lee")
    pagerduty.note(down, "Looking", by="ann.lee")
    pagerduty.edit(down, {"title": "Very down", "urgency": "low", "priority": "P2"})
    pagerduty.edit(down, {"escalation_level": 1})
    pagerduty.edit(down, {"assignments": ["bo.kim"]})
    pagerduty.snooze(down, 60)
    pagerduty.resolve(down, by="ann.lee", note="Restarted")
    pagerduty.edit(down, {"status": "triggered"})
    assert await types(http, down) == [
        *("trigger", "assign", "notify", "acknowledge", "annotate"),
        *("field_value_change", "urgency_change", "field_value_change"),
        *("escalate", "notify", "assign", "notify", "snooze", "resolve"),
        *("reopen", "assign", "notify"),
    ]
    resolved = (await log(http, down))[13]
    assert resolved["agent"]["summary"] == "Ann Lee"
    assert (resolved["channel"], resolved["note"]) == ({"type": "website"}, "Restarted")
    overview = await types(http, down, is_overview="true")
    assert not {"notify", "urgency_change", "field_value_change"} & set(overview)


async def test_an_edit_that_changes_nothing_leaves_no_trace(
    pagerduty: PagerDuty, clock: Clock, down: str
) -> None:
    before = pagerduty.incident(down)
    clock.move(minutes=1)
    assert pagerduty.edit(down, {"title": "Down", "urgency": "high"}) == before


async def test_resolving_ends_the_assignments_and_reopening_calls_again(
    pagerduty: PagerDuty, down: str
) -> None:
    assert pagerduty.resolve(down)["assignments"] == []
    reopened = pagerduty.edit(down, {"status": "acknowledged"})
    assert (reopened["status"], reopened["resolved_at"]) == ("acknowledged", None)
    assert len(reopened["assignments"]) == 1


async def test_an_older_account_reopens_nothing(
    pagerduty: PagerDuty, http: httpx.AsyncClient, down: str
) -> None:
    pagerduty.switches.reopens = False
    pagerduty.resolve(down)
    for status in ("triggered", "acknowledged", "resolved"):
        answer = await http.put(f"/incidents/{down}", json={"incident": {"status": status}})
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, 1001)


async def test_an_acknowledgement_ends_by_the_time_out_of_its_service(
    pagerduty: PagerDuty, http: httpx.AsyncClient, clock: Clock, down: str
) -> None:
    pagerduty.acknowledge(down)
    clock.move(seconds=1_799)
    assert pagerduty.incident(down)["status"] == "acknowledged"
    clock.move(minutes=10)
    ended = pagerduty.incident(down)
    # it ended when it was due, not when somebody looked
    assert (ended["status"], ended["updated_at"]) == ("triggered", "2026-03-02T10:30:00Z")
    assert ended["acknowledgements"] == []
    last = (await log(http, down))[-1]
    assert (last["type"], last["channel"]) == ("unacknowledge_log_entry", {"type": "timeout"})


async def test_a_snooze_ends_after_its_duration(
    pagerduty: PagerDuty, http: httpx.AsyncClient, clock: Clock, down: str
) -> None:
    answer = await http.post(f"/incidents/{down}/snooze", json={"duration": 7_200})
    assert (answer.status_code, answer.json()["incident"]["status"]) == (201, "acknowledged")
    (pending,) = answer.json()["incident"]["pending_actions"]
    assert pending == {"type": "unacknowledge", "at": "2026-03-02T12:00:00Z"}
    clock.move(hours=2)
    assert pagerduty.incident(down)["status"] == "triggered"


async def test_an_incident_climbs_its_policy_until_somebody_answers(
    pagerduty: PagerDuty, http: httpx.AsyncClient, clock: Clock
) -> None:
    rules = [
        {"escalation_delay_in_minutes": 5, "targets": [{"id": pagerduty.agent(by).id}]}
        for by in ("ann.lee", "bo.kim")
    ]
    asked = {"type": "escalation_policy", "name": "Climb", "escalation_rules": rules}
    await http.post("/escalation_policies", json={"escalation_policy": asked})
    incident = pagerduty.trigger("Down", escalation_policy="Climb")
    clock.move(minutes=5)
    climbed = pagerduty.incident(incident["id"])
    assert [a["assignee"] for a in climbed["assignments"]] == [pagerduty.agent("bo.kim").id]
    assert climbed["pending_actions"] == []
    assert "escalate" in await types(http, incident["id"])


async def test_a_merged_incident_says_into_which(
    pagerduty: PagerDuty, http: httpx.AsyncClient, down: str
) -> None:
    pagerduty.alert("Source", dedup_key="d")
    (source,) = pagerduty.incidents.alerts.of(pagerduty.incident(2)["id"])
    body = {"source_incidents": [{"id": source["incident"], "type": "incident_reference"}]}
    answer = await http.put(f"/incidents/{down}/merge", json=body)
    assert answer.json()["incident"]["id"] == down
    merged = (await http.get(f"/incidents/{source['incident']}")).json()["incident"]
    assert merged["status"] == "resolved"
    reason = merged["resolve_reason"]
    assert (reason["type"], reason["incident"]["id"]) == ("merge_resolve_reason", down)
    (alert,) = (await http.get(f"/incidents/{down}/alerts")).json()["alerts"]
    assert alert["alert_key"] == "d"
    pagerduty.resolve(down)
    with pytest.raises(Refusal):
        pagerduty.merge(down, source["incident"])


async def test_notes_come_newest_first_and_leave_the_incident_as_it_was(
    pagerduty: PagerDuty, http: httpx.AsyncClient, clock: Clock, down: str
) -> None:
    clock.move(minutes=1)
    url = f"/incidents/{down}/notes"
    for content in ("One", "Two"):
        assert (await http.post(url, json={"note": {"content": content}})).status_code == 200
    assert (await http.post(url, json={"note": {"content": ""}})).status_code == 400
    notes = (await http.get(url)).json()["notes"]
    assert [note["content"] for note in notes] == ["Two", "One"]
    assert notes[0]["user"]["summary"] == "Ada Owner"
    assert pagerduty.incident(down)["updated_at"] == "2026-03-02T10:00:00Z"


async def test_the_log_of_the_account_is_newest_first_within_its_window(
    pagerduty: PagerDuty, http: httpx.AsyncClient, clock: Clock, down: str
) -> None:
    clock.move(minutes=5)
    pagerduty.acknowledge(down)
    since = {"since": "2026-03-02T10:00:01Z", "include[]": "channels"}
    (entry,) = (await http.get("/log_entries", params=since)).json()["log_entries"]
    assert (entry["type"], entry["incident"]["id"]) == ("acknowledge_log_entry", down)
    assert entry["acknowledgement_timeout"] == 1_800
    one = (await http.get(entry["self"])).json()["log_entry"]
    assert one["id"] == entry["id"]
    first, *_, last = (await http.get("/log_entries")).json()["log_entries"]
    assert (first["id"], last["type"]) == (entry["id"], "trigger_log_entry")
