"""An independent client library, unchanged, against a site on a port."""

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from jira import JIRA, JIRAError

# The library's annotations contradict what it takes and returns.
Client = Any
Issue = Any


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with subprocess.Popen(
        [sys.executable, "-m", "simulators", "jira", "--die-with-stdin"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        said = orjson.loads(process.stdout.readline())
        client: Client = JIRA(said["url"], basic_auth=(said["email"], said["token"]), max_retries=0)
        yield client
        client.close()
        process.kill()


@pytest.fixture
def incident(client: Client) -> Issue:
    return client.create_issue(
        project="OPS",
        summary="Mail is down",
        description="Two\nlines",
        issuetype={"name": "[System] Incident"},
        priority={"name": "High"},
        labels=["mail"],
    )


def test_it_finds_out_that_the_site_is_in_the_cloud(client: Client) -> None:
    assert client._is_cloud
    assert client.server_info()["deploymentType"] == "Cloud"
    assert client.myself()["emailAddress"] == "admin@example.com"


def test_it_creates_and_edits(client: Client, incident: Issue) -> None:
    assert incident.fields.description == "Two\nlines"
    incident.update(summary="Mail is slow")
    incident.add_field_value("labels", "slow")
    read = client.issue(incident.key)
    assert (read.fields.summary, read.fields.labels) == ("Mail is slow", ["mail", "slow"])
    client.assign_issue(incident, "admin@example.com")
    assert client.issue(incident.key).fields.assignee.displayName == "Admin"


def test_it_walks_all_pages_of_a_search(client: Client) -> None:
    made = [
        client.create_issue(
            project="OPS", summary=f"Number {number}", issuetype={"id": "10003"}, labels=["walk"]
        )
        for number in range(5)
    ]
    jql = "labels = walk ORDER BY key"
    first = client.enhanced_search_issues(jql, maxResults=2)
    assert [issue.key for issue in first] == [issue.key for issue in made[:2]]
    rest = client.enhanced_search_issues(jql, maxResults=3, nextPageToken=first.nextPageToken)
    assert [issue.key for issue in rest] == [issue.key for issue in made[2:]]
    every = client.enhanced_search_issues(jql, maxResults=False, fields="summary")
    assert [issue.fields.summary for issue in every][-1] == "Number 4"
    assert client.approximate_issue_count(jql) == 5


def test_it_moves_an_incident_to_its_end(client: Client, incident: Issue) -> None:
    assert client.find_transitionid_by_name(incident, "Investigate") == "11"
    client.transition_issue(incident, "Investigate")
    with pytest.raises(JIRAError, match=r"Resolution is required\."):
        client.transition_issue(incident, "Resolve")
    client.transition_issue(incident, "Resolve", resolution={"name": "Done"}, comment="Restarted")
    read = client.issue(incident.key, expand="changelog")
    assert (read.fields.status.name, read.fields.resolution.name) == ("Completed", "Done")
    assert read.fields.comment.comments[0].body == "Restarted"
    changed = {item.field for history in read.changelog.histories for item in history.items}
    assert changed == {"status", "resolution"}


def test_it_comments(client: Client, incident: Issue) -> None:
    comment = client.add_comment(incident, "Called")
    comment.update(body="Called twice")
    assert [one.body for one in client.comments(incident)] == ["Called twice"]
    comment.delete()
    assert client.comments(incident) == []


def test_it_links(client: Client, incident: Issue) -> None:
    change = client.create_issue(project="OPS", summary="Restart", issuetype={"id": "10003"})
    client.create_issue_link("Problem/Incident", change.key, incident.key)
    (link,) = client.issue(incident.key).fields.issuelinks
    assert (link.inwardIssue.key, link.type.inward) == (change.key, "is caused by")
    client.add_simple_link(incident, {"url": "https://us.example.com/1", "title": "One"})
    assert len(client.remote_links(incident)) == 1


def test_it_reads_what_the_site_is_made_of(client: Client) -> None:
    assert [project.key for project in client.projects()] == ["OPS", "DEV"]
    assert client.priorities()[0].name == "Highest"
    assert len(client.issue_types()) == 4
    assert client.project_components("OPS")[0].name == "Web Shop"
    assert [desk.projectName for desk in client.service_desks()] == ["Operations"]


def test_it_meets_the_sites_errors(client: Client, incident: Issue) -> None:
    incident.delete()
    with pytest.raises(JIRAError) as met:
        client.issue(incident.key)
    assert met.value.status_code == 404
    assert met.value.text == "Issue does not exist or you do not have permission to see it."
