"""What is read before a write, what is left out of it, and what the vendor makes of it."""

from datetime import timedelta

from starlette.requests import Request

from domain.exchange import ConflictStrategy
from models.coding import loads
from models.reads.statement import rows
from models.tables.incident import IncidentLinkRow
from models.tables.integration import IntegrationRow
from simulators.misfortune import Fault, Kind
from tests.operations.push.pair import Pair


def looks(pair: Pair) -> int:
    """Return how often the record was read by its id."""
    return pair.world.servicenow.served["GET /api/now/table/incident"]


async def accepted(pair: Pair, field: str) -> list[tuple[str, str]]:
    """Return the edits of a field that were accepted: where they came from, and why."""
    found = await rows(
        """
        SELECT source, reason FROM edit WHERE incident_id = $1 AND field = $2 AND accepted
        ORDER BY id
        """,
        (await pair.ours())["id"],
        field,
    )
    return [(row["source"], row["reason"]) for row in found]


async def test_a_field_of_the_platforms_is_written_without_a_look(pair: Pair) -> None:
    before = looks(pair)
    await pair.edit(title="p")
    assert await pair.push() == 1
    assert looks(pair) == before


async def test_any_other_is_read_and_merged_first(pair: Pair) -> None:
    # given a shared field that somebody there edits later than we, and nobody tells
    before = looks(pair)
    await pair.edit(status="ON_HOLD")
    pair.world.clock.move(seconds=3)
    pair.world.servicenow.edit(pair.number, {"state": "2"})

    # when it is to be written
    assert await pair.push() == 0

    # then the look finds the conflict, and the last write wins without a write
    assert looks(pair) > before
    (conflict,) = await rows("SELECT * FROM conflict")
    assert (conflict["status"], conflict["external_value"]) == (
        "RESOLVED_EXTERNAL",
        '"IN_PROGRESS"',
    )
    assert (await pair.ours())["status"] == "IN_PROGRESS"
    assert pair.theirs["state"] == "2"
    assert pair.patches() == 0


async def test_c20_a_later_edit_there_that_our_write_hid_wins_and_is_put_back(
    at_jira: Pair,
) -> None:
    # given somebody there who edits between the look and our write
    world, site = at_jira.world, at_jira.world.jira
    assert site is not None
    await at_jira.edit(title="p")
    world.clock.move(seconds=2)

    def edit(request: Request) -> None:
        if request.method == "PUT":
            site.hooks.before_request = None
            site.edit(at_jira.number, {"summary": "x"})
            world.clock.move(seconds=4)

    site.hooks.before_request = edit
    assert await at_jira.push() == 1
    assert at_jira.issue["summary"] == "p"

    # when the history tells of it
    world.clock.move(seconds=5)
    await world.sync()

    # then the conflict that nobody saw is kept, and the last write stands on both sides
    (conflict,) = await rows("SELECT * FROM conflict")
    assert (conflict["kind"], conflict["status"]) == ("SIMULTANEOUS", "RESOLVED_EXTERNAL")
    assert (conflict["platform_value"], conflict["external_value"]) == ('"p"', '"x"')
    assert (await at_jira.ours())["title"] == "x"
    assert await at_jira.push() == 1
    assert at_jira.issue["summary"] == "x"
    world.clock.move(seconds=5)
    await world.sync()
    assert await at_jira.push() == 0


async def test_a_field_whose_conflict_opens_at_the_look_is_left_out(pair: Pair) -> None:
    await IntegrationRow.all().update(conflict_strategy=ConflictStrategy.MANUAL_REVIEW)
    await pair.edit(status="ON_HOLD", title="p")
    pair.world.clock.move(seconds=3)
    pair.world.servicenow.edit(pair.number, {"state": "2"})
    assert await pair.push() == 1
    assert (pair.theirs["state"], pair.theirs["short_description"]) == ("2", "p")
    (conflict,) = await rows("SELECT field, status FROM conflict")
    assert (conflict["field"], conflict["status"]) == ("status", "OPEN")


async def test_what_the_vendor_holds_already_is_not_written(pair: Pair) -> None:
    await pair.edit(status="IN_PROGRESS")
    pair.world.clock.move(seconds=3)
    pair.world.servicenow.edit(pair.number, {"state": "2"})
    assert await pair.push() == 0
    (write,) = await pair.writes()
    assert (write["state"], write["code"]) == ("DROPPED", "SKIPPED_EQUAL")
    assert pair.patches() == 0


async def test_m14_the_vendors_form_of_a_shared_value_becomes_ours(at_jira: Pair) -> None:
    # given a title that the site takes without the blanks before it
    await at_jira.edit(title="  p")
    assert await at_jira.push() == 1
    assert (await at_jira.ours())["title"] == at_jira.issue["summary"] == "p"
    told = [("PERSON", "LOCAL_EDIT"), ("PULL", "VENDOR_TRANSFORMED")]
    assert await accepted(at_jira, "title") == told

    # then nothing goes round
    at_jira.world.clock.move(seconds=30)
    await at_jira.world.sync()
    assert await at_jira.push() == 0
    assert await accepted(at_jira, "title") == told


async def test_m14_of_a_value_of_the_platforms_both_keep_their_form(pair: Pair) -> None:
    # given a vendor that takes a write, and drops the text of it
    pair.world.servicenow.switches.read_only_fields = {"description"}
    await pair.edit(description="what is known")
    assert await pair.push() == 1

    # then it is not sent again
    pair.world.clock.move(seconds=30)
    await pair.world.sync()
    assert await pair.push() == 0
    assert (await pair.ours())["description"] == "what is known"
    assert pair.theirs["description"] == ""
    assert await accepted(pair, "description") == [("PERSON", "LOCAL_EDIT")]
    (edit,) = await rows("SELECT accepted FROM edit WHERE reason = 'OWNER_PLATFORM'")
    assert not edit["accepted"]


async def test_k1_labels_of_both_sides_are_united_without_a_conflict(at_jira: Pair) -> None:
    world = at_jira.world
    assert world.jira is not None
    world.jira.edit(at_jira.number, {"labels": ["old", "mail"]})
    world.clock.move(seconds=5)
    await world.sync()

    # when each side adds one, and takes another out
    await at_jira.edit(labels=["db", "mail"])
    world.clock.move(seconds=1)
    world.jira.edit(at_jira.number, {"labels": ["old", "net"]})
    world.clock.move(seconds=5)
    await world.sync()
    await at_jira.push()

    # then both have what was added, and nobody has what was taken out
    world.clock.move(seconds=5)
    await world.sync()
    assert sorted(at_jira.issue["labels"]) == ["db", "net"]
    assert sorted(loads((await at_jira.ours())["labels"])) == ["db", "net"]
    assert await rows("SELECT id FROM conflict") == []


async def test_k3_a_status_is_walked_to_and_the_steps_are_no_edits(at_jira: Pair) -> None:
    await at_jira.edit(status="CLOSED")
    assert await at_jira.push() == 1
    assert at_jira.issue["status"]["name"] == "Closed"
    at_jira.world.clock.move(seconds=30)
    await at_jira.world.sync()
    assert (await at_jira.ours())["status"] == "CLOSED"
    assert await accepted(at_jira, "status") == [("PERSON", "LOCAL_EDIT")]
    assert await rows("SELECT id FROM conflict") == []
    assert await at_jira.push() == 0


async def test_k3_a_status_out_of_reach_is_a_dead_letter(at_jira: Pair) -> None:
    assert at_jira.world.jira is not None
    at_jira.world.jira.switches.closed_transitions = {"11", "41"}
    await at_jira.edit(status="RESOLVED", title="p")
    await at_jira.push()
    await at_jira.push()
    dead = [write for write in await at_jira.writes() if write["state"] == "DEAD"]
    assert [(write["code"], write["number"]) for write in dead] == [("TRANSITION_REFUSED", 1)]
    assert dead[0]["error"]
    assert at_jira.issue["summary"] == "p"


async def test_what_arrived_before_a_status_was_refused_is_no_edit_when_it_is_told(
    at_jira: Pair,
) -> None:
    # given a title that has arrived, with a status that was refused
    assert at_jira.world.jira is not None
    at_jira.world.jira.switches.closed_transitions = {"11", "41"}
    await at_jira.edit(status="RESOLVED", title="p")
    await at_jira.push()
    first, *_ = await at_jira.writes()
    assert (first["state"], first["fields"]) == ("DEAD", ["status"])

    # when the vendor tells of it after a further edit here
    await at_jira.edit(title="q")
    at_jira.world.clock.move(minutes=3)
    await at_jira.world.sync()

    # then nobody there has edited anything
    assert await accepted(at_jira, "title") == [("PERSON", "LOCAL_EDIT")] * 2
    assert await rows("SELECT id FROM conflict") == []


async def test_m4_the_echo_of_a_write_whose_answer_was_lost_is_no_edit(pair: Pair) -> None:
    # given a write whose answer was lost, and a later one that arrives
    pair.world.servicenow.misfortunes.push(Fault(kind=Kind.LOST, method="PATCH"))
    await pair.edit(title="p")
    await pair.push()
    await pair.edit(title="q")
    pair.world.clock.move(seconds=30)
    # when the echo of the first is pulled before the second is sent
    await pair.world.sync()
    await pair.push()
    await pair.world.sync()
    # then it was no edit
    assert pair.theirs["short_description"] == "q"
    assert await accepted(pair, "title") == [("PERSON", "LOCAL_EDIT")] * 2
    assert await rows("SELECT id FROM conflict") == []


async def test_a_field_of_which_an_answer_never_came_is_read_first(pair: Pair) -> None:
    # as a write leaves it whose other part was refused
    lost = {"version": 1, "value": "lost", "over": "a", "key": None}
    link = await IncidentLinkRow.get(external_key=pair.number)
    link.dealings = {"title": {"in": None, "ack": None, "sent": [lost]}}
    await link.save(update_fields=["dealings"])
    before = looks(pair)
    await pair.edit(title="p")
    assert await pair.push() == 1
    assert looks(pair) > before


async def test_a_dead_letter_that_was_never_answered_may_have_arrived(pair: Pair) -> None:
    pair.world.servicenow.misfortunes.push(Fault(kind=Kind.ERROR, status=503, times=None))
    await pair.edit(title="p")
    for minutes in (0, 0.5, 2, 8, 30):
        await pair.push(after=timedelta(minutes=minutes))
    (write,) = await pair.writes()
    assert (write["state"], write["code"]) == ("DEAD", "VENDOR_ERROR")
    link = await IncidentLinkRow.get(external_key=pair.number)
    (sent,) = link.dealings["title"]["sent"]
    assert (sent["value"], sent["key"]) == ("p", None)
