"""The vendor's own client library works against the simulator, unchanged."""

import json
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest

from simulators.pagerduty.login import OWNER

# The library ships no types, and brings its own HTTP client.
library: Any = import_module("pagerduty")
httpx2: Any = import_module("httpx2")

COMMAND = [sys.executable, "-m", "simulators", "pagerduty", "--die-with-stdin"]


class Terminator:
    """Does what a proxy before the simulator would: it ends TLS, and says so.

    The library insists on https.
    """

    def __init__(self) -> None:
        self._transport = httpx2.HTTPTransport()
        self.close = self._transport.close

    def handle_request(self, request: Any) -> Any:  # noqa: ANN401 — the library's own types
        request.url = request.url.copy_with(scheme="http")
        request.headers["X-Forwarded-Proto"] = "https"
        return self._transport.handle_request(request)


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
            yield said["url"].replace("http://", "https://")
        finally:
            process.kill()


@pytest.fixture
def rest(url: str) -> Iterator[Any]:
    client = library.RestApiV2Client("key", OWNER, base_url=url, transport=Terminator())
    yield client
    client.close()


@pytest.fixture
def events(url: str, rest: Any) -> Iterator[Any]:  # noqa: ANN401 — untyped
    service = rest.find("services", "Web Shop")
    whole = rest.rget(service["self"], params={"include[]": "integrations"})
    key = whole["integrations"][0]["integration_key"]
    client = library.EventsApiV2Client(key, base_url=url, transport=Terminator())
    yield client
    client.close()


def test_lists_are_iterated_to_their_end(rest: Any) -> None:  # noqa: ANN401 — untyped
    everything = {"date_range": "all"}
    incidents = list(rest.iter_all("incidents", params=everything, page_size=50))
    assert len({incident["id"] for incident in incidents}) >= 120
    entries = rest.iter_all("log_entries", params={"since": incidents[-20]["created_at"]})
    assert next(entries)["type"].endswith("_log_entry")
    assert rest.api_key_access == "account"
    assert rest.account_has_ability("priorities")


def test_an_incident_is_created_edited_and_noted(rest: Any) -> None:  # noqa: ANN401 — untyped
    service = rest.find("services", "Public API")
    assert rest.find("users", OWNER, attribute="email")["name"] == "Ada Owner"
    reference = {"id": service["id"], "type": "service_reference"}
    asked = {"type": "incident", "title": "Down", "service": reference, "incident_key": "k"}
    incident = rest.rpost("incidents", json=asked)
    with pytest.raises(library.HttpError) as refused:
        rest.rpost("incidents", json=asked)
    assert refused.value.response.json()["error"]["code"] == 2002
    change = {"type": "incident_reference", "status": "acknowledged"}
    assert rest.rput(incident, json=change)["status"] == "acknowledged"
    resolved = {"id": incident["id"], "type": "incident_reference", "status": "resolved"}
    assert rest.rput("incidents", json=[resolved])[0]["status"] == "resolved"
    rest.rpost(f"{incident['self']}/notes", json={"content": "Restarted"})
    assert [note["content"] for note in rest.rget(f"{incident['self']}/notes")] == ["Restarted"]


def test_subscriptions_are_kept(rest: Any) -> None:  # noqa: ANN401 — untyped
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


def test_monitoring_triggers_acknowledges_and_resolves(rest: Any, events: Any) -> None:  # noqa: ANN401 — untyped
    key = events.trigger("CPU is high", "host-1", severity="error")
    (incident,) = rest.rget("incidents", params={"incident_key": key})
    assert incident["status"] == "triggered"
    events.acknowledge(key)
    assert rest.rget(incident)["status"] == "acknowledged"
    events.resolve(key)
    assert rest.rget(incident)["status"] == "resolved"
    (alert,) = rest.rget(f"{incident['self']}/alerts")
    assert (alert["alert_key"], alert["severity"]) == (key, "error")
    # Not submit: in this version of the library it fails before it sends.
    events.send_change_event(payload={"summary": "Deploy", "source": "ci"})
    assert [change["summary"] for change in rest.iter_all("change_events")] == ["Deploy"]
