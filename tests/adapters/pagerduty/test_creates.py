from collections.abc import Mapping
from dataclasses import replace

import pytest

from adapters.exchange import CommentAsk, CreateAsk, Failed
from adapters.pagerduty.client import PagerDuty as Client
from domain.inbound import InboundNote, InboundRecord, MirroredValue, Reference
from domain.records import NoteVisibility
from domain.sync.retry import Fault
from simulators import misfortune
from simulators.misfortune import Kind
from simulators.pagerduty.instance import PagerDuty
from tests.adapters.conftest import Clock
from tests.adapters.pagerduty.reading import create

OURS = "01ARZ3NDEKTSV4RRFFQ69G5FAV"


@pytest.fixture
def made(account: PagerDuty) -> str:
    return create(account, 1)[0]


def creation(account: PagerDuty, *, may_exist: bool = False, **fields: MirroredValue) -> CreateAsk:
    service = Reference(table="service", external_id=account.service("Web Shop")["id"])
    given: Mapping[str, MirroredValue] = {"title": "Mail is down", "services": (service,)}
    return CreateAsk(fields={**given, **fields}, correlation_id=OURS, may_exist=may_exist)


async def test_an_incident_is_created_with_our_id(account: PagerDuty, client: Client) -> None:
    beth = Reference(table="user", external_id=account.agent("beth.li").id)
    ask = creation(
        account, severity="SEV4", description="It burns", assignee=beth, status="ACKNOWLEDGED"
    )

    record = await client.create(ask)

    assert isinstance(record, InboundRecord)
    assert record.correlation_id == OURS
    assert record.fields["severity"] == "SEV4"
    assert record.fields["urgency"] == "low"
    assert record.fields["assignee"] == beth
    assert record.fields["status"] == "ACKNOWLEDGED"
    assert account.incident(record.external_id)["body"] == "It burns"


async def test_an_incident_is_created_without_what_cannot_be_written(
    account: PagerDuty, client: Client
) -> None:
    ask = creation(
        account, severity="SEV9", priority=None, assignee="somebody", labels=("a",), status="NEW"
    )

    record = await client.create(ask)

    assert isinstance(record, InboundRecord)
    assert (record.fields["severity"], record.fields["priority"]) == ("SEV2", None)


async def test_a_policy_and_an_assignee_are_both_given_to_a_new_incident(
    account: PagerDuty, client: Client
) -> None:
    policy_id = account.directory.named("escalation_policy", "Default")["id"]
    policy = Reference(table="escalation_policy", external_id=policy_id)
    beth = Reference(table="user", external_id=account.agent("beth.li").id)

    record = await client.create(creation(account, escalationPolicy=policy, assignee=beth))

    assert isinstance(record, InboundRecord)
    assert (record.fields["escalationPolicy"], record.fields["assignee"]) == (policy, beth)


async def test_an_incident_created_before_is_adopted(account: PagerDuty, client: Client) -> None:
    first = await client.create(creation(account))
    again = await client.create(creation(account))
    asked = account.served["POST /incidents"]
    surely = await client.create(creation(account, may_exist=True))

    for record in (first, again, surely):
        assert isinstance(record, InboundRecord)
        assert record.correlation_id == OURS
        assert isinstance(first, InboundRecord)
        assert record.external_id == first.external_id
    assert account.served["POST /incidents"] == asked


async def test_an_answer_that_is_lost_makes_no_second_incident(
    account: PagerDuty, client: Client
) -> None:
    account.misfortunes.push(misfortune.Fault(kind=Kind.LOST, method="POST"))

    lost = await client.create(creation(account))
    found = await client.create(creation(account, may_exist=True))

    assert isinstance(lost, Failed)
    assert isinstance(found, InboundRecord)
    assert account.store.count("incident") == 1


async def test_an_incident_needs_a_title_and_a_service(client: Client) -> None:
    failed = await client.create(CreateAsk(fields={"status": "NEW"}, correlation_id=OURS))

    assert isinstance(failed, Failed)
    assert failed.fault is Fault.REJECTED
    assert set(failed.fields) == {"title", "services"}


async def test_a_note_is_added_once_though_its_answer_was_lost(
    account: PagerDuty, client: Client, clock: Clock, made: str
) -> None:
    ask = CommentAsk(external_id=made, body="Hello\r\n", visibility=NoteVisibility.INTERNAL)
    again = CommentAsk(
        external_id=made, body="Hello\r\n", visibility=NoteVisibility.INTERNAL, may_exist=True
    )
    # given that somebody else wrote the same
    account.note(made, "Hello\n", by="beth.li")

    first = await client.comment(ask)
    second = await client.comment(again)
    clock.move(minutes=11)
    third = await client.comment(replace(again, since=clock()))

    assert isinstance(first, InboundNote)
    assert first.author == Reference(table="user", external_id=account.agent("").id)
    assert isinstance(second, InboundNote)
    assert second.external_id == first.external_id
    assert isinstance(third, InboundNote)
    assert third.external_id != first.external_id


async def test_a_public_note_is_refused(account: PagerDuty, client: Client, made: str) -> None:
    ask = CommentAsk(external_id=made, body="Hello", visibility=NoteVisibility.PUBLIC)

    failed = await client.comment(ask)

    assert isinstance(failed, Failed)
    assert failed.fault is Fault.REJECTED
    assert account.served["POST /incidents/{id}/notes"] == 0
