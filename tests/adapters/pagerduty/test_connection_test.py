from datetime import timedelta

import pytest

from adapters.contract import FieldMap, Mappings
from adapters.exchange import Checked
from adapters.pagerduty.client import PagerDuty as Client
from adapters.pagerduty.fields import MAPPINGS
from domain.records import RecordKind
from simulators import misfortune
from simulators.misfortune import Kind
from simulators.pagerduty.instance import PagerDuty
from tests.adapters.pagerduty.conftest import TOKEN, Connect
from tests.adapters.pagerduty.reading import create

STEPS = [
    "reach",
    "sign-in",
    "read incidents",
    "read what happened",
    "read changes",
    "read services",
    "read alerts",
    "write",
    "mapping",
    "clock",
]


def broken(checked: Checked) -> dict[str, str]:
    return {check.name: check.detail for check in checked.checks if not check.is_ok}


@pytest.mark.parametrize("incidents", [0, 1])
async def test_a_good_connection_passes_every_step(
    account: PagerDuty, client: Client, incidents: int
) -> None:
    create(account, incidents)

    checked = await client.check()

    assert [check.name for check in checked.checks] == STEPS
    assert broken(checked) == {}
    assert checked.skew == timedelta(milliseconds=500)
    assert checked.latency == timedelta(0)


async def test_wrong_credentials_fail_at_sign_in(connect: Connect) -> None:
    checked = await connect(TOKEN | {"token": "wrong-key"}).check()

    assert [check.name for check in checked.checks] == ["reach", "sign-in"]
    assert "Check the key" in broken(checked)["sign-in"]


async def test_a_client_without_the_right_to_read_fails_there(
    account: PagerDuty, client: Client
) -> None:
    account.misfortunes.push(misfortune.Fault(kind=Kind.ERROR, status=403, path="/incidents"))

    assert "scope incidents.read" in broken(await client.check())["read incidents"]


@pytest.mark.parametrize(
    ("path", "step", "advice"),
    [
        ("/change_events", "read changes", "change_events.read"),
        ("/services", "read services", "services.read"),
        ("/log_entries", "read what happened", "incidents.read"),
        ("/users", "write", "users.read"),
    ],
)
async def test_a_list_that_is_closed_says_which_right_is_missing(
    account: PagerDuty, client: Client, path: str, step: str, advice: str
) -> None:
    account.misfortunes.push(misfortune.Fault(kind=Kind.ERROR, status=403, path=path))

    told = broken(await client.check())

    assert set(told) == {step}
    assert advice in told[step]


async def test_alerts_that_are_closed_are_told(account: PagerDuty, client: Client) -> None:
    (made,) = create(account, 1)
    path = f"/incidents/{made}/alerts"
    account.misfortunes.push(misfortune.Fault(kind=Kind.ERROR, status=403, path=path))

    assert set(broken(await client.check())) == {"read alerts"}


@pytest.mark.parametrize(
    ("kind", "advice"),
    [
        (Kind.HTML, "Check the base URL"),
        (Kind.ERROR, "try again later"),
        (Kind.HANG, "status page"),
        (Kind.THROTTLED, "a key that nothing else uses"),
    ],
)
async def test_a_vendor_that_is_not_reached_fails_at_reach(
    account: PagerDuty, connect: Connect, kind: Kind, advice: str
) -> None:
    account.misfortunes.push(misfortune.Fault(kind=kind))

    checked = await connect(deadline=timedelta(milliseconds=100)).check()

    assert [(check.name, check.is_ok) for check in checked.checks] == [("reach", False)]
    assert advice in checked.checks[0].detail


@pytest.mark.parametrize(
    ("writer", "advice"), [("", "set the credential from"), ("nobody@example.com", "No user has")]
)
async def test_a_writer_that_is_nobody_is_told(connect: Connect, writer: str, advice: str) -> None:
    assert advice in broken(await connect(TOKEN | {"from": writer}).check())["write"]


async def test_a_writer_who_only_looks_on_is_told(account: PagerDuty, client: Client) -> None:
    owner = account.directory.user(TOKEN["from"])
    assert owner is not None
    account.directory.edit("user", owner["id"], {"role": "observer"})

    assert "has the role observer" in broken(await client.check())["write"]


async def test_fields_and_values_that_the_account_does_not_have_are_named(
    account: PagerDuty, connect: Connect
) -> None:
    create(account, 1)
    odd = [
        FieldMap(kind=RecordKind.INCIDENT, field="severity", external_field="impact"),
        FieldMap(
            kind=RecordKind.INCIDENT,
            field="priority",
            external_field="priority",
            values={"Blocker": "P1", "P2": "P2", "6": "P5"},
        ),
        FieldMap(
            kind=RecordKind.INCIDENT,
            field="status",
            external_field="status",
            values={"snoozed": "ON_HOLD"},
        ),
    ]

    told = broken(await connect(mappings=Mappings([*MAPPINGS, *odd])).check())

    assert set(told) == {"mapping"}
    for fault in (
        "no field impact",
        "priority has no value Blocker",
        "status has no value snoozed",
    ):
        assert fault in told["mapping"]
    assert "P2" not in told["mapping"]


async def test_an_account_without_priorities_is_fine(account: PagerDuty, client: Client) -> None:
    account.switches.priorities = False

    checked = await client.check()

    assert broken(checked) == {}
    assert "urgency tells the severity" in checked.checks[-2].detail


@pytest.mark.parametrize(
    ("skew", "told"), [(59, "differ by 59.5 s"), (75, "76 s ahead of"), (-75, "74 s behind")]
)
async def test_a_clock_that_is_off_is_told_with_the_figure(
    account: PagerDuty, client: Client, skew: int, told: str
) -> None:
    account.switches.skew = timedelta(seconds=skew)

    assert told in (await client.check()).checks[-1].detail
