"""One incident and what belongs to it."""

from datetime import timedelta

from domain.records import MergeReason
from models.coding import to_milliseconds
from tests import given
from tests.gql.asking import Graph, viewer

BY_NUMBER = "query One($number: String!) { incident(by: {number: $number}) { id title } }"
BY_ID = "query One($id: ID!) { incident(by: {id: $id}) { title } }"


async def test_an_incident_is_found_by_its_number_and_by_the_key_of_any_link(
    graph: Graph,
) -> None:
    incident = await given.incident("it", number="INC7")
    await given.link(incident, await given.integration(), external_key="JIRA-9")
    for number in ("INC7", "JIRA-9"):
        data = await graph.ask(BY_NUMBER, number=number)
        assert data["incident"]["title"] == "it"
    assert (await graph.ask(BY_NUMBER, number="INC8"))["incident"] is None


async def test_a_number_that_several_share_finds_none(graph: Graph) -> None:
    await given.incident(number="INC7")
    await given.incident(number="INC7")
    assert (await graph.ask(BY_NUMBER, number="INC7"))["incident"] is None


async def test_a_deleted_incident_stays_readable_by_id(graph: Graph) -> None:
    await given.incident("gone", number="INC7", deleted_at=given.NOW)
    found = (await graph.ask(BY_NUMBER, number="INC7"))["incident"]
    assert (await graph.ask(BY_ID, id=found["id"]))["incident"]["title"] == "gone"


async def test_an_incident_out_of_scope_reads_as_null_whatever_names_it(graph: Graph) -> None:
    incident = await given.incident("secret", number="INC7")
    await given.link(incident, await given.integration("other"))
    named = (await graph.ask(BY_NUMBER, number="INC7"))["incident"]["id"]

    mine = viewer("mine")
    assert (await graph.ask(BY_NUMBER, actor=mine, number="INC7"))["incident"] is None
    assert (await graph.ask(BY_ID, actor=mine, id=named))["incident"] is None
    node = await graph.ask("query N($id: ID!) { node(id: $id) { id } }", actor=mine, id=named)
    assert node["node"] is None


async def test_history_is_paged_from_the_latest_and_counted(graph: Graph) -> None:
    incident = await given.incident(number="INC7")
    for place in range(5):
        await given.edit(incident, at=given.NOW + timedelta(minutes=place), after=f"v{place}")
    await given.edit(await given.incident())
    query = """
        query H($after: String) {
            incident(by: {number: "INC7"}) {
                history(first: 2, after: $after) {
                    edges { node { after } } pageInfo { hasNextPage endCursor } totalCount
                }
            }
        }
    """
    seen: list[str] = []
    page = {"pageInfo": {"endCursor": None}}
    for _ in range(3):
        after = page["pageInfo"]["endCursor"]
        page = (await graph.ask(query, after=after))["incident"]["history"]
        seen += [edge["node"]["after"] for edge in page["edges"]]
        assert page["totalCount"] == 5
    assert seen == ["v4", "v3", "v2", "v1", "v0"]
    assert not page["pageInfo"]["hasNextPage"]


async def test_a_field_tells_who_gave_its_value_and_a_refused_edit_does_not_count(
    graph: Graph,
) -> None:
    incident = await given.incident("now", number="INC7", extra={"location": "Berlin"})
    await given.edit(incident, after="then", by="ada", version=2)
    last = given.NOW + timedelta(minutes=1)
    await given.edit(incident, after="now", by="bob", version=3, at=last)
    await given.edit(
        incident,
        after="never",
        by="eve",
        version=None,
        at=last + timedelta(minutes=1),
        accepted=False,
        reason=MergeReason.DIRECTION,
    )
    data = await graph.ask(
        '{ incident(by: {number: "INC7"}) { fields { name value version editedAt editedBy } } }'
    )
    fields = {field["name"]: field for field in data["incident"]["fields"]}
    assert fields["title"] == {
        "name": "title",
        "value": "now",
        "version": 0,
        "editedAt": "2026-03-02T13:25:00.000Z",
        "editedBy": "bob",
    }
    assert fields["location"]["value"] == "Berlin"
    assert fields["assignee"]["value"] is None
    assert fields["assignee"]["editedBy"] is None


async def test_a_field_that_both_sides_have_changed_counts_its_versions(graph: Graph) -> None:
    minute = given.NOW + timedelta(minutes=1)
    revised = {"title": [4, to_milliseconds(minute), None, "dana"]}
    incident = await given.incident("now", number="INC7", revisions=revised)
    await given.edit(incident, after="then", by="beth", version=7)
    data = await graph.ask(
        '{ incident(by: {number: "INC7"}) { fields { name version editedAt editedBy } } }'
    )
    assert data["incident"]["fields"][0] == {
        "name": "title",
        "version": 4,
        "editedAt": "2026-03-02T13:25:00.000Z",
        "editedBy": "dana",
    }


async def test_a_page_of_50_with_its_relations_takes_five_statements(
    graph: Graph, statements: list[str]
) -> None:
    integration = await given.integration()
    incidents = [await given.incident() for _ in range(50)]
    for incident in incidents:
        await given.link(incident, integration)
        for place in range(6):
            await given.edit(incident, sequence=place, integration_id=integration.id)
    await given.service("Mail", integration, incidents)
    statements.clear()

    data = await graph.ask(
        """
        { incidents(first: 50) { edges { node {
            title
            links { externalKey integration { key } }
            services { name }
            history(first: 5) { edges { node { after integration { key } } } }
        } } } }
        """
    )

    assert len(statements) == 5
    assert len(data["incidents"]["edges"]) == 50
    node = data["incidents"]["edges"][0]["node"]
    assert node["links"][0]["integration"]["key"] == "prod-snow"
    assert node["services"] == [{"name": "Mail"}]
    assert len(node["history"]["edges"]) == 5


async def test_notes_are_paged_from_the_oldest_and_tell_where_they_come_from(
    graph: Graph,
) -> None:
    # given notes of two integrations and one of ours
    mine, other = await given.integration("mine"), await given.integration("other")
    incident = await given.incident(number="INC7")
    await given.link(incident, mine, external_key="OPS-7")
    await given.link(incident, other)
    minute = timedelta(minutes=1)
    await given.note(incident, "third", created_at=given.NOW + minute)
    await given.note(incident, "first", created_at=given.NOW - minute, integration_id=mine.id)
    await given.note(incident, "second", integration_id=other.id, edited_at=given.NOW)
    await given.note(incident, "gone", deleted_at=given.NOW)
    await given.note(await given.incident(), "elsewhere")
    query = """
        query N($after: String) { incident(by: {number: "INC7"}) {
            notes(first: 2, after: $after) {
                edges { node {
                    author body visibility createdAt editedAt origin { externalKey }
                } }
                pageInfo { hasNextPage endCursor } totalCount
            }
        } }
    """
    page = (await graph.ask(query))["incident"]["notes"]
    rest = (await graph.ask(query, after=page["pageInfo"]["endCursor"]))["incident"]["notes"]
    notes = [edge["node"] for edge in page["edges"] + rest["edges"]]
    assert [note["body"] for note in notes] == ["first", "second", "third"]
    assert (page["totalCount"], rest["pageInfo"]["hasNextPage"]) == (3, False)
    assert notes[0] == {
        "author": "ada",
        "body": "first",
        "visibility": "INTERNAL",
        "createdAt": "2026-03-02T13:23:00.000Z",
        "editedAt": None,
        "origin": {"externalKey": "OPS-7"},
    }
    assert (notes[1]["editedAt"], notes[2]["origin"]) == ("2026-03-02T13:24:00.000Z", None)

    # when somebody reads who may not see the other integration, its note is not there
    seen = (await graph.ask(query, actor=viewer("mine")))["incident"]["notes"]
    assert [edge["node"]["body"] for edge in seen["edges"]] == ["first", "third"]
    assert seen["totalCount"] == 2
