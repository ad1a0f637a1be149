"""A client that was written for the real ServiceNow works with the simulated one, unchanged."""

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlsplit

import pytest

pysnow = pytest.importorskip("pysnow")
requests = pytest.importorskip("requests")

PASSWORD: Final = "open sesame"  # noqa: S105 — of a simulator
CLIENT: Final = {"client_id": "client", "client_secret": "client-secret"}
COMMAND: Final = (sys.executable, "-m", "simulators", "servicenow", "--rows", "300")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Run an instance on a port of its own; say host and port."""
    words = [*COMMAND, "--history", "1", "--password", PASSWORD]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 — our own command
        assert process.stdout is not None
        try:
            yield urlsplit(json.loads(process.stdout.readline())["url"]).netloc
        finally:
            process.kill()


@pytest.fixture
def client(address: str) -> Iterator[Any]:
    with pysnow.Client(host=address, user="admin", password=PASSWORD, use_ssl=False) as client:
        yield client


def test_a_built_query_finds_what_it_asks_for(client: Any) -> None:  # noqa: ANN401 — the library has no types
    incidents = client.resource(api_path="/table/incident")
    query = (
        pysnow.QueryBuilder()
        .field("state")
        .equals(["6", "7"])
        .AND()
        .field("number")
        .starts_with("INC00000")
        .AND()
        .field("number")
        .order_descending()
    )
    found = incidents.get(query=query, limit=5, fields=["number", "state"]).all()
    numbers = [row["number"] for row in found]
    assert len(numbers) == 5
    assert numbers == sorted(numbers, reverse=True)
    assert {row["state"] for row in found} <= {"6", "7"}


def test_a_long_result_is_read_as_a_stream(client: Any) -> None:  # noqa: ANN401 — the library has no types
    incidents = client.resource(api_path="/table/incident")
    streamed = [row["sys_id"] for row in incidents.get(stream=True).all()]
    paged = [
        row["sys_id"]
        for offset in range(0, len(streamed) + 10, 10)
        for row in incidents.get(limit=10, offset=offset).all()
    ]
    assert len(streamed) > 40
    assert paged == streamed


@pytest.mark.parametrize("table", ["incident", "change_request", "sn_customerservice_case"])
def test_a_record_is_created_changed_and_deleted(client: Any, table: str) -> None:  # noqa: ANN401 — the library has no types
    resource = client.resource(api_path=f"/table/{table}")
    made = resource.create(payload={"short_description": "Mail is down"}).one()
    assert made["sys_mod_count"] == "0"
    by_id = {"sys_id": made["sys_id"]}
    changed = resource.update(query=by_id, payload={"short_description": "Mail is slow"}).one()
    assert (changed["short_description"], changed["sys_mod_count"]) == ("Mail is slow", "1")
    assert resource.delete(query=by_id) == {"status": "record deleted"}
    assert resource.get(query=by_id).one_or_none() is None


def test_references_are_shown_by_name_when_asked_for(client: Any) -> None:  # noqa: ANN401 — the library has no types
    incidents = client.resource(api_path="/table/incident")
    incidents.parameters.display_value = True
    incidents.parameters.exclude_reference_link = True
    (row,) = incidents.get(query="business_serviceISNOTEMPTY", limit=1).all()
    services = client.resource(api_path="/table/cmdb_ci_service")
    assert row["business_service"] in {found["name"] for found in services.get().all()}
    assert row["state"] in ("New", "In Progress", "On Hold", "Resolved", "Closed")


def test_a_refusal_reaches_the_caller_in_the_vendors_words(client: Any) -> None:  # noqa: ANN401 — the library has no types
    changes = client.resource(api_path="/table/change_request")
    made = changes.create(payload={}).one()
    with pytest.raises(requests.HTTPError) as refused:
        changes.update(query={"sys_id": made["sys_id"]}, payload={"state": "0"}).one()
    assert "Check State Transition" in refused.value.response.json()["error"]["detail"]
    with pytest.raises(requests.HTTPError) as unknown:
        client.resource(api_path="/table/no_such_table").get().all()
    assert unknown.value.response.json()["error"]["message"] == "Invalid table no_such_table"


def test_a_token_opens_the_same_tables(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # The port of this machine has no TLS, which its OAuth library asks for.
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    client = pysnow.OAuthClient(host=address, use_ssl=False, **CLIENT)
    client.set_token(client.generate_token("admin", PASSWORD))
    (row,) = client.resource(api_path="/table/incident").get(limit=1).all()
    assert row["sys_class_name"] == "incident"
    # An expired token is renewed on the way, and the new one handed over.
    renewed: list[dict[str, Any]] = []
    late = pysnow.OAuthClient(host=address, use_ssl=False, token_updater=renewed.append, **CLIENT)
    late.set_token(client.token | {"expires_in": -1, "expires_at": 1})
    assert len(late.resource(api_path="/table/incident").get(limit=2).all()) == 2
    assert renewed[0]["access_token"] != client.token["access_token"]
