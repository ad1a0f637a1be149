from datetime import datetime, timedelta

import pytest
from starlette.requests import Request

from adapters.contract import Failed, HistoryAsk, Page, PageAsk
from adapters.servicenow.client import ServiceNow as Client
from domain.records import InboundRecord, RecordKind, Reference
from domain.sync.retry import Fault
from simulators import misfortune
from simulators.misfortune import Kind
from simulators.servicenow.instance import ServiceNow
from simulators.servicenow.switches import RateLimit
from tests.adapters.conftest import Clock
from tests.adapters.servicenow.conftest import BASIC, KEY, OAUTH, Connect

LIST = "GET /api/now/table/incident"


def ask(position: str | None = None, since: datetime | None = None, size: int = 200) -> PageAsk:
    return PageAsk(kind=RecordKind.INCIDENT, since=since, position=position, size=size)


async def page(
    client: Client,
    position: str | None = None,
    since: datetime | None = None,
    size: int = 200,
) -> Page:
    found = await client.page(ask(position, since, size))
    assert isinstance(found, Page), found
    return found


async def pages(client: Client, size: int = 200, since: datetime | None = None) -> list[Page]:
    read = [await page(client, size=size, since=since)]
    while read[-1].position:
        assert len(read) < 50
        read.append(await page(client, position=read[-1].position, size=size, since=since))
    return read


def records(read: list[Page]) -> list[InboundRecord]:
    return [record for one in read for record in one.records]


async def failed(client: Client) -> Failed:
    found = await client.page(ask())
    assert isinstance(found, Failed)
    return found


def create(servicenow: ServiceNow, count: int) -> list[str]:
    return [
        servicenow.create({"short_description": f"Mail {n}", "impact": "2", "urgency": "1"})[
            "sys_id"
        ]
        for n in range(count)
    ]


async def test_450_rows_of_one_second_are_three_pages_by_id(
    servicenow: ServiceNow, client: Client
) -> None:
    made = create(servicenow, 450)

    read = await pages(client)

    assert [len(one.records) for one in read] == [200, 200, 50]
    assert [one.remaining for one in read] == [450, 250, 50]
    assert [record.external_id for record in records(read)] == sorted(made)
    first = read[0].records[0]
    assert first.fields["status"] == "NEW"
    assert first.fields["severity"] == "SEV2"
    assert first.author == "admin"


async def test_a_pull_begins_at_its_lower_bound_and_in_order(
    servicenow: ServiceNow, client: Client, clock: Clock
) -> None:
    early = create(servicenow, 1)
    clock.move(seconds=1)
    since = clock()
    middle = create(servicenow, 3)
    clock.move(seconds=1)
    late = create(servicenow, 2)

    found = records(await pages(client, size=2, since=since))

    assert [record.external_id for record in found] == sorted(middle) + sorted(late)
    assert early[0] not in {record.external_id for record in found}


@pytest.mark.parametrize("hidden", [range(5), range(200), range(200, 450), range(450)])
async def test_unreadable_rows_leave_short_or_empty_pages_and_end_nothing(
    servicenow: ServiceNow, client: Client, hidden: range
) -> None:
    made = sorted(create(servicenow, 450))
    servicenow.switches.unreadable = {made[n] for n in hidden}

    found = [record.external_id for record in records(await pages(client))]

    assert found == [sys_id for n, sys_id in enumerate(made) if n not in hidden]


async def test_a_row_that_changes_between_pages_is_read_again_and_none_is_missed(
    servicenow: ServiceNow, client: Client, clock: Clock
) -> None:
    # given three pages, and rows of the first and the last that change after the first
    made = sorted(create(servicenow, 450))
    clock.move(seconds=5)
    first = await page(client)
    for sys_id in (made[0], made[449]):
        servicenow.edit(sys_id, {"short_description": "Changed"})

    # when the other pages are read
    read = [first]
    while read[-1].position:
        read.append(await page(client, position=read[-1].position))

    # then what changed comes last, in its new form
    found = [record.external_id for record in records(read)]
    assert found == [*made[:449], made[0], made[449]]
    assert records(read)[-1].fields["title"] == "Changed"


async def test_a_row_that_cannot_be_read_does_not_stop_the_page(
    servicenow: ServiceNow, client: Client
) -> None:
    made = sorted(create(servicenow, 5))
    servicenow.records.store.change("incident", made[4], {"opened_at": "soon"})

    (read,) = await pages(client)

    assert [record.external_id for record in read.records] == made[:4]
    assert [row.external_id for row in read.faulty] == made[4:]


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
        (misfortune.Fault(kind=Kind.CANCELLED, times=None), Fault.BAD_ANSWER),
    ],
    ids=lambda value: value.kind if isinstance(value, misfortune.Fault) else None,
)
async def test_a_misfortune_is_told_as_its_fault(
    servicenow: ServiceNow, client: Client, fault: misfortune.Fault, expected: Fault
) -> None:
    create(servicenow, 4)
    servicenow.misfortunes.push(fault)

    assert (await failed(client)).fault is expected


@pytest.mark.parametrize("kind", [Kind.HANG, Kind.DRIP])
async def test_a_vendor_that_is_too_slow_is_left_at_the_deadline(
    servicenow: ServiceNow, connect: Connect, kind: Kind
) -> None:
    client = connect(deadline=timedelta(milliseconds=50))
    servicenow.misfortunes.push(misfortune.Fault(kind=kind))

    assert (await failed(client)).fault is Fault.TIMED_OUT
    servicenow.misfortunes.clear()
    assert (await page(client)).records == []


@pytest.mark.parametrize("kind", [Kind.WRONG_TYPE, Kind.EXTRA_FIELD])
async def test_a_harmless_oddity_is_read_over(
    servicenow: ServiceNow, client: Client, kind: Kind
) -> None:
    create(servicenow, 1)
    servicenow.misfortunes.push(misfortune.Fault(kind=kind, detail="text/html"))

    assert len((await page(client)).records) == 1


async def test_a_column_that_is_gone_is_left_alone_and_a_null_one_is_empty(
    servicenow: ServiceNow, client: Client
) -> None:
    create(servicenow, 1)
    servicenow.misfortunes.push(
        misfortune.Fault(kind=Kind.MISSING_FIELD, detail="short_description"),
        misfortune.Fault(kind=Kind.NULL_FIELD, detail="short_description"),
    )

    assert "title" not in (await page(client)).records[0].fields
    assert (await page(client)).records[0].fields["title"] is None


async def test_a_cancelled_query_goes_on_with_half_the_rows(
    servicenow: ServiceNow, client: Client
) -> None:
    made = sorted(create(servicenow, 450))
    servicenow.misfortunes.push(misfortune.Fault(kind=Kind.CANCELLED, times=2))

    read = await pages(client)

    assert [len(one.records) for one in read] == [50, 200, 200]
    assert [record.external_id for record in records(read)] == made


async def test_a_query_that_is_always_cancelled_is_given_up_at_25_rows(
    servicenow: ServiceNow, client: Client
) -> None:
    servicenow.misfortunes.push(misfortune.Fault(kind=Kind.CANCELLED, times=None))
    limits: list[int] = []
    servicenow.hooks.after_page = lambda _, rows: limits.append(rows)
    create(servicenow, 200)

    assert "Transaction cancelled" in (await failed(client)).detail
    assert limits == [200, 100, 50, 25]


async def test_a_rate_limit_says_how_long_to_wait(
    servicenow: ServiceNow, client: Client, clock: Clock
) -> None:
    servicenow.switches.rate_limit = RateLimit(limit=1)
    clock.move(minutes=50)
    await page(client)

    limited = await failed(client)

    assert (limited.fault, limited.retry_after) == (Fault.THROTTLED, timedelta(minutes=10))


async def test_a_page_tells_the_vendors_time_and_skew(
    servicenow: ServiceNow, client: Client, clock: Clock
) -> None:
    servicenow.switches.skew = timedelta(minutes=10)

    read = await page(client)

    assert read.served_at == clock() + timedelta(minutes=10)
    assert read.skew == timedelta(minutes=10, milliseconds=500)


@pytest.mark.parametrize("credentials", [BASIC, KEY, OAUTH, OAUTH | BASIC])
async def test_every_set_of_credentials_signs_in(
    connect: Connect, credentials: dict[str, str]
) -> None:
    assert (await page(connect(credentials))).records == []


@pytest.mark.parametrize(
    "credentials",
    [
        {},
        {"user": "admin"},
        BASIC | {"password": "wrong"},
        {"api_key": "wröng"},
        OAUTH | {"client_secret": "wrong"},
        OAUTH | BASIC | {"password": "wrong"},
    ],
)
async def test_wrong_credentials_are_unauthorised_and_not_repeated(
    connect: Connect, credentials: dict[str, str]
) -> None:
    outcome = await failed(connect(credentials))

    assert outcome.fault is Fault.UNAUTHORISED
    assert "wrong" not in outcome.detail


async def test_a_token_is_used_for_80_percent_of_its_life_and_then_refreshed(
    servicenow: ServiceNow, connect: Connect, clock: Clock
) -> None:
    client = connect(OAUTH | BASIC)
    await page(client)
    clock.move(seconds=1_799 * 0.8 - 1)
    await page(client)
    assert servicenow.served["POST /oauth_token.do"] == 1

    clock.move(seconds=1)
    await page(client)
    assert servicenow.served["POST /oauth_token.do"] == 2


@pytest.mark.parametrize("credentials", [OAUTH, OAUTH | BASIC])
async def test_a_token_that_is_refused_is_renewed_once(
    servicenow: ServiceNow, connect: Connect, credentials: dict[str, str]
) -> None:
    client = connect(credentials)
    await page(client)
    servicenow.login.expire()

    await page(client)
    assert servicenow.served["POST /oauth_token.do"] == 2

    servicenow.misfortunes.push(misfortune.Fault(kind=Kind.UNAUTHORISED, path="/api", times=None))
    assert (await failed(client)).fault is Fault.UNAUTHORISED
    assert servicenow.served["POST /oauth_token.do"] == 3


async def test_a_refresh_token_that_is_lost_begins_a_new_session(
    servicenow: ServiceNow, connect: Connect
) -> None:
    client = connect(OAUTH | BASIC)
    await page(client)
    servicenow.login.revoke()
    servicenow.login.restore()

    assert (await page(client)).records == []


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


async def test_the_world_may_move_while_a_page_is_served(
    servicenow: ServiceNow, client: Client, clock: Clock
) -> None:
    made = sorted(create(servicenow, 10))

    def edit(_: Request) -> None:
        servicenow.hooks.before_request = None
        clock.move(seconds=1)
        servicenow.edit(made[9], {"short_description": "Moved"})

    first = await page(client, size=5)
    servicenow.hooks.before_request = edit
    rest = await page(client, size=5, position=first.position)

    assert [r.external_id for r in (*first.records, *rest.records)] == made
    assert rest.records[-1].fields["title"] == "Moved"
