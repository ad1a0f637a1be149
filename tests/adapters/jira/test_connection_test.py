from dataclasses import replace

import pytest

from adapters.contract import Mappings
from adapters.exchange import Checked
from adapters.jira.client import Jira as Client
from adapters.jira.maps import MAPPINGS
from domain.records import RecordKind
from simulators import misfortune
from simulators.jira.instance import Jira
from simulators.misfortune import Kind
from tests.adapters.jira.conftest import TOKEN, Connect
from tests.adapters.jira.reading import altered, create


def told(checked: Checked) -> dict[str, bool]:
    return {check.name: check.is_ok for check in checked.checks}


def detail(checked: Checked, name: str) -> str:
    return next(check.detail for check in checked.checks if check.name == name)


async def test_a_site_that_is_well_passes_every_step(jira: Jira, client: Client) -> None:
    create(jira, 1)

    checked = await client.check()

    assert told(checked) == dict.fromkeys(
        [
            *("reach", "sign-in", "read incidents", "read changes", "read tickets"),
            *("write", "mapping", "clock"),
        ],
        True,
    )
    assert detail(checked, "read incidents") == "There are incidents to read."
    assert "no changes to be seen yet" in detail(checked, "read changes")
    assert "Admin" in detail(checked, "sign-in")
    assert "Actual start" in detail(checked, "mapping")


async def test_steps_behind_a_failed_sign_in_are_not_tried(connect: Connect) -> None:
    checked = await connect(TOKEN | {"api_token": "wrong"}).check()

    assert told(checked) == {"reach": True, "sign-in": False}
    assert "API token" in detail(checked, "sign-in")


@pytest.mark.parametrize(
    ("mappings", "step", "words"),
    [
        (altered("issueType", values={"Störung": "INCIDENT"}), "read incidents", "Störung"),
        (
            altered("project", RecordKind.CHANGE, values={"NOPE": "CHANGE"}),
            "read changes",
            "projects that the account may browse",
        ),
        (
            altered("severity", external_field="customfield_99999"),
            "mapping",
            "severity of INCIDENT stands at 'customfield_99999'",
        ),
        (altered("status", values={"new": "NEW", "Paused": "ON_HOLD"}), "mapping", "'Paused'"),
        (altered("priority", values={"#1": "P1", "Burning": "P1"}), "mapping", "'Burning'"),
    ],
)
async def test_a_setting_that_the_site_does_not_know_is_named(
    connect: Connect, mappings: Mappings, step: str, words: str
) -> None:
    checked = await connect(mappings=mappings).check()

    assert [name for name, is_ok in told(checked).items() if not is_ok] == [step]
    assert words in detail(checked, step)


async def test_a_setting_that_the_site_knows_is_not(connect: Connect) -> None:
    maps = [
        replace(entry, values={"pending": "ON_HOLD", "10100": "ACKNOWLEDGED", "Done": "RESOLVED"})
        if entry.field == "status"
        else entry
        for entry in MAPPINGS
    ]

    assert all(told(await connect(mappings=Mappings(maps)).check()).values())


async def test_rights_that_cannot_be_seen_are_not_held_against_the_account(
    jira: Jira, client: Client
) -> None:
    jira.misfortunes.push(
        misfortune.Fault(kind=Kind.ERROR, status=404, path="/rest/api/3/mypermissions")
    )

    checked = await client.check()

    assert told(checked)["write"]
    assert "cannot be seen" in detail(checked, "write")


async def test_lists_that_the_account_may_not_see_fail_at_reading(
    jira: Jira, client: Client
) -> None:
    jira.misfortunes.push(
        misfortune.Fault(kind=Kind.ERROR, status=403, path="/rest/api/3/priority")
    )

    checked = await client.check()

    assert [name for name, is_ok in told(checked).items() if not is_ok] == ["read"]
