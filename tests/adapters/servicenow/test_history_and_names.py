import pytest

from adapters.exchange import Failed, HistoryAsk
from adapters.servicenow.client import ServiceNow as Client
from domain.inbound import Reference
from domain.records import RecordKind
from simulators import misfortune
from simulators.misfortune import Kind
from simulators.servicenow.instance import ServiceNow
from tests.adapters.conftest import Clock
from tests.adapters.servicenow.reading import create


async def edits(client: Client, asks: list[HistoryAsk]) -> list[tuple[str, object, object]]:
    told = await client.history(RecordKind.INCIDENT, asks)
    assert not isinstance(told, Failed)
    assert not told.is_closed
    return [(edit.field, edit.before, edit.after) for edit in told.edits]


async def test_history_tells_the_edits_since_it_was_asked(
    servicenow: ServiceNow, client: Client, clock: Clock
) -> None:
    (made,) = create(servicenow, 1)
    clock.move(seconds=10)
    servicenow.edit(made, {"state": "2"})
    clock.move(seconds=10)
    servicenow.edit(made, {"short_description": "Mail is slow"})

    whole = await edits(client, [HistoryAsk(external_id=made, since=None)])
    late = await edits(client, [HistoryAsk(external_id=made, since=clock())])

    assert whole == [("status", "NEW", "IN_PROGRESS"), ("title", "Mail 0", "Mail is slow")]
    assert late == [("title", "Mail 0", "Mail is slow")]


async def test_history_is_read_to_its_end_past_500_edits_of_one_second(
    servicenow: ServiceNow, client: Client
) -> None:
    (made,) = create(servicenow, 1)
    for n in range(1_201):
        servicenow.edit(made, {"short_description": f"Title {n}"})

    told = await edits(client, [HistoryAsk(external_id=made, since=None)])

    assert [after for _, _, after in told] == [f"Title {n}" for n in range(1_201)]


@pytest.mark.parametrize("shown_as", ["refusal", "page"])
async def test_history_that_may_not_be_read_is_closed_and_not_asked_for_again(
    servicenow: ServiceNow, client: Client, shown_as: str
) -> None:
    (made,) = create(servicenow, 1)
    if shown_as == "refusal":
        servicenow.switches.closed_tables = {"sys_audit"}
    else:
        servicenow.misfortunes.push(misfortune.Fault(kind=Kind.HTML, path="/api", times=1))
    asks = [HistoryAsk(external_id=made, since=None)]

    for _ in range(2):
        told = await client.history(RecordKind.INCIDENT, asks)
        assert not isinstance(told, Failed)
        assert (told.is_closed, told.edits) == (True, ())
    assert servicenow.served["GET /api/now/table/sys_audit"] <= 1


async def test_history_that_fails_is_not_taken_for_closed(
    servicenow: ServiceNow, client: Client
) -> None:
    (made,) = create(servicenow, 1)
    servicenow.misfortunes.push(misfortune.Fault(kind=Kind.TRUNCATED))
    asks = [HistoryAsk(external_id=made, since=None)]

    assert isinstance(await client.history(RecordKind.INCIDENT, asks), Failed)
    assert await edits(client, asks) == []


async def test_names_come_with_mail_and_without_what_is_unknown_or_denied(
    servicenow: ServiceNow, client: Client
) -> None:
    servicenow.switches.closed_tables = {"cmdb_ci"}
    person = Reference(table="sys_user", external_id=servicenow.records.person("beth.li"))
    group = Reference(
        table="sys_user_group", external_id=servicenow.reference("sys_user_group", "Mail")
    )
    item = Reference(table="cmdb_ci", external_id=servicenow.reference("cmdb_ci", "mx1"))
    gone = Reference(table="sys_user", external_id="f" * 32)
    odd = Reference(table="sys_user", external_id="x^ORactive=true")
    other = Reference(table="sys_choice", external_id="c" * 32)

    named = await client.names({person, group, item, gone, odd, other})

    assert not isinstance(named, Failed)
    assert [(one.reference, one.name, one.email) for one in named] == [
        (person, "Beth Li", "beth.li@example.com"),
        (group, "Mail", "mail@example.com"),
    ]


async def test_names_that_take_the_vendor_too_long_are_asked_for_in_parts(
    servicenow: ServiceNow, client: Client
) -> None:
    people = {
        Reference(table="sys_user", external_id=servicenow.records.person(f"user.{n}"))
        for n in range(100)
    }
    servicenow.misfortunes.push(misfortune.Fault(kind=Kind.CANCELLED))

    named = await client.names(people)

    assert not isinstance(named, Failed)
    assert {one.reference for one in named} == people


async def test_250_names_take_three_calls(servicenow: ServiceNow, client: Client) -> None:
    people = {
        Reference(table="sys_user", external_id=servicenow.records.person(f"user.{n}"))
        for n in range(250)
    }

    named = await client.names(people)

    assert not isinstance(named, Failed)
    assert {one.reference for one in named} == people
    assert servicenow.served["GET /api/now/table/sys_user"] == 3
