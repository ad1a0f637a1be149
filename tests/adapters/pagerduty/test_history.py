from datetime import UTC, datetime, timedelta
from typing import Any

from adapters.exchange import Failed, HistoryAsk
from adapters.pagerduty import history
from adapters.pagerduty.client import PagerDuty as Client
from adapters.pagerduty.notes import note, notes
from domain.inbound import Reference
from domain.records import NoteVisibility, RecordKind
from simulators.pagerduty.instance import PagerDuty
from tests.adapters.conftest import Clock
from tests.adapters.pagerduty.reading import INCIDENT, create
from tests.adapters.pagerduty.recorded import TERMS, WITHOUT_PRIORITIES, recorded

AT = "2026-03-02T10:00:00Z"


def told(*entries: dict[str, Any]) -> list[tuple[str, object, object]]:
    """Return what entries tell, which are given oldest first."""
    numbered = [{"id": f"R{n}", "created_at": AT, **entry} for n, entry in enumerate(entries)]
    edits = history.edits(reversed(numbered), TERMS, "Q1", None)
    return [(edit.field, edit.before, edit.after) for edit in edits]


async def edits(
    client: Client, external_id: str, since: datetime | None = None
) -> list[tuple[str, object, object]]:
    ask = HistoryAsk(external_id=external_id, since=since)
    found = await client.history(INCIDENT, [ask])
    assert not isinstance(found, Failed)
    assert not found.is_closed
    assert len({edit.external_id for edit in found.edits}) == len(found.edits)
    return [(edit.field, edit.before, edit.after) for edit in found.edits]


async def test_the_log_tells_every_edit_with_what_was_before(
    account: PagerDuty, client: Client, clock: Clock
) -> None:
    made = account.trigger("Mail", priority="P3", assignments=["beth.li"])["id"]
    for change in (
        {"title": "Mail is down"},
        {"priority": "P1"},
        {"urgency": "low"},
        {"assignments": ["carl.ng"]},
        {"status": "acknowledged"},
        {"status": "resolved"},
        {"status": "triggered"},
    ):
        clock.move(seconds=10)
        account.edit(made, change, by="dana")
    beth, carl = (
        Reference(table="user", external_id=account.agent(name).id)
        for name in ("beth.li", "carl.ng")
    )

    whole = await edits(client, made)
    late = await edits(client, made, clock() - timedelta(seconds=10))

    assert whole[:8] == [
        ("assignee", None, beth),
        ("title", "Mail", "Mail is down"),
        ("priority", "P3", "P1"),
        ("severity", "SEV3", "SEV1"),
        ("urgency", "high", "low"),
        ("assignee", beth, carl),
        ("status", "NEW", "ACKNOWLEDGED"),
        ("status", "ACKNOWLEDGED", "RESOLVED"),
    ]
    assert late[:2] == [("status", "ACKNOWLEDGED", "RESOLVED"), ("status", "RESOLVED", "NEW")]


async def test_a_change_of_service_is_an_edit(account: PagerDuty, client: Client) -> None:
    (made,) = create(account, 1)
    account.edit(made, {"service": "Product Search"})
    before, after = (
        (Reference(table="service", external_id=account.service(name)["id"]),)
        for name in ("Web Shop", "Product Search")
    )

    assert ("services", before, after) in await edits(client, made)


async def test_the_agent_is_the_author(account: PagerDuty, client: Client, clock: Clock) -> None:
    (made,) = create(account, 1)
    account.acknowledge(made, by="beth.li")

    found = await client.history(INCIDENT, [HistoryAsk(external_id=made, since=clock())])

    assert not isinstance(found, Failed)
    assert [edit.author for edit in found.edits if edit.field == "status"] == ["Beth Li"]


async def test_a_long_log_is_read_to_its_end(
    account: PagerDuty, client: Client, clock: Clock
) -> None:
    (made,) = create(account, 1)
    for n in range(230):
        clock.move(seconds=1)
        account.edit(made, {"title": f"Title {n}"})

    titles = [after for field, _, after in await edits(client, made) if field == "title"]

    assert titles == [f"Title {n}" for n in range(230)]


async def test_only_incidents_have_a_log_and_notes(client: Client) -> None:
    asks = [HistoryAsk(external_id="PX", since=None)]
    log = await client.history(RecordKind.CHANGE, asks)
    told = await client.notes(RecordKind.SERVICE, asks)

    assert not isinstance(log, Failed)
    assert not isinstance(told, Failed)
    assert log.is_closed
    assert told.is_closed


async def test_an_incident_that_is_gone_has_neither(client: Client) -> None:
    asks = [HistoryAsk(external_id=gone, since=None) for gone in ("QNONE", "../users")]

    assert await edits(client, "QNONE") == []
    found = await client.notes(INCIDENT, asks)
    assert not isinstance(found, Failed)
    assert (found.notes, found.whole) == ([], frozenset())


async def test_notes_are_whole_internal_and_oldest_first(
    account: PagerDuty, client: Client, clock: Clock
) -> None:
    made = create(account, 2)
    for body in ("first", "second\r\nline"):
        clock.move(seconds=5)
        account.note(made[0], body, by="beth.li")
    asks = [HistoryAsk(external_id=one, since=clock()) for one in made]

    found = await client.notes(INCIDENT, asks)

    assert not isinstance(found, Failed)
    assert found.whole == frozenset(made)
    assert [note.body for note in found.notes] == ["first", "second\nline"]
    assert {note.visibility for note in found.notes} == {NoteVisibility.INTERNAL}
    beth = Reference(table="user", external_id=account.agent("beth.li").id)
    assert [note.author for note in found.notes] == [beth, beth]
    assert [note.edited_at for note in found.notes] == [None, None]


def test_the_note_in_a_webhook_is_read_with_what_the_event_says_of_it() -> None:
    event = recorded("annotated")["event"]

    found = note(
        event["data"] | {"created_at": event["occurred_at"], "user": event["agent"]},
        event["data"]["incident"]["id"],
    )

    assert found.body.startswith("Running KILL")
    assert found.author == Reference(table="user", external_id="PXRUEF2")


def test_a_note_of_a_service_has_its_name_for_an_author() -> None:
    user = {"id": "PBOT", "type": "bot_user_reference", "summary": "Runbook"}

    found = notes([{"id": "PN", "content": "Done", "created_at": AT, "user": user}, None, {}], "Q1")

    assert [one.author for one in found] == ["Runbook"]


def test_a_recorded_log_is_read() -> None:
    resolved = recorded("incidents-with-log-entries")["incidents"][-1]

    found = history.edits(resolved["log_entries"], TERMS, resolved["id"], None)

    statuses = [(edit.before, edit.after) for edit in found if edit.field == "status"]
    assert statuses == [("NEW", "ACKNOWLEDGED"), ("ACKNOWLEDGED", "RESOLVED")]
    assert found[-1].key.at == datetime(2022, 11, 3, 6, 51, 44, tzinfo=UTC)
    assert found[-1].author == "Keon Amini"


def test_an_older_entry_tells_both_priorities() -> None:
    channel = {
        "type": "priority_change",
        "old_priority": {"id": "PJLLAIY", "summary": "P2"},
        "new_priority": {"id": "PR0EVG8", "summary": "P1"},
    }

    assert told({"type": "priority_change_log_entry", "channel": channel}) == [
        ("priority", "P2", "P1"),
        ("severity", "SEV2", "SEV1"),
    ]


def test_several_people_called_at_once_are_one_assignment() -> None:
    called = [
        {"type": "escalate_log_entry", "assignees": [{"id": person}]} for person in ("PA", "PB")
    ]

    assert told(*called) == [("assignee", None, Reference(table="user", external_id="PA"))]


def test_an_acknowledgement_that_is_renewed_is_no_edit() -> None:
    entry = {"type": "acknowledge_log_entry"}

    assert told({"type": "trigger_log_entry"}, entry, entry) == [("status", "NEW", "ACKNOWLEDGED")]


def test_an_event_that_joins_an_open_incident_leaves_its_status() -> None:
    trigger = {"type": "trigger_log_entry"}
    entries = [{"type": f"{kind}_log_entry"} for kind in ("acknowledge", "unacknowledge")]

    assert told(trigger, entries[0], trigger, entries[1]) == [
        ("status", "NEW", "ACKNOWLEDGED"),
        ("status", "ACKNOWLEDGED", "NEW"),
    ]


def test_an_entry_that_a_growing_log_lists_twice_is_one_edit() -> None:
    entry = {
        "id": "R1",
        "created_at": AT,
        "type": "urgency_change_log_entry",
        "summary": "Urgency changed to low by Ada.",
    }

    assert len(history.edits([entry, entry], TERMS, "Q1", None)) == 1


def test_without_priorities_an_urgency_is_a_severity_too() -> None:
    entry = {
        "id": "R1",
        "created_at": AT,
        "type": "urgency_change_log_entry",
        "summary": "Urgency changed to low by Ada.",
    }

    found = history.edits([entry], WITHOUT_PRIORITIES, "Q1", None)

    assert [(edit.external_id, edit.field, edit.after) for edit in found] == [
        ("R1", "urgency", "low"),
        ("R1:severity", "severity", "SEV4"),
    ]


def test_entries_that_cannot_be_placed_or_read_are_left_out() -> None:
    entries: list[object] = [
        None,
        "entry",
        {"type": "resolve_log_entry"},
        {"id": "R1", "type": "resolve_log_entry", "created_at": "now"},
        {"id": "R2", "type": ["resolve_log_entry"], "created_at": AT},
        {"id": "R3", "type": "urgency_change_log_entry", "created_at": AT, "summary": None},
        {"id": "R4", "type": "field_value_change_log_entry", "created_at": AT, "channel": []},
        {"id": "R5", "type": "assign_log_entry", "created_at": AT, "assignees": [None, {}]},
        {"id": "R6", "type": "something_new_log_entry", "created_at": AT},
    ]

    assert history.edits(entries, TERMS, "Q1", None) == []
