from datetime import timedelta

import pytest

from adapters.exchange import CensusAsk, CensusPage, PageAsk
from adapters.pagerduty.client import PagerDuty as Client
from domain.inbound import Target
from domain.records import RecordKind, RelationName
from simulators.pagerduty.instance import PagerDuty
from tests.adapters.conftest import Clock
from tests.adapters.pagerduty.conftest import Connect
from tests.adapters.pagerduty.reading import INCIDENT, create, ids, page, pages, records


async def test_a_backfill_reads_every_incident_once_though_hundreds_share_a_second(
    account: PagerDuty, client: Client, clock: Clock
) -> None:
    made = create(account, 250)
    clock.move(days=400)
    made += create(account, 1)

    read = await pages(client)

    assert sorted(ids(read)) == sorted(made)
    assert len(ids(read)) == len(set(made))
    # an empty half a year lies between
    assert [len(one.records) for one in read] == [100, 100, 50, 0, 1]
    assert [one.through for one in read] == [None, None, None, None, clock()]
    assert read[-1].remaining == 1


async def test_an_incident_that_ends_during_a_backfill_hides_no_other(
    account: PagerDuty, client: Client
) -> None:
    made = create(account, 150)
    first = await page(client, PageAsk(kind=INCIDENT, since=None, position=None, size=100))
    for external_id in made[:50]:
        account.resolve(external_id)
    create(account, 1)

    ask = PageAsk(kind=INCIDENT, since=None, position=first.position, size=100)
    rest = await page(client, ask)

    assert set(made) <= set(ids([first, rest]))


async def test_an_empty_account_has_an_empty_page(client: Client) -> None:
    (only,) = await pages(client)

    assert (only.records, only.position, only.through) == ([], None, None)


async def test_an_incremental_run_reads_what_the_log_tells_of(
    account: PagerDuty, client: Client, clock: Clock
) -> None:
    # given old incidents, of which one is resolved long after it was created
    made = create(account, 5)
    clock.move(days=10)
    since = clock() - timedelta(minutes=2)
    account.resolve(made[3])
    clock.move(seconds=30)

    (only,) = await pages(client, since=since)

    assert ids([only]) == [made[3]]
    assert only.records[0].fields["status"] == "RESOLVED"
    assert only.through == clock()
    assert account.served["GET /incidents/{id}"] == 1


async def test_a_long_absence_is_cut_into_windows_that_can_be_gone_on_from(
    account: PagerDuty, client: Client, clock: Clock
) -> None:
    since = clock()
    made: list[str] = []
    for _ in range(60):
        made += create(account, 2)
        clock.move(minutes=1)

    read = await pages(client, since=since, size=10)

    assert sorted(set(ids(read))) == sorted(made)
    # an incident leaves three entries here, and a page is about a hundred of them
    assert [len(one.records) <= 34 for one in read] == [True] * 4
    throughs = [one.through for one in read if one.through]
    assert throughs == sorted(throughs)
    assert throughs[-1] == clock()
    # every page says no more than it has read
    for number, one in enumerate(read[:-1]):
        rest = [record for later in read[number + 1 :] for record in later.records]
        assert one.through is not None
        assert all(record.key.at >= one.through for record in rest)


async def test_a_hundred_changes_are_read_as_a_list_and_the_ended_ones_one_by_one(
    account: PagerDuty, client: Client, clock: Clock
) -> None:
    since = clock()
    made = create(account, 60)
    for external_id in made[:4]:
        account.resolve(external_id)

    read = await pages(client, since=since)

    assert sorted(ids(read)) == sorted(made)
    assert account.served["GET /incidents/{id}"] == 4


async def test_a_thorough_run_also_reads_what_is_open(
    account: PagerDuty, client: Client, clock: Clock
) -> None:
    made = create(account, 120)
    account.resolve(made[0])
    clock.move(days=1)

    plain = await pages(client, since=clock())
    thorough = await pages(client, since=clock(), is_thorough=True)

    assert ids(plain) == []
    assert sorted(ids(thorough)) == sorted(made[1:])
    assert [one.through for one in thorough] == [clock(), None, None]


async def test_another_process_can_go_on_from_a_position(
    account: PagerDuty, connect: Connect, clock: Clock
) -> None:
    made = create(account, 150)
    first = await page(connect(), PageAsk(kind=INCIDENT, since=None, position=None, size=100))
    clock.move(hours=1)

    ask = PageAsk(kind=INCIDENT, since=None, position=first.position, size=100)
    second = await page(connect(), ask)

    assert sorted(ids([first, second])) == sorted(made)
    assert second.through == clock() - timedelta(hours=1)


@pytest.mark.parametrize(
    ("text", "told"), [('{"other": 1}', "not a position"), ('{"all": "[1]"}', "unpack")]
)
async def test_a_position_that_is_not_ours_is_a_mistake_of_ours(
    client: Client, text: str, told: str
) -> None:
    with pytest.raises(ValueError, match=told):
        await client.page(PageAsk(kind=INCIDENT, since=None, position=text, size=100))


async def test_alerts_are_read_by_the_incidents_that_changed(
    account: PagerDuty, client: Client, clock: Clock
) -> None:
    key = account.alert("Disk full", severity="error")
    create(account, 3)
    clock.move(hours=1)
    since = clock()
    account.alert("Disk full", action="resolve", dedup_key=key)

    all_alerts = records(await pages(client, RecordKind.EVENT))
    changed = records(await pages(client, RecordKind.EVENT, since))

    assert len(all_alerts) == len(changed) == 1
    found = changed[0]
    assert found.fields["severity"] == "CRITICAL"
    assert found.fields["status"] == "CLEARED"
    assert found.fields["source"] == "monitor"
    assert found.fields["dedupKey"] == key
    (incident,) = found.relations[RelationName.PART_OF]
    assert incident.kind is RecordKind.INCIDENT
    # incidents without alerts are not asked for them
    assert account.served["GET /incidents/{id}/alerts"] == 2


async def test_change_events_are_read_by_their_time_for_90_days(
    account: PagerDuty, client: Client, clock: Clock
) -> None:
    account.change("Forgotten")
    clock.move(days=91)
    made = [str(account.change(f"Deploy {n}")["id"]) for n in range(150)]
    clock.move(hours=1)
    late = str(account.change("Late")["id"])

    everything = await pages(client, RecordKind.CHANGE)
    recent = await pages(client, RecordKind.CHANGE, clock() - timedelta(minutes=2))

    assert sorted(ids(everything)) == sorted([*made, late])
    assert ids(recent) == [late]
    assert recent[0].records[0].fields["status"] == "COMPLETED"
    assert recent[0].through == clock()


async def test_services_are_read_whole_and_what_they_depend_on_when_all_is(
    account: PagerDuty, client: Client, clock: Clock
) -> None:
    for n in range(100):
        account.add_service(f"Service {n}")
    web, search = account.service("Web Shop")["id"], account.service("Product Search")["id"]

    everything = {r.external_id: r for r in records(await pages(client, RecordKind.SERVICE))}
    again = records(await pages(client, RecordKind.SERVICE, clock()))

    assert len(everything) == len(again) == 127
    needs = everything[web].relations[RelationName.DEPENDS_ON]
    assert Target(kind=RecordKind.SERVICE, external_id=search) in needs
    assert all(RelationName.DEPENDS_ON in record.relations for record in everything.values())
    assert not any(record.relations for record in again)


@pytest.mark.parametrize(
    "kind", [RecordKind.INCIDENT, RecordKind.CHANGE, RecordKind.EVENT, RecordKind.SERVICE]
)
async def test_a_census_has_every_id(account: PagerDuty, client: Client, kind: RecordKind) -> None:
    create(account, 110)
    for n in range(3):
        account.alert(f"Alert {n}")
        account.change(f"Change {n}")

    found: list[str] = []
    position: str | None = None
    while not found or position:
        counted = await client.census(CensusAsk(kind=kind, position=position))
        assert isinstance(counted, CensusPage)
        found += counted.external_ids
        position = counted.position

    assert sorted(found) == sorted(ids(await pages(client, kind)))
    assert len(found) >= 3


async def test_what_a_new_row_pushes_to_the_next_page_is_read_once(
    client: Client, account: PagerDuty
) -> None:
    made = [account.change(f"Deploy {n}")["id"] for n in range(4)]
    account.switches.largest_page = 2
    pushed: list[object] = []

    def push(kind: str, read: int) -> None:
        if (kind, read, pushed) == ("change_event", 2, []):
            pushed.append(account.change("Restart"))

    account.hooks.after_page = push
    (whole,) = await pages(client, RecordKind.CHANGE)
    assert sorted(record.external_id for record in whole.records) == sorted(made)
