"""A change that goes from one vendor to another leaves one trace, in however many processes."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from tests.journeys.graph import Data, Graph, key_of
from tests.journeys.house import House, holds
from tests.journeys.mirror import DEMO, VENDORS, fresh

_ALL: Final = {
    "sync.integration_id",
    "sync.integration_type",
    "sync.direction",
    "sync.incident_id",
    "sync.external_id",
}
_FIELDS: Final = "id status priority links { externalId externalKey integration { key id } }"
_JIRA: Final = "demo-jira"


def _spans(file: Path) -> list[dict[str, Any]]:
    """Return the spans that are written whole."""
    lines = file.read_text().splitlines() if file.exists() else []
    return [json.loads(line) for line in lines if line.endswith("}")]


def _of(trace: str, spans: Sequence[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {span["name"]: span for span in spans if span["context"]["trace_id"] == trace}


def _pushed(file: Path, incident: Data) -> list[dict[str, Any]]:
    """Return the spans of what was written of an incident to Jira."""
    return [
        span
        for span in _spans(file)
        if span["name"] == "sync.push"
        and span["attributes"].get("sync.incident_id") == key_of(incident["id"])
        and span["attributes"]["sync.integration_type"] == "jira"
        and span["attributes"].keys() >= _ALL
    ]


async def _joined(graph: Graph) -> tuple[Data, dict[str, Data]]:
    """Return an incident that goes on at both vendors, and its links by integration."""
    for incident in await graph.incidents(_FIELDS):
        links = {link["integration"]["key"]: link for link in incident["links"]}
        if links.keys() == {DEMO, _JIRA} and incident["status"] != "RESOLVED":
            return incident, links
    raise AssertionError


async def test_a_change_from_one_vendor_to_another_is_one_trace_through_both_processes(
    house: House, tmp_path: Path
) -> None:
    # given an incident that two vendors have
    file = tmp_path / "spans.jsonl"
    ready = await house.demo(TRACE_FILE=str(file), OTEL_BSP_SCHEDULE_DELAY="100")
    await fresh(ready.graph, of=VENDORS)
    incident, links = await _joined(ready.graph)

    # when one vendor tells of an edit that the other is to have
    urgency = "3" if incident["priority"] == "P1" else "1"
    fields = {"urgency": urgency, "impact": urgency}
    await ready.vendor.tell("edit", record=links[DEMO]["externalKey"], fields=fields)

    async def arrived() -> bool:
        return bool(_pushed(file, incident))

    await holds(arrived)

    # then door, merge and write are one trace, and each says what it was about
    push = _pushed(file, incident)[0]
    chain = _of(push["context"]["trace_id"], _spans(file))
    assert chain.keys() == {"sync.webhook", "sync.apply", "sync.push"}
    door, merge = chain["sync.webhook"], chain["sync.apply"]
    assert (merge["parent_id"], push["parent_id"]) == (
        door["context"]["span_id"],
        merge["context"]["span_id"],
    )
    assert {span["resource"]["attributes"]["watchpane.process"] for span in chain.values()} == {
        "api",
        "worker",
    }
    about = door["attributes"], merge["attributes"], push["attributes"]
    assert [one.keys() for one in about] == [_ALL] * 3
    assert [one["sync.incident_id"] for one in about] == [key_of(incident["id"])] * 3
    assert [one["sync.external_id"] for one in about] == [
        links[key]["externalId"] for key in (DEMO, DEMO, _JIRA)
    ]
    assert [one["sync.integration_id"] for one in about] == [
        key_of(links[key]["integration"]["id"]) for key in (DEMO, DEMO, _JIRA)
    ]
    assert [one["sync.integration_type"] for one in about] == ["servicenow", "servicenow", "jira"]
    assert [one["sync.direction"] for one in about] == ["inbound", "inbound", "outbound"]
