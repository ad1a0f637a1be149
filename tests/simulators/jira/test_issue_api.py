from typing import Any

import httpx
import pytest

from simulators.jira.catalogue import (
    AFFECTED_SERVICES,
    ORGANIZATIONS,
    PLANNED_START,
    RISK,
    SEVERITY,
)
from simulators.jira.instance import Jira
from tests.simulators.conftest import Clock
from tests.simulators.jira.conftest import API, INCIDENT

NEW = {"project": {"key": "OPS"}, "issuetype": {"id": "10002"}, "summary": "Mail is down"}


def doc(*texts: str) -> dict[str, Any]:
    paragraphs = [
        {"type": "paragraph", "content": [{"type": "text", "text": text}]} for text in texts
    ]
    return {"type": "doc", "version": 1, "content": paragraphs}


async def test_a_created_issue_is_where_its_location_says(http: httpx.AsyncClient) -> None:
    fields = NEW | {"description": doc("One", "Two"), "labels": ["wp-1"]}
    answer = await http.post(f"{API}/issue", json={"fields": fields})
    assert answer.status_code == 201
    assert answer.json() == {"id": "10001", "key": "OPS-1", "self": answer.headers["Location"]}
    assert answer.headers["Location"].startswith("https://acme.example.com/proxy/rest/api/3/")
    read = (await http.get(answer.headers["Location"])).json()["fields"]
    assert read["description"] == doc("One", "Two")
    assert (read["status"]["name"], read["priority"]["name"]) == ("Open", "Medium")
    assert read["created"] == "2026-03-02T11:00:00.000+0100"
    plain = (await http.get("/rest/api/2/issue/ops-1")).json()["fields"]
    assert plain["description"] == "One\n\nTwo"


@pytest.mark.parametrize(
    ("fields", "field", "message"),
    [
        ({"summary": " "}, "summary", "You must specify a summary of the issue."),
        ({"summary": None}, "summary", "You must specify a summary of the issue."),
        ({"summary": "a\nb"}, "summary", "The summary is invalid because it contains newline"),
        ({"summary": "a" * 256}, "summary", "Summary can't exceed 255 characters."),
        ({"project": {"key": "NO"}}, "project", "Specify a valid project ID or key"),
        ({"issuetype": {"name": "Epic"}}, "issuetype", "Specify a valid issue type"),
        ({"project": {"key": "DEV"}}, "issuetype", "The issue type '[System] Incident' is not"),
        ({"priority": {"name": "Blocker"}}, "priority", "The priority selected is invalid."),
        ({"labels": ["a b"]}, "labels", "The label 'a b' contains spaces which is invalid."),
        ({"labels": "a"}, "labels", "data was not an array"),
        ({"components": [{"name": "No"}]}, "components", "Component name 'No' is not valid"),
        ({"assignee": {"accountId": "no"}}, "assignee", "User 'no' cannot be assigned issues."),
        ({"description": "text"}, "description", "Operation value must be an Atlassian Document"),
        ({PLANNED_START: "soon"}, PLANNED_START, "Error parsing date string: soon"),
        ({"duedate": "1.2.2026"}, "duedate", "Error parsing date string"),
        ({SEVERITY: {"value": "Sev-9"}}, SEVERITY, "Specify a valid 'id' or 'name'"),
        ({"status": {"id": "3"}}, "status", "Field 'status' cannot be set. It is not on the"),
        ({"colour": "red"}, "colour", "Field 'colour' cannot be set. It is not on the"),
    ],
)
async def test_what_cannot_be_created_is_explained_by_field(
    http: httpx.AsyncClient, fields: dict[str, object], field: str, message: str
) -> None:
    answer = await http.post(f"{API}/issue", json={"fields": NEW | fields})
    assert answer.status_code == 400
    errors = answer.json()["errors"]
    assert list(errors) == [field]
    assert errors[field].startswith(message)


async def test_all_that_is_missing_is_told_at_once(http: httpx.AsyncClient) -> None:
    answer = await http.post(f"{API}/issue", json={"fields": {}})
    assert answer.json()["errors"].keys() == {"project", "issuetype", "summary"}
    assert (await http.post(f"{API}/issue", content=b"{")).status_code == 400


async def test_custom_fields_are_written_and_shown(http: httpx.AsyncClient) -> None:
    fields = NEW | {
        SEVERITY: {"value": "Sev-2"},
        RISK: {"id": "10011"},
        AFFECTED_SERVICES: [{"id": "ari:cloud:graph::service/api"}],
        PLANNED_START: "2026-06-01T08:00:00.000+0000",
        ORGANIZATIONS: [2],
    }
    await http.post(f"{API}/issue", json={"fields": fields})
    shown = (await http.get(f"{API}/issue/OPS-1")).json()["fields"]
    assert (shown[SEVERITY]["value"], shown[RISK]["value"]) == ("Sev-2", "High")
    assert shown[AFFECTED_SERVICES] == [
        {"id": "ari:cloud:graph::service/api", "name": "Public API"},
    ]
    assert shown[PLANNED_START] == "2026-06-01T10:00:00.000+0200"
    assert shown[ORGANIZATIONS][0]["name"] == "Birch Insurance"


async def test_an_edit_is_empty_or_the_issue_and_keeps_a_history(
    jira: Jira, http: httpx.AsyncClient, clock: Clock
) -> None:
    jira.create(INCIDENT, {"summary": "Old", "labels": ["a", "b"]})
    clock.move(milliseconds=1_250)
    body = {"fields": {"summary": "New"}, "update": {"labels": [{"add": "c"}, {"remove": "a"}]}}
    answer = await http.put(f"{API}/issue/OPS-1", json=body)
    assert (answer.status_code, answer.content) == (204, b"")
    # An edit that changes nothing leaves no trace.
    clock.move(minutes=1)
    shown = await http.put(f"{API}/issue/OPS-1", params={"returnIssue": "true"}, json=body)
    fields = shown.json()["fields"]
    assert (fields["summary"], fields["labels"]) == ("New", ["b", "c"])
    assert fields["updated"] == "2026-03-02T11:00:01.250+0100"
    (history,) = (await http.get(f"{API}/issue/OPS-1/changelog")).json()["values"]
    assert history["items"] == [
        {
            "field": "summary",
            "fieldtype": "jira",
            "fieldId": "summary",
            "from": None,
            "fromString": "Old",
            "to": None,
            "toString": "New",
        },
        {
            "field": "labels",
            "fieldtype": "jira",
            "fieldId": "labels",
            "from": None,
            "fromString": "a b",
            "to": None,
            "toString": "b c",
        },
    ]


async def test_a_field_taken_off_the_screen_is_refused(jira: Jira, http: httpx.AsyncClient) -> None:
    jira.create(INCIDENT, {"summary": "One"})
    body = {"fields": {"priority": {"id": "1"}}}
    jira.switches.off_screen = {"priority"}
    answer = await http.put(f"{API}/issue/OPS-1", json=body)
    assert answer.status_code == 400
    assert answer.json()["errors"] == {
        "priority": "Field 'priority' cannot be set. It is not on the appropriate screen, or"
        " unknown.",
    }
    assert "priority" not in (await http.get(f"{API}/issue/OPS-1/editmeta")).json()["fields"]
    jira.switches.off_screen = set()
    assert (await http.put(f"{API}/issue/OPS-1", json=body)).status_code == 204


async def test_an_assignee_is_set_and_cleared(jira: Jira, http: httpx.AsyncClient) -> None:
    jira.create(INCIDENT, {"summary": "One"}, by="ann.lee")
    (ann,) = (await http.get(f"{API}/user/search", params={"query": "ann"})).json()
    place = f"{API}/issue/OPS-1/assignee"
    await http.put(place, json={"accountId": ann["accountId"]})
    assert jira.issue("OPS-1")["fields"]["assignee"]["displayName"] == "Ann Lee"
    await http.put(place, json={"accountId": None})
    assert jira.issue("OPS-1")["fields"]["assignee"] is None
    jira.records.people.deactivate("ann.lee")
    gone = await http.put(place, json={"accountId": ann["accountId"]})
    assert gone.status_code == 400


async def test_a_deleted_issue_is_gone(jira: Jira, http: httpx.AsyncClient) -> None:
    jira.create(INCIDENT, {"summary": "One"})
    assert (await http.delete(f"{API}/issue/OPS-1")).status_code == 204
    answer = await http.get(f"{API}/issue/OPS-1")
    assert answer.status_code == 404
    assert answer.json() == {
        "errorMessages": ["Issue does not exist or you do not have permission to see it."],
        "errors": {},
    }
    # Its number is not given again.
    assert jira.create(INCIDENT, {"summary": "Two"})["key"] == "OPS-2"


async def test_operations_are_carried_out_in_their_order(
    jira: Jira, http: httpx.AsyncClient
) -> None:
    jira.create(INCIDENT, {"summary": "One", "labels": ["a"]})
    update = {
        "labels": [{"set": ["b"]}, {"add": "c"}, {"add": "c"}],
        "components": [{"add": {"name": "Payments"}}],
        "comment": [{"add": {"body": doc("Called")}}],
    }
    place = f"{API}/issue/OPS-1"
    assert (await http.put(place, json={"update": update})).status_code == 204
    fields = jira.issue("OPS-1")["fields"]
    assert (fields["labels"], fields["components"][0]["name"]) == (["b", "c"], "Payments")
    assert fields["comment"]["comments"][0]["body"] == "Called"
    for wrong in (
        {"summary": [{"add": "x"}]},
        {"labels": [{"multiply": 2}]},
        {"labels": "x"},
        {"comment": [{"add": {"body": "Called"}}]},
    ):
        assert (await http.put(place, json={"update": wrong})).status_code == 400
    assert (await http.put(place, json={"fields": []})).status_code == 204
    assert (await http.put(place, json={"fields": "x"})).status_code == 400


async def test_the_second_version_writes_text(jira: Jira, http: httpx.AsyncClient) -> None:
    jira.create(INCIDENT, {"summary": "One"})
    place = "/rest/api/2/issue/OPS-1"
    body = {"fields": {"description": "One\n\nTwo"}}
    assert (await http.put(place, json=body)).status_code == 204
    assert (await http.get(f"{API}/issue/OPS-1")).json()["fields"]["description"] == doc(
        "One", "Two"
    )
    assert (await http.put(place, json={"fields": {"description": doc("x")}})).status_code == 400
    assert (await http.post(f"{place}/comment", json={"body": " "})).status_code == 400


async def test_a_document_is_told_as_the_text_it_shows(jira: Jira, http: httpx.AsyncClient) -> None:
    def text(value: str) -> dict[str, Any]:
        return {"type": "text", "text": value}

    content = [
        {"type": "heading", "attrs": {"level": 1}, "content": [text("Steps")]},
        {
            "type": "bulletList",
            "content": [
                {"type": "listItem", "content": [{"type": "paragraph", "content": [text(item)]}]}
                for item in ("one", "two")
            ],
        },
        {
            "type": "paragraph",
            "content": [
                text("Ask "),
                {"type": "mention", "attrs": {"id": "1", "text": "@Ann"}},
                {"type": "hardBreak"},
                {"type": "inlineCard", "attrs": {"url": "https://us.example.com"}},
            ],
        },
    ]
    document = {"type": "doc", "version": 1, "content": content}
    jira.create(INCIDENT, {"summary": "One", "description": document})
    shown = (await http.get(f"{API}/issue/OPS-1")).json()["fields"]["description"]
    assert shown == document
    plain = jira.issue("OPS-1")["fields"]["description"]
    assert plain == "Steps\n\none\ntwo\n\nAsk @Ann\nhttps://us.example.com"
