"""The simulator's answers have the fields of those that real accounts gave."""

from pathlib import Path
from typing import Any

import httpx
import orjson

from simulators.pagerduty.instance import PagerDuty
from simulators.pagerduty.login import OWNER

RECORDED = Path(__file__).parents[2] / "data" / "pagerduty"


def recorded(name: str) -> Any:  # noqa: ANN401 — JSON
    return orjson.loads((RECORDED / f"{name}.json").read_bytes())


def told_alike(theirs: Any, ours: Any, path: str = "") -> None:  # noqa: ANN401 — JSON
    """Assert that ours has each field of theirs, with a value of the same type or none."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        for name, value in theirs.items():
            assert name in ours, f"{path}.{name}"
            told_alike(value, ours[name], f"{path}.{name}")
    elif isinstance(theirs, list) and isinstance(ours, list):
        for their, our in zip(theirs, ours, strict=False):
            told_alike(their, our, f"{path}[]")
    else:
        assert type(theirs) is type(ours) or None in (theirs, ours), path


async def test_a_created_acknowledged_and_resolved_incident(
    pagerduty: PagerDuty, http: httpx.AsyncClient
) -> None:
    service = {"id": pagerduty.service("Web Shop")["id"], "type": "service_reference"}
    asked = {"type": "incident", "title": "Disk", "service": service, "body": {"details": "Full"}}
    priority = {"id": pagerduty.directory.priority("P1"), "type": "priority_reference"}
    bridge = {"conference_number": "1", "conference_url": "https://example.com"}
    asked |= {"priority": priority, "conference_bridge": bridge}
    answer = await http.post("/incidents", json={"incident": asked})
    told_alike(recorded("create-incident"), answer.json())
    url = f"/incidents/{answer.json()['incident']['id']}"
    for status, name in (("acknowledged", "acknowledge"), ("resolved", "resolve")):
        answer = await http.put(url, json={"incident": {"status": status}})
        told_alike(recorded(f"put-incident-{name}-valid"), answer.json())
        assert answer.json()["incident"]["status"] == status


async def test_a_user(pagerduty: PagerDuty, http: httpx.AsyncClient) -> None:
    user = pagerduty.directory.person(OWNER)["id"]
    told_alike(recorded("get-user"), (await http.get(f"/users/{user}")).json())


async def test_each_recorded_log_entry_has_its_like(
    pagerduty: PagerDuty, http: httpx.AsyncClient
) -> None:
    incident = pagerduty.trigger("Down")["id"]
    pagerduty.acknowledge(incident)
    pagerduty.note(incident, "Looking")
    rule = {"escalation_delay_in_minutes": 1, "targets": [pagerduty.agent("bo.kim").id]}
    pagerduty.directory.add("escalation_policy", {"name": "Other", "escalation_rules": [rule]})
    pagerduty.edit(incident, {"escalation_level": 1, "escalation_policy": "Other"})
    pagerduty.resolve(incident)
    answer = await http.get(f"/incidents/{incident}/log_entries", params={"limit": "100"})
    ours = {entry["type"]: entry for entry in answer.json()["log_entries"]}
    theirs = [
        entry
        for one in recorded("incidents-with-log-entries")["incidents"]
        for entry in one["log_entries"]
    ]
    assert {entry["type"] for entry in theirs} <= ours.keys()
    for entry in theirs:
        told_alike(entry | {"event_details": {}}, ours[entry["type"]] | {"event_details": {}})
        assert len(entry["id"]) == len(ours[entry["type"]]["id"])
