from datetime import timedelta

import pytest

from adapters.exchange import CommentAsk, Failed
from adapters.jira.client import Jira as Client
from domain.inbound import InboundRecord, Reference
from domain.records import IncidentStatus, NoteVisibility
from domain.sync.retry import Fault
from simulators import misfortune
from simulators.jira.instance import Jira
from simulators.limit import Limit
from simulators.misfortune import Kind
from tests.adapters.conftest import Clock
from tests.adapters.jira.reading import INCIDENT, create, write

EDIT = "PUT /rest/api/3/issue/{key}"
MOVE = "POST /rest/api/3/issue/{key}/transitions"


async def done(client: Client, key: str, **fields: object) -> InboundRecord:
    outcome = await write(client, key, **fields)  # type: ignore[arg-type]  # — values of fields
    assert isinstance(outcome, InboundRecord), outcome
    return outcome


async def refused(client: Client, key: str, **fields: object) -> Failed:
    outcome = await write(client, key, **fields)  # type: ignore[arg-type]  # — values of fields
    assert isinstance(outcome, Failed), outcome
    return outcome


async def test_a_write_is_seen_at_the_site_and_read_back_past_its_search(
    jira: Jira, client: Client, clock: Clock
) -> None:
    (made,) = create(jira, 1)
    ann = jira.records.people.person("ann.lee")
    jira.switches.lag_seconds = 60
    clock.move(seconds=5)

    record = await done(
        client,
        made,
        title="Mail is down",
        description="Since noon\n\nEverywhere",
        severity="SEV1",
        assignee=Reference(table="user", external_id=ann),
        labels=("mail",),
        services=(Reference(table="component", external_id="10016"),),
        status="IN_PROGRESS",
    )

    shown = jira.issue(made)["fields"]
    assert shown["summary"] == record.fields["title"] == "Mail is down"
    assert shown["description"] == record.fields["description"] == "Since noon\n\nEverywhere"
    assert shown["priority"]["name"] == "Highest"
    assert shown["assignee"]["displayName"] == "Ann Lee"
    assert shown["components"][0]["name"] == "E-mail"
    assert shown["status"]["name"] == "Work in progress"
    assert record.key.at == clock()


@pytest.mark.parametrize(
    ("wanted", "name", "moves"),
    [
        (IncidentStatus.NEW, "Open", 0),
        (IncidentStatus.ACKNOWLEDGED, "Work in progress", 1),
        (IncidentStatus.IN_PROGRESS, "Work in progress", 1),
        (IncidentStatus.ON_HOLD, "Pending", 2),
        (IncidentStatus.RESOLVED, "Completed", 2),
        (IncidentStatus.CLOSED, "Closed", 3),
        (IncidentStatus.CANCELLED, "Canceled", 1),
    ],
)
async def test_a_status_is_reached_by_the_fewest_transitions(
    jira: Jira, client: Client, wanted: IncidentStatus, name: str, moves: int
) -> None:
    (made,) = create(jira, 1)

    await done(client, made, status=wanted)
    await done(client, made, status=wanted)

    assert jira.issue(made)["fields"]["status"]["name"] == name
    assert jira.served[MOVE] == moves


async def test_a_status_that_stands_for_the_wanted_one_is_left(jira: Jira, client: Client) -> None:
    (made,) = create(jira, 1)
    jira.transition(made, "Work in progress")

    await done(client, made, status="ACKNOWLEDGED")

    assert jira.served[MOVE] == 0


async def test_a_resolution_is_given_where_the_screen_wants_one(jira: Jira, client: Client) -> None:
    (made,) = create(jira, 1)

    record = await done(client, made, status="RESOLVED")

    assert record.fields["resolution"] == "Done"
    assert record.fields["resolvedAt"] is not None


async def test_an_ended_issue_is_opened_before_it_is_edited(jira: Jira, client: Client) -> None:
    (made,) = create(jira, 1)
    await done(client, made, status="CLOSED")
    asked: list[str] = []
    jira.hooks.before_request = lambda request: asked.append(request.method)

    record = await done(client, made, status="IN_PROGRESS", title="Again")

    assert (record.fields["status"], record.fields["title"]) == ("IN_PROGRESS", "Again")
    assert asked.index("POST") < asked.index("PUT")


async def test_a_way_that_is_closed_is_told_with_those_that_are_open(
    jira: Jira, client: Client
) -> None:
    (made,) = create(jira, 1)
    jira.switches.closed_transitions = {"41"}

    outcome = await refused(client, made, status="CLOSED")

    assert outcome.fault is Fault.TRANSITION_REFUSED
    assert "Pend (to Pending)" in outcome.detail
    assert "CLOSED" in outcome.detail


async def test_a_transition_that_is_refused_when_taken_is_told(jira: Jira, client: Client) -> None:
    (made,) = create(jira, 1)
    jira.misfortunes.push(
        misfortune.Fault(kind=Kind.ERROR, status=400, method="POST", path="/rest/api/3/issue/")
    )

    outcome = await refused(client, made, status="IN_PROGRESS")

    assert (outcome.fault, outcome.status) == (Fault.TRANSITION_REFUSED, 400)
    assert "Investigate" in outcome.detail


async def test_a_race_inside_the_site_passes(jira: Jira, client: Client) -> None:
    (made,) = create(jira, 1)
    jira.misfortunes.push(misfortune.Fault(kind=Kind.ERROR, status=409, method="PUT"))

    assert (await refused(client, made, title="Two")).fault is Fault.VENDOR_ERROR
    assert (await done(client, made, title="Two")).fields["title"] == "Two"


async def test_a_field_that_is_on_no_screen_is_named_as_ours(jira: Jira, client: Client) -> None:
    (made,) = create(jira, 1)
    jira.switches.off_screen = {"priority"}

    outcome = await refused(client, made, title="Two", severity="SEV1")

    assert outcome.fault is Fault.REJECTED
    assert set(outcome.fields) == {"severity"}
    assert "not on the appropriate screen" in outcome.fields["severity"]
    assert jira.issue(made)["fields"]["summary"] == "Mail 0"


async def test_a_label_that_somebody_adds_meanwhile_stays(jira: Jira, client: Client) -> None:
    made = jira.create(INCIDENT, {"summary": "Mail", "labels": ["old", "wp-01K"]})

    def meanwhile(request: object) -> None:
        if getattr(request, "method", "") == "PUT":
            jira.hooks.before_request = None
            jira.edit(made["key"], {"labels": ["old", "wp-01K", "theirs"]})

    jira.hooks.before_request = meanwhile
    record = await done(client, made["id"], labels=("ours",))

    assert set(record.fields["labels"] or ()) == {"ours", "theirs"}  # type: ignore[arg-type]  # — a list here
    assert record.correlation_id == "01K"


async def test_an_assignee_is_taken_away(jira: Jira, client: Client) -> None:
    made = jira.create(
        INCIDENT,
        {"summary": "Mail", "assignee": {"accountId": jira.records.people.person("ann.lee")}},
    )

    assert (await done(client, made["id"], assignee=None)).fields["assignee"] is None


async def test_too_many_writes_to_one_issue_say_when_to_come_back(
    jira: Jira, client: Client
) -> None:
    (made,) = create(jira, 1)
    jira.switches.writes_per_issue = Limit(requests=0, per=timedelta(seconds=30))

    outcome = await refused(client, made, title="Two")

    assert outcome.fault is Fault.THROTTLED
    assert outcome.retry_after == timedelta(seconds=30)


@pytest.mark.parametrize("key", ["../1", "1?x", "", "OPS-1"])
async def test_a_write_to_what_is_no_id_is_a_write_to_nothing(
    jira: Jira, client: Client, key: str
) -> None:
    create(jira, 1)
    note = CommentAsk(external_id=key, body="x", visibility=NoteVisibility.INTERNAL)

    assert (await refused(client, key, title="Two")).fault is Fault.GONE
    outcome = await client.comment(note)
    assert isinstance(outcome, Failed)
    assert outcome.fault is Fault.GONE
    assert jira.served[EDIT] == 0
