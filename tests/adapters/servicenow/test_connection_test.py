from datetime import timedelta

import pytest

from adapters.servicenow.client import ServiceNow as Client
from simulators import misfortune
from simulators.limit import Limit
from simulators.misfortune import Kind
from simulators.servicenow.instance import ServiceNow
from tests.adapters.servicenow.conftest import BASIC, Connect


async def test_a_good_connection_passes_every_step(servicenow: ServiceNow, client: Client) -> None:
    servicenow.create({"short_description": "Mail"})
    servicenow.switches.strict_queries = True

    checked = await client.check()

    assert [(check.name, check.is_ok) for check in checked.checks] == [
        ("reach", True),
        ("sign-in", True),
        ("read", True),
        ("read changes", True),
        ("read alerts", True),
        ("read tickets", True),
        ("read services", True),
        ("write", True),
        ("mapping", True),
        ("history", True),
        ("notes", True),
        ("query safety", True),
        ("clock", True),
    ]
    assert checked.skew == timedelta(milliseconds=500)
    assert checked.latency == timedelta(0)
    assert not [check for check in checked.checks if "Warning" in check.detail]


async def test_wrong_credentials_fail_at_sign_in(connect: Connect) -> None:
    checked = await connect(BASIC | {"password": "wrong"}).check()

    assert [(check.name, check.is_ok) for check in checked.checks] == [
        ("reach", True),
        ("sign-in", False),
    ]
    assert "Check the credentials" in checked.checks[-1].detail


async def test_a_closed_table_fails_at_read(servicenow: ServiceNow, client: Client) -> None:
    servicenow.switches.closed_tables = {"incident"}

    checked = await client.check()

    assert [check.is_ok for check in checked.checks] == [True, True, False]
    assert "role that reads incidents" in checked.checks[-1].detail


@pytest.mark.parametrize(
    ("kind", "advice"),
    [
        (Kind.HTML, "Check the base URL"),
        (Kind.ERROR, "try again later"),
        (Kind.HANG, "open it in a browser"),
        (Kind.THROTTLED, "rate limit"),
    ],
)
async def test_a_vendor_that_is_not_reached_fails_at_reach(
    servicenow: ServiceNow, connect: Connect, kind: Kind, advice: str
) -> None:
    servicenow.misfortunes.push(misfortune.Fault(kind=kind))

    checked = await connect(deadline=timedelta(milliseconds=100)).check()

    assert [(check.name, check.is_ok) for check in checked.checks] == [("reach", False)]
    assert advice in checked.checks[0].detail
    assert checked.skew is None


async def test_history_that_is_closed_is_a_note(servicenow: ServiceNow, client: Client) -> None:
    servicenow.switches.closed_tables = {"sys_audit"}

    (note,) = [check for check in (await client.check()).checks if check.name == "history"]

    assert note.is_ok
    assert "let the account read the table sys_audit" in note.detail


async def test_an_instance_that_ignores_unknown_columns_is_warned_of(
    servicenow: ServiceNow, client: Client
) -> None:
    servicenow.create({"short_description": "Mail"})

    (note,) = [check for check in (await client.check()).checks if check.name == "query safety"]

    assert note.is_ok
    assert "glide.invalid_query.returns_no_rows" in note.detail


@pytest.mark.parametrize(
    ("skew", "told"), [(59, "differ by 59.5 s"), (75, "76 s ahead of"), (-75, "74 s behind")]
)
async def test_a_clock_that_is_off_is_told_with_the_figure(
    servicenow: ServiceNow, client: Client, skew: int, told: str
) -> None:
    servicenow.switches.skew = timedelta(seconds=skew)

    checked = await client.check()

    assert told in checked.checks[-1].detail


async def test_a_limit_met_on_the_way_does_not_hide_the_steps_before(
    servicenow: ServiceNow, client: Client
) -> None:
    servicenow.switches.limit = Limit(requests=5, per=timedelta(hours=1))

    checked = await client.check()

    failures = [check.name for check in checked.checks if not check.is_ok]
    assert failures == ["write", "query safety"]


@pytest.mark.parametrize("table", ["em_alert", "sn_customerservice_case", "cmdb_ci"])
async def test_a_kind_that_the_instance_does_not_offer_is_a_note_with_what_to_do(
    servicenow: ServiceNow, client: Client, table: str
) -> None:
    servicenow.switches.closed_tables = {table}

    checked = await client.check()

    (note,) = [check for check in checked.checks if f"{table} cannot be read" in check.detail]
    assert note.is_ok
    assert "To have them" in note.detail


async def test_a_default_column_that_is_hidden_is_a_note(
    servicenow: ServiceNow, client: Client
) -> None:
    servicenow.create({"short_description": "Mail"})
    servicenow.misfortunes.push(misfortune.Fault(kind=Kind.MISSING_FIELD, detail="cmdb_ci"))

    (note,) = [check for check in (await client.check()).checks if check.name == "mapping"]

    assert note.is_ok
    assert "cmdb_ci for services of INCIDENT" in note.detail
