"""The simulator's answers have the shape of those that real sites gave."""

from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from simulators.jira.instance import Jira
from tests.simulators.jira.conftest import API, INCIDENT

RECORDED = Path(__file__).parents[2] / "data" / "jira"
# Of people, what the recordings of 2019 have and the platform has dropped since.
DROPPED = {"name", "key"}
# What a site has that runs other products, or that nothing here reads.
ABSENT = {
    "aggregateprogress",
    "aggregatetimeestimate",
    "aggregatetimeoriginalestimate",
    "aggregatetimespent",
    "attachment",
    "closedSprints",
    "epic",
    "fixVersions",
    "issuerestriction",
    "flagged",
    "lastViewed",
    "progress",
    "security",
    "sprint",
    "subtasks",
    "timeestimate",
    "timeoriginalestimate",
    "timespent",
    "timetracking",
    "versions",
    "votes",
    "watches",
    "worklog",
    "workratio",
}


def recorded(name: str) -> Any:  # noqa: ANN401 — JSON
    return orjson.loads((RECORDED / f"{name}.json").read_bytes())


def told_alike(theirs: Any, ours: Any, path: str = "") -> None:  # noqa: ANN401 — JSON
    """Assert that ours has each key of theirs, with a value of the same type where both are set."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        known = {name for name in theirs if not name.startswith("customfield_")}
        assert known - DROPPED - ABSENT <= ours.keys(), path
        for name in known & ours.keys():
            told_alike(theirs[name], ours[name], f"{path}/{name}")
    elif isinstance(theirs, list) and isinstance(ours, list):
        for value, own in list(zip(theirs, ours, strict=False))[:1]:
            told_alike(value, own, f"{path}[]")
    elif theirs is not None and ours is not None:
        assert type(theirs) is type(ours), path


@pytest.fixture
def busy(jira: Jira) -> None:
    """An incident with a comment, an assignee, a component and a history."""
    account = jira.records.people.person("ann.lee")
    fields = {"summary": "One", "description": "Text", "components": [{"id": "10000"}]}
    jira.create(INCIDENT, fields | {"assignee": {"accountId": account}, "labels": ["a"]})
    jira.comment("OPS-1", "Called", by="ann.lee", public=True)
    jira.transition("OPS-1", "Work in progress", by="ann.lee")
    jira.transition("OPS-1", "Completed", by="ann.lee")


@pytest.mark.usefixtures("busy")
async def test_an_issue_with_its_history(http: httpx.AsyncClient) -> None:
    answer = await http.get("/rest/api/2/issue/OPS-1", params={"expand": "changelog"})
    theirs = recorded("issue-with-changelog")
    # An item of the history goes by the field that changed: its keys are compared below.
    del theirs["changelog"]["histories"][0]["items"]
    told_alike(theirs, answer.json())


@pytest.mark.usefixtures("busy")
async def test_a_history(http: httpx.AsyncClient) -> None:
    ours = (await http.get(f"{API}/issue/OPS-1/changelog")).json()["values"]
    theirs = recorded("changelog")
    assert theirs[0].keys() == ours[0].keys()
    assert theirs[0]["items"][0].keys() == ours[0]["items"][0].keys()
    told_alike(theirs, ours)


async def test_statuses_people_and_organizations(http: httpx.AsyncClient) -> None:
    statuses = recorded("statuses")
    for status in statuses:
        # Shown to administrators alone.
        del status["untranslatedName"]
    told_alike(statuses, (await http.get("/rest/api/2/status")).json())
    person = recorded("user")
    for name in ("groups", "applicationRoles"):
        del person[name]
    told_alike(person, (await http.get(f"{API}/myself")).json())
    ours = (
        await http.get("/rest/servicedeskapi/organization", params={"start": 1, "limit": 1})
    ).json()
    theirs = recorded("organizations")
    del theirs["_links"]["prev"]
    told_alike(theirs, ours)


async def test_a_created_issue(http: httpx.AsyncClient) -> None:
    fields = {"project": {"id": "10000"}, "issuetype": {"id": "10002"}, "summary": "One"}
    ours = (await http.post(f"{API}/issue", json={"fields": fields})).json()
    theirs = recorded("create-issue")
    assert theirs.keys() - {"transition"} == ours.keys()


@pytest.mark.parametrize(
    ("name", "event"),
    [
        ("webhook-issue-created", "jira:issue_created"),
        ("webhook-issue-updated-resolved", "jira:issue_updated"),
        ("webhook-cloud-comment-created", "comment_created"),
        ("webhook-issue-deleted", "jira:issue_deleted"),
    ],
)
async def test_a_webhook(jira: Jira, name: str, event: str, request: pytest.FixtureRequest) -> None:
    jira.webhook.install("http://us/hook")
    request.getfixturevalue("busy")
    jira.delete("OPS-1")
    bodies = [orjson.loads(delivery.body) for delivery in jira.webhook.queue]
    ours = next(body for body in reversed(bodies) if body["webhookEvent"] == event)
    theirs = recorded(name)
    if event == "jira:issue_created":
        # What a new issue begins with is told by the issue itself.
        theirs.pop("changelog", None)
    told_alike(theirs, ours)
