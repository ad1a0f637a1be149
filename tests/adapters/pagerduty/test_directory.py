import pytest

from adapters.exchange import Failed, Found
from adapters.pagerduty.client import PagerDuty as Client
from domain.inbound import InboundRecord, Reference
from domain.records import RecordKind
from domain.sync.retry import Fault
from simulators import misfortune
from simulators.misfortune import Kind
from simulators.pagerduty.instance import PagerDuty
from tests.adapters.conftest import Clock
from tests.adapters.pagerduty.reading import create, ids, pages, records


def people(account: PagerDuty, count: int) -> set[Reference]:
    return {
        Reference(table="user", external_id=account.agent(f"user.{n}").id) for n in range(count)
    }


async def named(client: Client, references: set[Reference]) -> dict[Reference, tuple[str, object]]:
    found = await client.names(references)
    assert not isinstance(found, Failed)
    return {one.reference: (one.name, one.email) for one in found}


async def test_names_come_with_mail_and_without_what_is_unknown(
    account: PagerDuty, client: Client
) -> None:
    beth = Reference(table="user", external_id=account.agent("beth.li").id)
    policy_id = account.directory.named("escalation_policy", "Default")["id"]
    policy = Reference(table="escalation_policy", external_id=policy_id)
    shop = Reference(table="service", external_id=account.service("Web Shop")["id"])
    unknown = {
        Reference(table="user", external_id="PGONE"),
        Reference(table="user", external_id="../incidents"),
        Reference(table="schedule", external_id="PSCHED"),
    }

    assert await named(client, {beth, policy, shop, *unknown}) == {
        beth: ("Beth Li", "beth.li@example.com"),
        policy: ("Default", None),
        shop: ("Web Shop", None),
    }


async def test_150_names_take_two_calls(account: PagerDuty, client: Client) -> None:
    asked = people(account, 150)

    assert (await named(client, asked)).keys() == asked
    assert account.served["GET /users"] == 2


async def test_a_closed_list_hides_no_other_and_a_failure_is_told(
    account: PagerDuty, client: Client
) -> None:
    shop = Reference(table="service", external_id=account.service("Web Shop")["id"])
    account.misfortunes.push(
        misfortune.Fault(kind=Kind.ERROR, status=403, path="/users"),
        misfortune.Fault(kind=Kind.ERROR, status=500, path="/users"),
    )
    asked = people(account, 1) | {shop}

    assert (await named(client, asked)).keys() == {shop}
    failed = await client.names(asked)
    assert isinstance(failed, Failed)
    assert failed.fault is Fault.VENDOR_ERROR


async def test_records_are_read_by_their_ids(
    account: PagerDuty, client: Client, clock: Clock
) -> None:
    made = {
        RecordKind.INCIDENT: create(account, 2),
        RecordKind.CHANGE: [str(account.change("Deploy")["id"])],
        RecordKind.SERVICE: [str(account.service("Web Shop")["id"])],
    }
    in_pages = {
        record.external_id: record for kind in made for record in records(await pages(client, kind))
    }

    for kind, wanted in made.items():
        found = await client.read(kind, [*wanted, "QNONE", "../users"])
        assert isinstance(found, Found)
        assert found.records == [in_pages[external_id] for external_id in wanted]
        assert found.gone == {"QNONE", "../users"}
        assert found.served_at == clock()


async def test_an_alert_is_found_by_its_incident_open_or_not(
    account: PagerDuty, client: Client
) -> None:
    for n in range(3):
        account.alert(f"Alert {n}", dedup_key=f"key-{n}")
    account.alert("Alert 0", dedup_key="key-0", action="resolve")
    made = ids(await pages(client, RecordKind.EVENT))

    found = await client.read(RecordKind.EVENT, [*made, "QNONE", ""])

    assert isinstance(found, Found)
    assert sorted(record.external_id for record in found.records) == sorted(made)
    assert found.gone == {"QNONE", ""}


async def test_an_open_alert_takes_no_walk_through_all_incidents(
    account: PagerDuty, client: Client
) -> None:
    account.alert("Disk full")
    (made,) = ids(await pages(client, RecordKind.EVENT))
    before = account.served.total()

    await client.read(RecordKind.EVENT, [made])

    assert account.served.total() - before == 3


@pytest.mark.parametrize("kind", [Kind.ERROR, Kind.HTML])
async def test_a_failure_is_not_taken_for_absence(
    account: PagerDuty, client: Client, kind: Kind
) -> None:
    made = create(account, 1)
    account.misfortunes.push(misfortune.Fault(kind=kind, path=f"/incidents/{made[0]}"))

    assert isinstance(await client.read(RecordKind.INCIDENT, made), Failed)


async def test_a_read_incident_has_its_body(account: PagerDuty, client: Client) -> None:
    made = str(account.trigger("Mail", body="It burns")["id"])

    found = await client.read(RecordKind.INCIDENT, [made])

    assert isinstance(found, Found)
    (record,) = found.records
    assert isinstance(record, InboundRecord)
    assert record.fields["description"] == "It burns"
