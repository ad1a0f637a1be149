"""Why a field has its value, over histories of both sides."""

from datetime import timedelta
from typing import Final

from domain.exchange import ConflictStrategy
from domain.records import MergeReason
from models.tables.integration import IntegrationRow
from models.tables.outbox import OutboxRow
from simulators.misfortune import Fault, Kind
from tests import given
from tests.gql.asking import Graph, viewer
from tests.gql.explain.conftest import EXPLAIN, Told

WHY: Final = """
    query Why($f: String!) { incident(by: {number: "INC7"}) { explain(field: $f) { field } } }
"""
# What a simulator's Date is taken to hide of its clock: half a second (rule T5).
HIDDEN: Final = timedelta(milliseconds=500)


async def test_a_clash_is_explained_with_its_edits_owner_sides_and_conflict(told: Told) -> None:
    # given an edit of ours, and one of the vendor's 3 s later that had not seen it
    first = (await told.why("title"))["sentence"]
    assert first == "title is `a`: it has not changed since the first copy from prod-snow."
    await told.pair.edit(title="p")
    edited = told.pair.world.clock.now()
    told.there("x", after=3)
    await told.pull()

    explained = await told.why("title")
    theirs = edited + timedelta(seconds=3) - HIDDEN
    assert explained["sentence"] == (
        f"title is `x`: prod-snow set it at {theirs:%H:%M:%S}, 2.5 s after ada set `p`; "
        "within 5 s last-write-wins took the later one although the platform owns title."
    )
    assert (explained["value"], explained["version"]) == ("x", 2)
    assert (explained["rule"], explained["owner"]) == ("SIMULTANEOUS", "PLATFORM")
    assert explained["ownedBy"] is None
    assert [edit["after"] for edit in explained["edits"]] == ["x", "p"]
    assert explained["edits"][0]["integration"] == {"key": "prod-snow"}
    assert explained["edits"][0]["warning"] == "OWNER_OVERRIDDEN"
    assert explained["conflict"] == {"number": 1, "status": "RESOLVED_EXTERNAL"}
    (side,) = explained["sides"]
    assert side == {
        "link": {"externalKey": told.pair.number},
        "value": "x",
        "seenVersion": 0,
        "equal": True,
        "acceptedDivergence": False,
    }


async def test_a_write_that_waits_is_told_with_its_attempt_and_time(told: Told) -> None:
    told.pair.world.servicenow.misfortunes.push(
        Fault(kind=Kind.ERROR, status=503, method="PATCH", times=None)
    )
    await told.pair.edit(title="p")
    at = told.pair.world.clock.now()
    first = await told.why("title")
    assert first["nextAction"] == f"write to prod-snow, attempt 1 at {at:%H:%M:%S}"
    assert first["sides"][0]["equal"] is False
    await told.pair.push()
    again = at + timedelta(seconds=30)
    assert (await told.why("title"))["nextAction"] == (
        f"write to prod-snow, attempt 2 at {again:%H:%M:%S}"
    )

    # when the vendor refuses our sign-in, a person has to do something
    await IntegrationRow.all().update(state="PARKED")
    assert (await told.why("title"))["nextAction"] == (
        "write to prod-snow, as soon as a person lets it work again"
    )

    # and a dead letter waits for a person too
    await OutboxRow.all().update(state="DEAD", number=456)
    assert (await told.why("title"))["nextAction"] == "waits for a person: entry-456"
    # while other fields have nothing to wait for
    assert (await told.why("severity"))["nextAction"] is None


async def test_what_was_sent_is_seen_there(told: Told) -> None:
    await told.pair.edit(title="p")
    await told.pair.push()
    await told.pull()
    explained = await told.why("title")
    assert explained["nextAction"] is None
    (side,) = explained["sides"]
    assert (side["value"], side["seenVersion"], side["equal"]) == ("p", 1, True)


async def test_an_open_conflict_waits_for_a_person(told: Told) -> None:
    await IntegrationRow.all().update(conflict_strategy=ConflictStrategy.MANUAL_REVIEW)
    await told.pair.edit(title="p")
    told.there("x", after=3)
    await told.pull()
    explained = await told.why("title")
    assert explained["value"] == "p"
    assert explained["sentence"].endswith(
        "2.5 s before prod-snow set `x`; conflict-1 waits for a person."
    )
    assert explained["nextAction"] == "waits for a person: conflict-1"
    assert explained["conflict"] == {"number": 1, "status": "OPEN"}
    assert explained["sides"][0]["equal"] is False


async def test_an_edit_of_a_field_that_the_vendor_owns_says_that_it_is_not_sent(
    told: Told,
) -> None:
    await told.pair.edit(assignee="kim")
    explained = await told.why("assigned_to")
    assert (explained["field"], explained["owner"]) == ("assignee", "EXTERNAL")
    assert explained["ownedBy"] == {"key": "prod-snow"}
    assert explained["sentence"].endswith(
        "it is not sent to prod-snow, which owns assignee: its next value wins."
    )


async def test_a_field_that_the_platform_keeps_says_what_it_refused(told: Told) -> None:
    await told.pair.edit(title="p")
    await told.pair.push()
    told.there("x", after=60)
    await told.pull()
    explained = await told.why("title")
    assert (explained["value"], explained["rule"]) == ("p", "OWNER_PLATFORM")
    assert explained["sentence"].endswith(", but the platform owns title.")
    assert explained["edits"][0]["accepted"] is False
    assert explained["sides"][0] | {"link": None} == {
        "link": None,
        "value": "x",
        "seenVersion": 1,
        "equal": False,
        "acceptedDivergence": False,
    }


async def test_an_unknown_field_is_refused_with_the_names_of_those_that_there_are(
    graph: Graph,
) -> None:
    await given.incident(number="INC7", extra={"location": "Berlin"})
    assert await graph.code(WHY, f="sevrity") == "BAD_INPUT"
    (error,) = (await graph.answer(WHY, f="sevrity"))["errors"]
    assert 'no field "sevrity"; there are title, description, status' in error["message"]
    assert "location" in error["message"]
    assert (await graph.ask(WHY, f="location"))["incident"]["explain"]["field"] == "location"


async def test_what_is_out_of_scope_is_not_named(graph: Graph) -> None:
    # given an incident of two vendors, of whom one is out of sight
    mine, other = await given.integration("mine"), await given.integration("other")
    incident = await given.incident(number="INC7")
    await given.link(incident, other, base={"title": "theirs"})
    await given.link(incident, mine, base={"title": "It is broken"})
    await given.edit(incident, integration_id=other.id, after="It is broken")

    data = await graph.ask(EXPLAIN, actor=viewer("mine"), number="INC7", field="title")
    explained = data["incident"]["explain"]
    assert "another integration set it at" in explained["sentence"]
    assert "other" not in explained["sentence"].replace("another", "")
    assert explained["edits"][0]["integration"] is None
    assert [side["value"] for side in explained["sides"]] == ["It is broken"]
    whole = (await graph.ask(EXPLAIN, number="INC7", field="title"))["incident"]["explain"]
    assert "other set it at" in whole["sentence"]
    assert [side["equal"] for side in whole["sides"]] == [False, True]


async def test_an_explanation_is_as_out_of_sight_as_its_incident(graph: Graph) -> None:
    incident = await given.incident(number="INC7")
    await given.link(incident, await given.integration("other"))
    data = await graph.ask(EXPLAIN, actor=viewer("mine"), number="INC7", field="title")
    assert data["incident"] is None


async def test_the_last_twenty_edits_are_told_and_the_value_by_an_older_one(graph: Graph) -> None:
    integration = await given.integration()
    incident = await given.incident("kept", number="INC7")
    await given.edit(
        incident, after="kept", by="ada", reason=MergeReason.LOCAL_EDIT, at=given.NOW, version=2
    )
    for place in range(1, 26):
        await given.edit(
            incident,
            integration_id=integration.id,
            after=f"x{place}",
            version=None,
            accepted=False,
            reason=MergeReason.OWNER_PLATFORM,
            at=given.NOW + timedelta(seconds=place),
        )
    data = await graph.ask(EXPLAIN, number="INC7", field="title")
    explained = data["incident"]["explain"]
    assert [edit["after"] for edit in explained["edits"]] == [f"x{n}" for n in range(25, 5, -1)]
    assert explained["sentence"] == (
        "title is `kept`: ada set it at 13:24:00; prod-snow set `x25` at 13:24:25, "
        "but the platform owned title."
    )


async def test_a_page_of_explanations_takes_as_many_statements_as_one(
    graph: Graph, statements: list[str]
) -> None:
    integration = await given.integration()
    for _ in range(20):
        incident = await given.incident()
        await given.link(incident, integration, base={"title": "It is broken"})
        await given.edit(incident, integration_id=integration.id)
    query = """
        query($n: Int!) { incidents(first: $n) { edges { node {
            explain(field: "title") { sentence sides { equal link { externalKey } } }
        } } } }
    """

    async def taken(count: int) -> int:
        statements.clear()
        data = await graph.ask(query, n=count)
        assert len(data["incidents"]["edges"]) == count
        return len(statements)

    assert await taken(1) == await taken(20) == 10
