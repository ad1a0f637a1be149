from datetime import UTC, datetime, timedelta

from adapters.exchange import Failed, HistoryAsk, Named, Notes
from adapters.jira import history
from adapters.jira.client import Jira as Client
from domain.inbound import Reference, VendorKey
from domain.records import NoteVisibility, RecordKind
from simulators.jira.instance import Jira
from tests.adapters.conftest import Clock
from tests.adapters.jira.conftest import Connect
from tests.adapters.jira.reading import (
    INCIDENT,
    altered,
    ask,
    create,
    edits,
    only,
    page,
    recorded,
    site,
)


async def test_a_changelog_tells_every_mirrored_field(
    jira: Jira, client: Client, clock: Clock
) -> None:
    made = jira.create(
        INCIDENT, {"summary": "Mail", "labels": ["a", "wp-1"], "components": [{"id": "10000"}]}
    )
    ann = jira.records.people.person("ann.lee")
    clock.move(seconds=5)
    changed = {
        "summary": "Mail is down",
        "priority": {"name": "High"},
        "assignee": {"accountId": ann},
        "labels": ["b", "wp-1"],
        "components": [{"id": "10001"}],
        "description": "Since noon",
        "duedate": "2026-03-04",
    }
    jira.edit(made["key"], changed, by="bob.ray")
    clock.move(seconds=5)
    jira.transition(made["key"], "Work in progress")

    told = await edits(client, made["id"])

    assert {edit.field: (edit.before, edit.after) for edit in told} == {
        "title": ("Mail", "Mail is down"),
        "priority": ("P3", "P2"),
        "severity": ("SEV3", "SEV2"),
        "assignee": (None, Reference(table="user", external_id=ann)),
        "labels": (("a",), ("b",)),
        "services": (
            (Reference(table="component", external_id="10000"),),
            (Reference(table="component", external_id="10001"),),
        ),
        "description": (None, "Since noon"),
        "duedate": (None, "2026-03-04"),
        "status": ("NEW", "IN_PROGRESS"),
    }
    assert [edit.key.at for edit in told] == sorted(edit.key.at for edit in told)
    assert {edit.author for edit in told if edit.field != "status"} == {"Bob Ray"}
    assert told[-1].field == "status"


async def test_history_since_a_time_leaves_out_what_was_before(
    jira: Jira, client: Client, clock: Clock
) -> None:
    (made,) = create(jira, 1)
    for n in range(4):
        clock.move(seconds=5)
        jira.edit(made, {"summary": f"Version {n}"})
    since = clock() - timedelta(seconds=5)

    told = await edits(client, made, since)

    assert [(edit.before, edit.after) for edit in told] == [
        ("Version 1", "Version 2"),
        ("Version 2", "Version 3"),
    ]


async def test_services_that_came_and_went_are_told_back_to_the_first(
    jira: Jira, client: Client, clock: Clock
) -> None:
    (made,) = create(jira, 1)
    for ids in (["10000"], ["10000", "10001"], ["10001"], []):
        clock.move(seconds=5)
        jira.edit(made, {"components": [{"id": key} for key in ids]})

    told = [edit for edit in await edits(client, made) if edit.field == "services"]

    def ids_of(value: object) -> set[str]:
        assert isinstance(value, tuple)
        return {part.external_id for part in value}

    assert [(ids_of(edit.before), ids_of(edit.after)) for edit in told] == [
        (set(), {"10000"}),
        ({"10000"}, {"10000", "10001"}),
        ({"10000", "10001"}, {"10001"}),
        ({"10001"}, set()),
    ]


async def test_a_severity_of_its_own_has_a_history_of_its_own(
    jira: Jira, connect: Connect, clock: Clock
) -> None:
    maps = altered("severity", external_field="Severity", values={"Sev-1": "SEV1"})
    client = connect(mappings=maps)
    made = jira.create(INCIDENT, {"summary": "Mail", "customfield_10040": {"value": "Sev-1"}})
    clock.move(seconds=5)
    jira.edit(made["key"], {"priority": {"name": "Low"}, "customfield_10040": {"value": "Sev-5"}})

    told = {edit.field: (edit.before, edit.after) for edit in await edits(client, made["id"])}

    assert told == {"priority": ("P3", "P4"), "severity": ("SEV1", "SEV3")}
    assert (await only(client)).unmapped == {"customfield_10040": "Sev-5"}


async def test_many_histories_are_read_in_pages(jira: Jira, client: Client) -> None:
    made = create(jira, 30)
    for n in range(1_200):
        jira.edit(made[n % 30], {"summary": f"Version {n}"})

    told = await client.history(
        RecordKind.INCIDENT, [HistoryAsk(external_id=key, since=None) for key in made]
    )

    assert not isinstance(told, Failed)
    assert len({edit.external_id for edit in told.edits}) == len(told.edits) == 1_200
    assert jira.served["POST /rest/api/3/changelog/bulkfetch"] == 2


def test_a_recorded_changelog_is_read() -> None:
    entries = [entry.get("data", entry) for entry in recorded("changelog")]
    asks = [HistoryAsk(external_id="13383", since=None)]

    changes = history.changes([{"issueId": "13383", "changeHistories": entries}], asks)
    told = history.edits(changes, RecordKind.INCIDENT, site())

    assert len({change.key for change in changes}) == len(entries)
    assert {edit.field for edit in told} <= {"status", "priority", "severity", "description"} | {
        "resolution",
        "assignee",
        "title",
    }
    assert all(edit.author for edit in told)


def test_old_entries_name_people_by_their_account_beside_a_name() -> None:
    item = {
        "field": "assignee",
        "fieldId": "assignee",
        "from": None,
        "fromString": None,
        "to": "sample.user",
        "toString": "Sample User",
        "tmpFromAccountId": None,
        "tmpToAccountId": "5cedcb4355a88a0fc86388ba",
    }
    entry = {"id": "11627", "created": 1_566_935_004_475, "items": [item]}

    changes = history.changes(
        [{"issueId": 10509, "changeHistories": [entry]}],
        [HistoryAsk(external_id="10509", since=None)],
    )
    (edit,) = history.edits(changes, RecordKind.INCIDENT, site())

    person = Reference(table="user", external_id="5cedcb4355a88a0fc86388ba")
    at = datetime(2019, 8, 27, 19, 43, 24, 475_000, tzinfo=UTC)
    assert (edit.after, edit.key) == (person, VendorKey(at=at, sequence=11627))
    assert history.people(changes) == {person: "Sample User"}


def test_entries_that_can_be_put_nowhere_are_left_out() -> None:
    good = {"id": "1", "created": "2026-01-02T03:04:05.000+0000"}
    asks = [HistoryAsk(external_id="10001", since=None)]
    odd: list[object] = [
        None,
        {},
        good,
        good | {"items": "x"},
        good | {"items": [None, 3]},
        good | {"items": [{"field": "status"}], "created": "soon"},
        good | {"items": [{"field": "status"}], "id": "one"},
    ]

    told = [
        {"issueId": "10001", "changeHistories": odd},
        {"issueId": "10002", "changeHistories": [good | {"items": [{"field": "status"}]}]},
        "x",
        {"issueId": "10001", "changeHistories": None},
    ]

    assert history.changes(told, asks) == []


async def test_names_come_along_with_issues_and_histories(
    jira: Jira, client: Client, clock: Clock
) -> None:
    service = "ari:cloud:graph::service/web"
    ann, bob = (jira.records.people.person(name) for name in ("ann.lee", "bob.ray"))
    made = jira.create(
        INCIDENT,
        {
            "summary": "Mail",
            "assignee": {"accountId": ann},
            "components": [{"id": "10000"}],
            "customfield_10041": [{"id": service}],
        },
    )
    clock.move(seconds=1)
    jira.edit(made["key"], {"assignee": {"accountId": bob}})
    clock.move(seconds=1)
    jira.edit(made["key"], {"assignee": None})
    await page(client, ask())
    await edits(client, made["id"])
    before = jira.served.total()

    wanted = {
        Reference(table="user", external_id=ann): "Ann Lee",
        Reference(table="user", external_id=bob): "Bob Ray",
        Reference(table="component", external_id="10000"): "Web Shop",
        Reference(table="service", external_id=service): "Web Shop",
    }
    named = await client.names(wanted)

    assert not isinstance(named, Failed)
    assert {one.reference: one.name for one in named} == wanted
    assert jira.served.total() == before


async def test_a_name_that_nothing_has_told_is_asked_for(jira: Jira, client: Client) -> None:
    ann = Reference(table="user", external_id=jira.records.people.person("ann.lee"))
    mail = Reference(table="component", external_id="10016")
    odd = [
        Reference(table="component", external_id="../10016"),
        Reference(table="component", external_id="424242"),
        Reference(table="user", external_id="nobody&accountId=x"),
        Reference(table="service", external_id="b:unseen"),
        Reference(table="planet", external_id="1"),
    ]

    named = await client.names([ann, mail, *odd])

    assert named == [
        Named(reference=ann, name="Ann Lee", email="ann.lee@example.com"),
        Named(reference=mail, name="E-mail"),
    ]


async def test_notes_are_public_only_where_customers_see_them(
    jira: Jira, client: Client, clock: Clock
) -> None:
    (made,) = create(jira, 1)
    jira.comment(made, "Looking\ninto it", by="ann.lee")
    clock.move(seconds=1)
    jira.comment(made, "We are on it", by="ann.lee", public=True)

    told = await client.notes(RecordKind.INCIDENT, [HistoryAsk(external_id=made, since=None)])

    assert isinstance(told, Notes)
    assert told.whole == {made}
    ann = Reference(table="user", external_id=jira.records.people.person("ann.lee"))
    assert [(note.body, note.visibility, note.author) for note in told.notes] == [
        ("Looking\ninto it", NoteVisibility.INTERNAL, ann),
        ("We are on it", NoteVisibility.PUBLIC, ann),
    ]


async def test_a_deleted_issue_has_no_notes_and_is_not_whole(jira: Jira, client: Client) -> None:
    kept, deleted = create(jira, 2)
    jira.delete(deleted)

    told = await client.notes(
        RecordKind.INCIDENT,
        [HistoryAsk(external_id=key, since=None) for key in (kept, deleted, "x")],
    )

    assert isinstance(told, Notes)
    assert told.whole == {kept}
