import pytest

from adapters.field_map import Mappings
from adapters.jira.client import Jira as Client
from adapters.jira.links import relations
from adapters.jira.maps import MAPPINGS
from domain.inbound import Target
from domain.records import RecordKind, RelationName
from simulators.jira.instance import Jira
from tests.adapters.jira.reading import CHANGE, INCIDENT, REQUEST, only


async def test_an_incident_tells_its_cause_and_a_request_its_incident(
    jira: Jira, client: Client
) -> None:
    incident = jira.create(INCIDENT, {"summary": "Mail is down"})
    change = jira.create(CHANGE, {"summary": "New certificate"})
    request = jira.create(REQUEST, {"summary": "No mail"})
    task = jira.create("Task", {"summary": "Ask the provider"})
    jira.link("Problem/Incident", change["key"], incident["key"])
    jira.link("Problem/Incident", task["key"], incident["key"])
    jira.link("Relates", request["key"], incident["key"])
    jira.link("Relates", request["key"], change["key"])

    assert (await only(client)).relations == {
        RelationName.CAUSED_BY: (Target(kind=RecordKind.CHANGE, external_id=change["id"]),),
        RelationName.FIXED_BY: (),
    }
    assert (await only(client, RecordKind.TICKET)).relations == {
        RelationName.PART_OF: (Target(kind=RecordKind.INCIDENT, external_id=incident["id"]),)
    }
    assert (await only(client, RecordKind.CHANGE)).relations == {}


@pytest.mark.parametrize(
    ("phrase", "name"),
    [
        ("is fixed by", RelationName.FIXED_BY),
        ("Is caused by", RelationName.CAUSED_BY),
        ("is resolved by", RelationName.FIXED_BY),
        ("blocks", None),
        ("causes", None),
    ],
)
def test_the_phrase_of_a_link_says_what_it_is(phrase: str, name: RelationName | None) -> None:
    other = {"id": "10002", "key": "OPS-2", "fields": {"issuetype": {"name": CHANGE}}}
    link = {"type": {"inward": phrase, "outward": "?"}, "inwardIssue": other}

    told = relations(RecordKind.INCIDENT, [link], Mappings(MAPPINGS))

    target = (Target(kind=RecordKind.CHANGE, external_id="10002"),)
    assert {key for key, targets in told.items() if targets == target} == ({name} - {None})


@pytest.mark.parametrize(
    "link",
    [
        None,
        "x",
        {},
        {"type": {"inward": "is caused by"}, "inwardIssue": {"id": "10004L"}},
        {"type": {"inward": "is caused by"}, "inwardIssue": {"id": "1", "fields": None}},
        {"type": None, "outwardIssue": {"id": "1", "fields": {}}},
    ],
)
def test_a_link_that_cannot_be_read_is_none(link: object) -> None:
    told = relations(RecordKind.INCIDENT, [link], Mappings(MAPPINGS))

    assert told == {RelationName.CAUSED_BY: (), RelationName.FIXED_BY: ()}
