import pytest

from adapters.exchange import CommentAsk, CreateAsk, Failed, HistoryAsk, WriteAsk
from adapters.servicenow.client import ServiceNow as Client
from domain.inbound import InboundNote, InboundRecord, MirroredValue, Reference
from domain.records import IncidentStatus, NoteVisibility, RecordKind
from domain.sync.retry import Fault
from simulators.servicenow.instance import ServiceNow
from tests.adapters.conftest import Clock
from tests.adapters.servicenow.conftest import Connect
from tests.adapters.servicenow.translating import altered


async def write(client: Client, sys_id: str, **fields: MirroredValue) -> InboundRecord | Failed:
    return await client.write(WriteAsk(external_id=sys_id, fields=fields))


def made(servicenow: ServiceNow, **fields: str) -> str:
    return servicenow.create({"short_description": "Mail"} | fields)["sys_id"]


@pytest.mark.parametrize(
    ("pair", "severity", "after"),
    [
        (("2", "1"), "SEV2", ("2", "1")),
        (("1", "3"), "SEV3", ("1", "3")),
        (("3", "3"), "SEV1", ("1", "1")),
        (("3", "3"), "SEV2", ("1", "2")),
        (("1", "1"), "SEV4", ("2", "3")),
    ],
)
async def test_a_severity_keeps_a_pair_that_gives_it_already(
    servicenow: ServiceNow,
    client: Client,
    pair: tuple[str, str],
    severity: str,
    after: tuple[str, str],
) -> None:
    sys_id = made(servicenow, impact=pair[0], urgency=pair[1])

    outcome = await write(client, sys_id, severity=severity)

    row = servicenow.record(sys_id)
    assert isinstance(outcome, InboundRecord)
    assert outcome.fields["severity"] == severity
    assert (row["impact"], row["urgency"]) == after


async def test_an_instance_without_a_fifth_priority_answers_with_its_own(
    servicenow: ServiceNow, client: Client
) -> None:
    servicenow.records.lowest = "4"
    sys_id = made(servicenow, impact="1", urgency="1")

    outcome = await write(client, sys_id, severity="SEV5")

    assert isinstance(outcome, InboundRecord)
    assert outcome.fields["severity"] == "SEV4"


async def test_acknowledging_leaves_an_incident_in_progress_alone(
    servicenow: ServiceNow, client: Client
) -> None:
    sys_id = made(servicenow, state="2")

    outcome = await write(client, sys_id, status=IncidentStatus.ACKNOWLEDGED)

    assert isinstance(outcome, InboundRecord)
    assert servicenow.served["PATCH /api/now/table/incident"] == 0
    assert servicenow.record(sys_id)["sys_mod_count"] == "0"


async def test_resolving_gives_a_code_and_notes_where_there_are_none(
    servicenow: ServiceNow, client: Client
) -> None:
    bare = made(servicenow)
    told = made(servicenow, close_code="Workaround", close_notes="Rebooted")

    for sys_id in (bare, told):
        assert isinstance(await write(client, sys_id, status="RESOLVED"), InboundRecord)

    assert servicenow.record(bare)["close_code"] == "Solved (Permanently)"
    assert servicenow.record(bare)["close_notes"] == "Resolved through Watchpane"
    assert servicenow.record(told)["close_code"] == "Workaround"
    assert servicenow.record(told)["close_notes"] == "Rebooted"


async def test_a_state_that_a_data_policy_refuses_is_a_transition_and_no_missing_right(
    servicenow: ServiceNow, connect: Connect
) -> None:
    client = connect(mappings=altered(RecordKind.INCIDENT, "closeCode", values={}))
    sys_id = made(servicenow)

    outcome = await write(client, sys_id, status="RESOLVED", title="Mail is back")

    assert isinstance(outcome, Failed)
    assert outcome.fault is Fault.TRANSITION_REFUSED
    assert "Resolution code" in outcome.detail
    assert servicenow.record(sys_id)["short_description"] == "Mail"


async def test_a_table_that_may_not_be_written_is_a_missing_right(
    servicenow: ServiceNow, client: Client
) -> None:
    servicenow.switches.read_only_tables = {"incident"}

    outcome = await write(client, made(servicenow), title="Two")
    checked = await client.check()

    assert isinstance(outcome, Failed)
    assert outcome.fault is Fault.UNAUTHORISED
    (wrong,) = [check for check in checked.checks if not check.is_ok]
    assert wrong.name == "write"
    assert "role that writes incidents" in wrong.detail


async def test_people_groups_and_services_are_written_by_reference(
    servicenow: ServiceNow, client: Client
) -> None:
    person = Reference(table="sys_user", external_id=servicenow.records.person("beth.li"))
    group = Reference(
        table="sys_user_group", external_id=servicenow.reference("sys_user_group", "Mail")
    )
    old, new, shop = (servicenow.reference("cmdb_ci", name) for name in ("mx1", "mx2", "Web Shop"))
    sys_id = made(servicenow, cmdb_ci=old, business_service=shop)
    services = tuple(Reference(table="cmdb_ci", external_id=item) for item in (shop, new))

    outcome = await write(
        client, sys_id, assignee=person, escalationPolicy=group, services=services
    )

    row = servicenow.record(sys_id)
    assert isinstance(outcome, InboundRecord)
    assert (row["assigned_to"], row["assignment_group"]) == (person.external_id, group.external_id)
    assert (row["cmdb_ci"], row["business_service"]) == (new, shop)
    cleared = await write(client, sys_id, assignee=None, services=())
    assert isinstance(cleared, InboundRecord)
    assert (cleared.fields["assignee"], cleared.fields["services"]) == (None, ())


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("assignee", "Beth Li"),
        ("assignee", Reference(table="user", external_id="1")),
        ("assignee", Reference(table="sys_user", external_id="x^y")),
        ("services", tuple(Reference(table="cmdb_ci", external_id=n) for n in "abc")),
        ("labels", ("vip",)),
        ("number", "INC1"),
        ("startedAt", "2026-01-02T03:04:05.000Z"),
        ("severity", "SEV9"),
        ("title", ("a", "b")),
        ("closeCode", "x"),
    ],
)
async def test_what_cannot_be_written_is_named_and_nothing_is_sent(
    servicenow: ServiceNow, client: Client, field: str, value: MirroredValue
) -> None:
    sys_id = made(servicenow)

    outcome = await write(client, sys_id, **{"title": "Two", field: value})

    assert isinstance(outcome, Failed)
    assert (outcome.fault, set(outcome.fields)) == (Fault.REJECTED, {field})
    assert servicenow.served["PATCH /api/now/table/incident"] == 0


async def test_a_state_of_the_instance_takes_the_place_of_the_usual_one(
    servicenow: ServiceNow, connect: Connect
) -> None:
    states = {"1": "NEW", "20": "ON_HOLD", "6": "RESOLVED"}
    client = connect(mappings=altered(RecordKind.INCIDENT, "status", values=states))
    sys_id = made(servicenow)

    outcome = await write(client, sys_id, status="ON_HOLD")

    assert isinstance(outcome, InboundRecord)
    assert outcome.fields["status"] == "ON_HOLD"
    assert servicenow.record(sys_id)["state"] == "20"


async def test_an_incident_is_looked_for_by_our_mark_and_by_no_other(
    servicenow: ServiceNow, client: Client
) -> None:
    # given an incident that another system marked with the same id, on an
    # instance that ignores what it does not know
    made(servicenow, correlation_id="01J", correlation_display="jira")
    ask = CreateAsk(fields={"title": "Mail"}, correlation_id="01J", may_exist=True)

    created = await client.create(ask)

    assert isinstance(created, InboundRecord)
    assert created.correlation_id == "01J"
    assert servicenow.record(created.external_id)["correlation_display"] == "watchpane"


@pytest.mark.parametrize(
    ("visibility", "element"),
    [(NoteVisibility.INTERNAL, "work_notes"), (NoteVisibility.PUBLIC, "comments")],
)
async def test_a_note_comes_back_even_where_the_journal_is_closed(
    servicenow: ServiceNow, client: Client, visibility: NoteVisibility, element: str
) -> None:
    sys_id = made(servicenow)
    servicenow.switches.closed_tables = {"sys_journal_field"}

    note = await client.comment(
        CommentAsk(external_id=sys_id, body="Restarted\r\n", visibility=visibility)
    )

    stored = servicenow.records.store.one("sys_journal_field", "element_id", sys_id)
    assert isinstance(note, InboundNote)
    assert (note.body, note.visibility) == ("Restarted", visibility)
    assert stored is not None
    assert stored["element"] == element


async def test_the_same_words_of_somebody_else_are_another_note(
    servicenow: ServiceNow, client: Client, clock: Clock
) -> None:
    sys_id = made(servicenow)
    servicenow.note(sys_id, "Restarted", by="beth.li")
    clock.move(seconds=5)
    ask = CommentAsk(
        external_id=sys_id, body="Restarted", visibility=NoteVisibility.INTERNAL, may_exist=True
    )

    note = await client.comment(ask)

    assert isinstance(note, InboundNote)
    assert (note.author, note.created_at) == ("admin", clock())


async def test_notes_that_may_not_be_read_are_closed_and_not_asked_for_again(
    servicenow: ServiceNow, client: Client
) -> None:
    servicenow.switches.closed_tables = {"sys_journal_field"}
    asks = [HistoryAsk(external_id=made(servicenow), since=None)]

    for _ in range(2):
        told = await client.notes(RecordKind.INCIDENT, asks)
        assert not isinstance(told, Failed)
        assert (told.is_closed, told.notes) == (True, ())
    assert servicenow.served["GET /api/now/table/sys_journal_field"] == 1
