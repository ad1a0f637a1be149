from starlette.types import Message, Receive, Scope, Send

from adapters.exchange import CommentAsk, CreateAsk, Failed
from adapters.jira.client import Jira as Client
from domain.inbound import InboundNote, InboundRecord
from domain.records import NoteVisibility
from domain.sync.retry import Fault
from simulators.jira.instance import Jira
from tests.adapters.conftest import Clock
from tests.adapters.jira.conftest import Connect
from tests.adapters.jira.reading import INCIDENT, altered, create

OUR_ID = "01KHX4T6Z0000000000000000A"


async def test_an_incident_is_created_in_the_only_service_desk_and_moved_to_its_status(
    jira: Jira, client: Client
) -> None:
    created = await client.create(
        CreateAsk(
            fields={"title": "Mail", "status": "ON_HOLD", "labels": ("mail",)},
            correlation_id=OUR_ID,
        )
    )

    assert isinstance(created, InboundRecord), created
    assert created.external_key == "OPS-1"
    assert created.fields["status"] == "ON_HOLD"
    assert created.fields["labels"] == ("mail",)
    assert jira.issue("OPS-1")["fields"]["labels"] == ["mail", f"wp-{OUR_ID}"]
    assert jira.issue("OPS-1")["fields"]["issuetype"]["name"] == INCIDENT


async def test_a_status_that_a_new_incident_cannot_reach_leaves_it_where_it_is(
    jira: Jira, client: Client
) -> None:
    jira.switches.closed_transitions = {"11"}

    created = await client.create(
        CreateAsk(fields={"title": "Mail", "status": "ON_HOLD"}, correlation_id=OUR_ID)
    )

    assert isinstance(created, InboundRecord), created
    assert created.fields["status"] == "NEW"


async def test_of_two_incidents_with_our_id_the_older_is_adopted(
    jira: Jira, client: Client, clock: Clock
) -> None:
    older = jira.create(INCIDENT, {"summary": "Mail", "labels": [f"wp-{OUR_ID}"]})
    clock.move(seconds=1)
    jira.create(INCIDENT, {"summary": "Mail", "labels": [f"wp-{OUR_ID}"]})

    found = await client.create(
        CreateAsk(fields={"title": "Mail"}, correlation_id=OUR_ID, may_exist=True)
    )

    assert isinstance(found, InboundRecord)
    assert found.external_id == older["id"]


async def test_where_incidents_are_created_can_be_set(connect: Connect) -> None:
    client = connect(mappings=altered("project", values={"*": "x", "DEV": "x"}))

    outcome = await client.create(CreateAsk(fields={"title": "Mail"}, correlation_id=OUR_ID))

    # The project has no such issues; that it was asked shows in the refusal.
    assert isinstance(outcome, Failed)
    assert "issuetype" in outcome.fields


async def test_an_internal_note_that_the_site_makes_public_is_taken_back(
    jira: Jira, connect: Connect
) -> None:
    (made,) = create(jira, 1)
    ask = CommentAsk(external_id=made, body="Secret", visibility=NoteVisibility.INTERNAL)

    async def revealing(scope: Scope, receive: Receive, send: Send) -> None:
        async def answer(message: Message) -> None:
            if message["type"] == "http.response.body":
                # As long as before, for the answer has told its length.
                seen = message["body"].replace(b'"jsdPublic":false', b'"jsdPublic":true ')
                message = {**message, "body": seen}
            await send(message)

        await jira.app(scope, receive, answer)

    outcome = await connect(app=revealing).comment(ask)

    assert isinstance(outcome, Failed)
    assert outcome.fault is Fault.REJECTED
    assert jira.records.store.children("comment", int(made)) == []


async def test_markup_in_a_note_is_plain_text(jira: Jira, client: Client) -> None:
    (made,) = create(jira, 1)
    body = "*not bold* {code} [x]\n\n<b>h1. no</b>"

    note = await client.comment(
        CommentAsk(external_id=made, body=body, visibility=NoteVisibility.PUBLIC)
    )

    assert isinstance(note, InboundNote)
    assert (note.body, note.visibility) == (body, NoteVisibility.PUBLIC)
