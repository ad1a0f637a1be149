"""The vendor's own client library works against the simulator, unchanged."""

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest
from pagerduty import EventsApiV2Client, HttpError, RestApiV2Client

from simulators.pagerduty.login import OWNER

COMMAND = [sys.executable, "-m", "simulators", "pagerduty", "--die-with-stdin"]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Run an account that is a hundred incidents old on a port of this machine."""
    with subprocess.Popen(  # noqa: S603 — our own command
        [*COMMAND, "--token", "key", "--incidents", "120"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            said = json.loads(process.stdout.readline())
            assert (said["vendor"], said["token"], said["from"]) == ("pagerduty", "key", OWNER)
            yield said["url"]
        finally:
            process.kill()


@pytest.fixture
def rest(url: str) -> Iterator[RestApiV2Client]:
    with RestApiV2Client("key", default_from=OWNER, base_url=url) as client:
        yield client


@pytest.fixture
def events(url: str, rest: RestApiV2Client) -> Iterator[EventsApiV2Client]:
    service = rest.find("services", "Web Shop")
    whole = rest.rget(service["self"], params={"include[]": "integrations"})
    key = whole["integrations"][0]["integration_key"]
    with EventsApiV2Client(key, base_url=url) as client:
        yield client


def test_lists_are_iterated_to_their_end(rest: RestApiV2Client) -> None:
    everything = {"date_range": "all"}
    incidents = list(rest.iter_all("incidents", params=everything, page_size=50))
    assert len({incident["id"] for incident in incidents}) >= 120
    entries = rest.iter_all("log_entries", params={"since": incidents[-20]["created_at"]})
    assert next(entries)["type"].endswith("_log_entry")
    assert rest.api_key_access == "account"
    assert rest.account_has_ability("priorities")


def test_an_incident_is_created_edited_and_noted(rest: RestApiV2Client) -> None:
    service = rest.find("services", "Public API")
    assert rest.find("users", OWNER, attribute="email")["name"] == "Ada Owner"
    reference = {"id": service["id"], "type": "service_reference"}
    asked = {"type": "incident", "title": "Down", "service": reference, "incident_key": "k"}
    incident = rest.rpost("incidents", json=asked)
    with pytest.raises(HttpError) as refused:
        rest.rpost("incidents", json=asked)
    assert refused.value.response.json()["error"]["code"] == 2002
    change = {"type": "incident_reference", "status": "acknowledged"}
    assert rest.rput(incident, json=change)["status"] == "acknowledged"
    resolved = {"id": incident["id"], "type": "incident_reference", "status": "resolved"}
    assert rest.rput("incidents", json=[resolved])[0]["status"] == "resolved"
    rest.rpost(f"{incident['self']}/notes", json={"content": "Restarted"})
    assert [note["content"] for note in rest.rget(f"{incident['self']}/notes")] == ["Restarted"]


def test_subscriptions_are_kept(rest: RestApiV2Client) -> None:
    method = {"type": "http_delivery_method", "url": "https://example.com/hook"}
    asked = {
        "type": "webhook_subscription",
        "delivery_method": method,
        "events": ["incident.triggered"],
        "filter": {"type": "account_reference"},
    }
    made = rest.rpost("webhook_subscriptions", json=asked)
    assert made["delivery_method"]["secret"]
    path = f"webhook_subscriptions/{made['id']}"
    assert rest.rget(path)["delivery_method"]["secret"] is None
    rest.rdelete(path)
    assert rest.get(path).status_code == 404


def test_monitoring_triggers_acknowledges_and_resolves(
    rest: RestApiV2Client, events: EventsApiV2Client
) -> None:
    key = events.trigger("CPU is high", "host-1", severity="error")
    seen = []
    for act in (lambda: None, lambda: events.acknowledge(key), lambda: events.resolve(key)):
        act()
        (incident,) = rest.rget("incidents", params={"incident_key": key})
        seen.append(incident["status"])
    assert seen == ["triggered", "acknowledged", "resolved"]
    (alert,) = rest.rget(f"{incident['self']}/alerts")
    assert (alert["alert_key"], alert["severity"]) == (key, "error")
    events.submit("Deploy", source="ci")
    assert [change["summary"] for change in rest.iter_all("change_events")] == ["Deploy"]
