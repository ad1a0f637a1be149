"""The simulator's answers have the shape of those that real instances gave."""

from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from simulators.servicenow.instance import ServiceNow

RECORDED = Path(__file__).parents[2] / "data" / "servicenow"
TABLE = "/api/now/table/incident"
REFERENCES = {
    "caller_id": "sys_user",
    "opened_by": "sys_user",
    "cmdb_ci": "cmdb_ci",
    "assignment_group": "sys_user_group",
    "company": "core_company",
    "location": "cmn_location",
}


def recorded(name: str) -> Any:  # noqa: ANN401 — JSON
    return orjson.loads((RECORDED / f"{name}.json").read_bytes())


def shape(value: Any) -> Any:  # noqa: ANN401 — JSON
    """Return the keys and types of a document, lists by their first entry."""
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [shape(inner) for inner in value[:1]]
    return type(value)


def told_alike(theirs: dict[str, Any], ours: dict[str, Any]) -> None:
    """Assert that a record of ours has each field of theirs, in the same form.

    A reference is an object when it is set and an empty text otherwise.
    """
    for name, value in theirs.items():
        if name.startswith("u_custom"):
            continue
        assert name in ours, name
        if shape(value) != shape(ours[name]):
            assert "" in (value, ours[name]), name
    assert {name for name in ours if name not in theirs} <= {
        "u_priority_confirmation",
        "u_symptom",
        "vendor",
    }


async def test_a_created_incident(http: httpx.AsyncClient) -> None:
    answer = (await http.post(TABLE, json={"description": "creating a test ticket"})).json()
    theirs = recorded("create-incident")
    assert answer.keys() == theirs.keys()
    told_alike(theirs["result"], answer["result"])
    for name in ("state", "incident_state", "impact", "urgency", "priority", "sys_mod_count"):
        assert answer["result"][name] == theirs["result"][name], name


@pytest.mark.parametrize("name", ["update-incident", "list-incidents"])
async def test_an_incident_with_references(
    servicenow: ServiceNow, http: httpx.AsyncClient, name: str
) -> None:
    given = {name: servicenow.reference(to, f"{to} 1") for name, to in REFERENCES.items()}
    sys_id = servicenow.create(given)["sys_id"]
    result = recorded(name)["result"]
    theirs = result if isinstance(result, dict) else result[0]
    ours = (await http.patch(f"{TABLE}/{sys_id}", json={"impact": "2"})).json()["result"]
    told_alike(theirs, ours)
    for reference in REFERENCES:
        if theirs[reference]:
            assert shape(ours[reference]) == shape(theirs[reference]), reference


async def test_display_values_beside_values(
    servicenow: ServiceNow, http: httpx.AsyncClient
) -> None:
    change = servicenow.create({"short_description": "Patch"}, table="change_request")
    answer = await http.get(
        f"/api/now/table/change_request/{change['sys_id']}",
        params={"sysparm_display_value": "all", "sysparm_exclude_reference_link": "true"},
    )
    ours = answer.json()["result"]
    theirs = recorded("create-change-request.display-value-all")["result"]
    for name in ("number", "state", "impact", "priority", "requested_by", "sys_updated_on"):
        # The recorded endpoint adds a third form to times, and numbers.
        assert ours[name].keys() == theirs[name].keys() - {"display_value_internal"}, name
        assert isinstance(ours[name]["value"], str)
    assert ours["state"]["display_value"] == theirs["state"]["display_value"] == "New"
    assert ours["impact"]["display_value"] == theirs["impact"]["display_value"] == "3 - Low"


async def test_chosen_fields_and_none_at_all(
    servicenow: ServiceNow, http: httpx.AsyncClient
) -> None:
    asked = {"sysparm_fields": "number,priority,sys_id"}
    assert (await http.get(TABLE, params=asked)).json() == recorded("list-records.empty")
    servicenow.create({})
    answer = (await http.get(TABLE, params=asked)).json()
    assert shape(answer) == shape(recorded("list-records.fields"))


async def test_a_missing_record(http: httpx.AsyncClient) -> None:
    answer = await http.get(f"{TABLE}/{'0' * 32}")
    assert (answer.status_code, answer.json()) == (404, recorded("error-404-no-record"))


async def test_a_token(http: httpx.AsyncClient) -> None:
    form = {
        "grant_type": "client_credentials",
        "client_id": "client",
        "client_secret": "client-secret",
    }
    answer = (await http.post("/oauth_token.do", data=form)).json()
    theirs = recorded("oauth-token")
    assert shape(answer) == shape(theirs)
    assert (answer["expires_in"], answer["scope"]) == (theirs["expires_in"], theirs["scope"])
