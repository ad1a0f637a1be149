import httpx

from simulators.jira.instance import Jira
from tests.simulators.conftest import Clock
from tests.simulators.jira.conftest import API, CHANGE, INCIDENT
from tests.simulators.jira.test_issue_api import doc


async def test_a_comment_raises_updated_and_has_both_forms(
    jira: Jira, http: httpx.AsyncClient, clock: Clock
) -> None:
    jira.create(INCIDENT, {"summary": "One"})
    clock.move(seconds=5)
    made = await http.post(f"{API}/issue/OPS-1/comment", json={"body": doc("Called")})
    assert made.status_code == 201
    assert (made.json()["body"], made.json()["jsdPublic"]) == (doc("Called"), True)
    assert jira.issue("OPS-1")["fields"]["updated"] == "2026-03-02T11:00:05.000+0100"
    plain = (await http.get(f"/rest/api/2/issue/OPS-1/comment/{made.json()['id']}")).json()
    assert plain["body"] == "Called"
    wrong = await http.post(f"{API}/issue/OPS-1/comment", json={"body": "Called"})
    assert wrong.status_code == 400


async def test_a_comment_is_marked_as_internal(http: httpx.AsyncClient, jira: Jira) -> None:
    jira.create(INCIDENT, {"summary": "One"})
    mark = {"key": "sd.public.comment", "value": {"internal": True}}
    body = {"body": doc("Secret"), "properties": [mark]}
    made = await http.post(f"{API}/issue/OPS-1/comment", json=body)
    assert made.json()["jsdPublic"] is False


async def test_comments_are_edited_listed_and_deleted(
    jira: Jira, http: httpx.AsyncClient, clock: Clock
) -> None:
    jira.create(INCIDENT, {"summary": "One"})
    first, second = jira.comment("OPS-1", "First"), jira.comment("OPS-1", "Second", by="ann.lee")
    clock.move(seconds=1)
    place = f"{API}/issue/OPS-1/comment"
    edited = (await http.put(f"{place}/{second}", json={"body": doc("Better")})).json()
    assert edited["author"]["displayName"] == "Ann Lee"
    assert edited["updateAuthor"]["displayName"] == "Admin"
    assert edited["created"] < edited["updated"]
    listed = (await http.get(place, params={"orderBy": "-created", "maxResults": 1})).json()
    assert ([one["id"] for one in listed["comments"]], listed["total"]) == ([str(second)], 2)
    assert (await http.delete(f"{place}/{first}")).status_code == 204
    assert (await http.get(f"{place}/{first}")).status_code == 404
    assert (await http.get(place)).json()["total"] == 1


async def test_a_link_has_a_name_from_either_end(jira: Jira, http: httpx.AsyncClient) -> None:
    jira.create(INCIDENT, {"summary": "Mail is down"})
    jira.create(CHANGE, {"summary": "Restart"})
    body = {
        "type": {"name": "Problem/Incident"},
        "inwardIssue": {"key": "OPS-2"},
        "outwardIssue": {"key": "OPS-1"},
    }
    assert (await http.post(f"{API}/issueLink", json=body)).status_code == 201
    (link,) = (await http.get(f"{API}/issue/OPS-1")).json()["fields"]["issuelinks"]
    assert (link["inwardIssue"]["key"], link["type"]["inward"]) == ("OPS-2", "is caused by")
    (link,) = (await http.get(f"{API}/issue/OPS-2")).json()["fields"]["issuelinks"]
    assert (link["outwardIssue"]["key"], link["type"]["outward"]) == ("OPS-1", "causes")
    # Made twice, it is there once.
    await http.post(f"{API}/issueLink", json=body)
    assert len(jira.issue("OPS-1")["fields"]["issuelinks"]) == 1
    (history, _) = (await http.get(f"{API}/issue/OPS-2/changelog")).json()["values"]
    assert history["items"][0]["toString"] == "This issue causes OPS-1"
    assert (await http.delete(f"{API}/issueLink/{link['id']}")).status_code == 204
    assert jira.issue("OPS-1")["fields"]["issuelinks"] == []
    assert (await http.get(f"{API}/issueLink/{link['id']}")).status_code == 404


async def test_a_link_needs_a_known_type_and_both_ends(jira: Jira, http: httpx.AsyncClient) -> None:
    jira.create(INCIDENT, {"summary": "One"})
    here, nowhere = {"key": "OPS-1"}, {"key": "OPS-9"}
    for body in (
        {"type": {"name": "Blocks"}, "inwardIssue": here, "outwardIssue": nowhere},
        {"type": {"name": "Eats"}, "inwardIssue": here, "outwardIssue": here},
    ):
        assert (await http.post(f"{API}/issueLink", json=body)).status_code == 404


async def test_a_page_elsewhere_is_linked_once(jira: Jira, http: httpx.AsyncClient) -> None:
    jira.create(INCIDENT, {"summary": "One"})
    place = f"{API}/issue/OPS-1/remotelink"
    body = {"globalId": "wp=1", "object": {"url": "https://us.example.com/1", "title": "One"}}
    assert (await http.post(place, json=body)).status_code == 201
    assert (await http.post(place, json=body)).status_code == 200
    (link,) = (await http.get(place)).json()
    assert link["object"]["title"] == "One"
    assert (await http.post(place, json={"object": {}})).status_code == 400
