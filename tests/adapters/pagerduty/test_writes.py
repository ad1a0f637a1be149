import pytest
from starlette.requests import Request

from adapters.exchange import CommentAsk, Failed, WriteAsk
from adapters.pagerduty.client import PagerDuty as Client
from domain.inbound import InboundRecord, MirroredValue, Reference
from domain.records import NoteVisibility
from domain.sync.retry import Fault
from simulators.pagerduty.instance import PagerDuty
from tests.adapters.pagerduty.conftest import TOKEN, Connect
from tests.adapters.pagerduty.reading import create


@pytest.fixture
def made(account: PagerDuty) -> str:
    return create(account, 1)[0]


async def write(
    client: Client, external_id: str, **fields: MirroredValue
) -> InboundRecord | Failed:
    return await client.write(WriteAsk(external_id=external_id, fields=fields))


async def written(client: Client, external_id: str, **fields: MirroredValue) -> InboundRecord:
    record = await write(client, external_id, **fields)
    assert isinstance(record, InboundRecord), record
    return record


async def test_every_field_is_written_and_read_back(
    account: PagerDuty, client: Client, made: str
) -> None:
    beth = Reference(table="user", external_id=account.agent("beth.li").id)
    search = Reference(table="service", external_id=account.service("Product Search")["id"])
    fields: dict[str, MirroredValue] = {
        "title": "Mail is slow",
        "severity": "SEV3",
        "status": "ACKNOWLEDGED",
        "assignee": beth,
        "services": (search,),
    }

    record = await written(client, made, **fields)

    assert {name: record.fields[name] for name in fields} == fields
    assert record.fields["priority"] == "P3"
    assert account.incident(made)["title"] == "Mail is slow"


async def test_a_policy_and_an_assignee_are_written_one_after_the_other(
    account: PagerDuty, client: Client, made: str
) -> None:
    rule = {"escalation_delay_in_minutes": 5, "targets": [account.agent("carl.ng").id]}
    night = account.directory.add(
        "escalation_policy", {"name": "Night", "escalation_rules": [rule]}
    )
    fields: dict[str, MirroredValue] = {
        "escalationPolicy": Reference(table="escalation_policy", external_id=night["id"]),
        "assignee": Reference(table="user", external_id=account.agent("beth.li").id),
        "status": "ACKNOWLEDGED",
    }

    record = await written(client, made, **fields)

    assert {name: record.fields[name] for name in fields} == fields
    assert account.served["PUT /incidents/{id}"] == 3


@pytest.mark.parametrize("status", ["ACKNOWLEDGED", "IN_PROGRESS", "ON_HOLD"])
async def test_a_status_that_already_stands_is_not_written(
    account: PagerDuty, client: Client, made: str, status: str
) -> None:
    account.acknowledge(made)

    record = await written(client, made, status=status)

    assert record.fields["status"] == "ACKNOWLEDGED"
    assert account.served["PUT /incidents/{id}"] == 0


@pytest.mark.parametrize(
    ("urgency", "severity"), [("high", "SEV1"), ("high", "SEV3"), ("low", "SEV5")]
)
async def test_an_urgency_that_already_is_the_severity_stays(
    account: PagerDuty, client: Client, made: str, urgency: str, severity: str
) -> None:
    account.switches.priorities = False
    account.edit(made, {"urgency": urgency})

    await written(client, made, severity=severity)

    assert account.incident(made)["urgency"] == urgency
    assert account.served["PUT /incidents/{id}"] == 0


async def test_without_priorities_a_severity_is_written_as_urgency_and_a_priority_refused(
    account: PagerDuty, client: Client, made: str
) -> None:
    account.switches.priorities = False

    record = await written(client, made, severity="SEV5")
    refused = await write(client, made, priority="P1")

    assert record.fields["urgency"] == "low"
    assert isinstance(refused, Failed)
    assert refused.fields == {"priority": "the account uses no priorities"}


async def test_what_cannot_be_written_is_named_and_nothing_is_written(
    account: PagerDuty, client: Client, made: str
) -> None:
    refused = await write(
        client,
        made,
        title="New title",
        description="New",
        assignee="somebody",
        services=(),
        status="ODD",
        severity="SEV9",
        escalationPolicy=None,
        labels=("a",),
    )

    assert isinstance(refused, Failed)
    assert refused.fault is Fault.REJECTED
    assert set(refused.fields) == {
        "description",
        "assignee",
        "services",
        "status",
        "severity",
        "escalationPolicy",
        "labels",
    }
    assert account.incident(made)["title"] == "Incident 0"


async def test_an_ended_incident_is_opened_again_before_it_is_given_to_somebody(
    account: PagerDuty, client: Client, made: str
) -> None:
    account.resolve(made)
    beth = Reference(table="user", external_id=account.agent("beth.li").id)

    record = await written(client, made, status="NEW", assignee=beth)

    assert (record.fields["status"], record.fields["assignee"]) == ("NEW", beth)


async def test_an_account_that_lets_nothing_be_opened_again_is_asked_once(
    account: PagerDuty, client: Client, made: str
) -> None:
    account.switches.reopens = False
    account.resolve(made)

    for _ in range(2):
        refused = await write(client, made, status="IN_PROGRESS")
        assert isinstance(refused, Failed)
        assert refused.fault is Fault.TRANSITION_REFUSED
        assert "possible: resolved" in refused.detail
    assert account.served["PUT /incidents/{id}"] == 1


async def test_resolving_what_somebody_resolves_meanwhile_is_done(
    account: PagerDuty, client: Client, made: str
) -> None:
    def resolved(request: Request) -> None:
        if request.method == "PUT":
            account.hooks.before_request = None
            account.resolve(made)

    account.hooks.before_request = resolved

    record = await written(client, made, status="CLOSED")

    assert record.fields["status"] == "RESOLVED"


@pytest.mark.parametrize("external_id", ["QNONE", "../users", ""])
async def test_an_incident_that_is_gone_is_told_as_gone(client: Client, external_id: str) -> None:
    ask = CommentAsk(external_id=external_id, body="Hello", visibility=NoteVisibility.INTERNAL)

    for failed in (await write(client, external_id, title="x"), await client.comment(ask)):
        assert isinstance(failed, Failed)
        assert failed.fault is Fault.GONE


async def test_a_writer_that_is_nobody_is_refused(connect: Connect, made: str) -> None:
    failed = await write(connect(TOKEN | {"from": "nobody@example.com"}), made, status="RESOLVED")

    assert isinstance(failed, Failed)
    assert failed.fault is Fault.REJECTED
