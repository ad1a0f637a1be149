from datetime import timedelta

import pytest

from adapters.exchange import Failed, PageAsk
from adapters.pagerduty.client import PagerDuty as Client
from domain.records import RecordKind
from domain.sync.retry import Fault
from simulators import misfortune
from simulators.limit import Limit
from simulators.misfortune import Kind
from simulators.pagerduty.instance import PagerDuty
from tests.adapters.conftest import Clock
from tests.adapters.pagerduty.conftest import Connect
from tests.adapters.pagerduty.reading import INCIDENT, create, failed, ids, page, pages

KINDS = [RecordKind.INCIDENT, RecordKind.CHANGE, RecordKind.EVENT, RecordKind.SERVICE]
FIRST = PageAsk(kind=INCIDENT, since=None, position=None, size=100)


@pytest.mark.parametrize("path", ["/priorities", "/incidents"])
@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (misfortune.Fault(kind=Kind.HTML), Fault.BAD_ANSWER),
        (misfortune.Fault(kind=Kind.ERROR, status=500), Fault.VENDOR_ERROR),
        (misfortune.Fault(kind=Kind.LOST), Fault.VENDOR_ERROR),
        (misfortune.Fault(kind=Kind.THROTTLED), Fault.THROTTLED),
        (misfortune.Fault(kind=Kind.UNAUTHORISED), Fault.UNAUTHORISED),
        (misfortune.Fault(kind=Kind.TRUNCATED), Fault.BAD_ANSWER),
        (misfortune.Fault(kind=Kind.BOMB), Fault.BAD_ANSWER),
        (misfortune.Fault(kind=Kind.CANCELLED), Fault.BAD_ANSWER),
    ],
    ids=lambda value: value.kind if isinstance(value, misfortune.Fault) else None,
)
async def test_a_misfortune_is_told_as_its_fault(
    account: PagerDuty, client: Client, path: str, fault: misfortune.Fault, expected: Fault
) -> None:
    create(account, 2)
    told = misfortune.Fault(kind=fault.kind, status=fault.status, path=path)
    account.misfortunes.push(told)

    assert (await failed(client)).fault is expected
    assert len((await page(client, FIRST)).records) == 2


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("since", [None, timedelta(hours=1)])
async def test_a_failure_at_any_request_of_a_page_fails_the_page(
    account: PagerDuty, connect: Connect, clock: Clock, kind: RecordKind, since: timedelta | None
) -> None:
    create(account, 2)
    account.alert("Disk full")
    account.change("Deploy")
    begins_at = None if since is None else clock() - since
    ask = PageAsk(kind=kind, since=begins_at, position=None, size=100, is_thorough=True)
    whole = await page(connect(), ask)
    needed = account.served.total()
    assert whole.records

    for skipped in range(min(needed, 8)):
        account.misfortunes.clear()
        account.misfortunes.push(misfortune.Fault(kind=Kind.ERROR, skip=skipped))
        assert isinstance(await connect().page(ask), Failed)


async def test_a_vendor_that_is_too_slow_is_left_at_the_deadline(
    account: PagerDuty, connect: Connect
) -> None:
    client = connect(deadline=timedelta(milliseconds=50))
    account.misfortunes.push(misfortune.Fault(kind=Kind.HANG))

    assert (await failed(client)).fault is Fault.TIMED_OUT


async def test_a_rate_limit_says_how_long_to_wait(
    account: PagerDuty, client: Client, clock: Clock
) -> None:
    account.switches.rate_limit = Limit(requests=1, per=timedelta(minutes=1))
    clock.move(seconds=13)

    limited = await failed(client)

    assert (limited.fault, limited.retry_after) == (Fault.THROTTLED, timedelta(seconds=47))


async def test_a_rate_limit_that_says_nothing_is_waited_for_20_seconds_by_all(
    account: PagerDuty, connect: Connect
) -> None:
    account.switches.rate_limit = Limit(requests=1, per=timedelta(minutes=1), is_told=False)
    told: list[timedelta | None] = []

    async def throttled(wait: timedelta | None) -> None:
        told.append(wait)

    waited = (await failed(connect(throttled=throttled))).retry_after
    assert [waited] == told == [timedelta(seconds=20)]


async def test_only_a_request_that_was_throttled_has_to_wait(
    account: PagerDuty, client: Client
) -> None:
    account.misfortunes.push(misfortune.Fault(kind=Kind.ERROR, headers={"ratelimit-reset": "42"}))

    assert (await failed(client)).retry_after is None


async def test_a_row_that_cannot_be_read_does_not_stop_the_page(
    account: PagerDuty, client: Client
) -> None:
    made = create(account, 3)
    account.misfortunes.push(
        misfortune.Fault(kind=Kind.NULL_FIELD, detail="id", path="/incidents", skip=1)
    )

    read = await page(client, FIRST)

    assert (len(read.records), len(read.faulty)) == (0, 3)
    assert not any(row.is_named for row in read.faulty)
    assert sorted(ids(await pages(client))) == sorted(made)


async def test_an_oldest_incident_without_a_time_is_not_taken_for_an_empty_account(
    account: PagerDuty, client: Client
) -> None:
    create(account, 1)
    account.misfortunes.push(
        misfortune.Fault(kind=Kind.NULL_FIELD, detail="created_at", path="/incidents")
    )

    assert (await failed(client)).fault is Fault.BAD_ANSWER


async def test_a_page_without_any_time_to_go_on_from_is_told_and_not_skipped(
    account: PagerDuty, client: Client
) -> None:
    create(account, 101)
    account.misfortunes.push(
        misfortune.Fault(kind=Kind.NULL_FIELD, detail="created_at", path="/incidents", skip=1)
    )

    assert "not ordered by created_at" in (await failed(client)).detail


async def test_an_answer_without_its_list_is_told(account: PagerDuty, client: Client) -> None:
    account.misfortunes.push(misfortune.Fault(kind=Kind.CANCELLED, path="/incidents"))

    assert (await failed(client)).fault is Fault.BAD_ANSWER


async def test_an_incident_that_is_gone_behind_its_log_is_left_out(
    account: PagerDuty, client: Client, clock: Clock
) -> None:
    made = create(account, 2)
    account.misfortunes.push(
        misfortune.Fault(kind=Kind.ERROR, status=404, path=f"/incidents/{made[0]}")
    )

    assert ids(await pages(client, since=clock())) == [made[1]]


async def test_a_page_tells_the_vendors_time_and_skew(
    account: PagerDuty, client: Client, clock: Clock
) -> None:
    account.switches.skew = timedelta(minutes=10)
    create(account, 1)

    read = await page(client, FIRST)

    assert read.served_at == read.through == clock() + timedelta(minutes=10)
    assert read.skew == timedelta(minutes=10, milliseconds=500)
