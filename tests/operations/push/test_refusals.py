"""What each answer of a vendor makes of a write (rule X5, table)."""

from datetime import timedelta

import pytest

from models.reads.statement import rows
from simulators.misfortune import Fault, Kind
from tests.operations.push.pair import Pair


async def refused(pair: Pair, fault: Fault) -> dict[str, object]:
    """Let a write meet a fault, and return what became of it."""
    pair.world.servicenow.misfortunes.push(fault)
    await pair.edit(title="p")
    assert await pair.push() == 0
    (write,) = await pair.writes()
    return write


@pytest.mark.parametrize("status", [400, 404, 409, 410, 422])
async def test_what_is_refused_for_good_is_a_dead_letter_at_once(pair: Pair, status: int) -> None:
    write = await refused(pair, Fault(kind=Kind.ERROR, status=status, method="PATCH"))
    assert (write["state"], write["code"]) == ("DEAD", "REJECTED")
    assert await pair.push(after=timedelta(hours=1)) == 0
    # a record that can be read is not gone, whatever was said of the write
    assert (await pair.ours())["deleted_at"] is None
    await pair.edit(description="what is known")
    assert await pair.push() == 1


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault(kind=Kind.ERROR, status=408, method="PATCH"), "VENDOR_ERROR"),
        (Fault(kind=Kind.ERROR, status=425, method="PATCH"), "VENDOR_ERROR"),
        (Fault(kind=Kind.ERROR, status=500, method="PATCH"), "VENDOR_ERROR"),
        (Fault(kind=Kind.ERROR, status=502, method="PATCH"), "VENDOR_ERROR"),
        (Fault(kind=Kind.LOST, method="PATCH"), "VENDOR_ERROR"),
        (Fault(kind=Kind.HTML, method="PATCH"), "BAD_ANSWER"),
        (Fault(kind=Kind.TRUNCATED, method="PATCH"), "BAD_ANSWER"),
        (Fault(kind=Kind.HANG, method="PATCH"), "TIMED_OUT"),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{value.kind}{value.status or ''}",
)
async def test_what_may_pass_is_tried_again_after_a_look(
    pair: Pair, fault: Fault, code: str
) -> None:
    pair.world.deadline = timedelta(seconds=0.3 if code == "TIMED_OUT" else 12)
    pair.world.start("worker-2")
    write = await refused(pair, fault)
    assert (write["state"], write["attempt"], write["code"]) == ("READY", 1, code)

    pair.world.servicenow.misfortunes.clear()
    pair.world.deadline = timedelta(seconds=12)
    pair.world.start("worker-3")
    await pair.push(after=timedelta(seconds=29))
    assert (await pair.writes())[0]["state"] == "READY"
    await pair.push(after=timedelta(seconds=1))
    assert pair.theirs["short_description"] == "p"
    assert pair.patches() == 1
    (write,) = await pair.writes()
    assert write["state"] in {"DONE", "DROPPED"}


@pytest.mark.parametrize(("told", "seconds"), [("", 60), ("0", 1), ("90", 90), ("86400", 900)])
async def test_a_vendor_that_asks_to_wait_is_left_alone_as_long(
    pair: Pair, told: str, seconds: int
) -> None:
    write = await refused(pair, Fault(kind=Kind.THROTTLED, detail=told, method="PATCH"))
    assert (write["state"], write["attempt"], write["tries"]) == ("READY", 0, [])
    assert (await pair.world.integration())["state"] == "RATE_LIMITED"
    if seconds > 1:
        assert await pair.push(after=timedelta(seconds=seconds - 1)) == 0
    assert await pair.push(after=timedelta(seconds=1)) == 1


@pytest.mark.parametrize("status", [401, 403])
async def test_refused_rights_park_the_integration_and_spend_nothing(
    pair: Pair, status: int
) -> None:
    write = await refused(pair, Fault(kind=Kind.ERROR, status=status, method="PATCH"))
    assert (write["state"], write["attempt"], write["tries"]) == ("READY", 0, [])
    assert (await pair.world.integration())["state"] == "PARKED"


async def test_each_attempt_is_counted(pair: Pair) -> None:
    # Rule X8.
    pair.world.servicenow.misfortunes.push(
        Fault(kind=Kind.ERROR, status=503, method="PATCH"),
        Fault(kind=Kind.THROTTLED, detail="5", method="PATCH"),
        Fault(kind=Kind.ERROR, status=400, method="PATCH"),
    )
    await pair.edit(title="p")
    for wait in (0, 30, 5):
        await pair.push(after=timedelta(seconds=wait))
    await pair.edit(title="q")
    await pair.push()
    found = await rows("SELECT name, value FROM sync_counter WHERE name LIKE 'outbound%'")
    assert {row["name"]: row["value"] for row in found} == {
        "outbound_failed": 2,
        "outbound_success": 1,
    }


async def test_what_is_refused_of_a_write_does_not_keep_back_the_rest(at_jira: Pair) -> None:
    # given a site whose screens lack the priority
    assert at_jira.world.jira is not None
    at_jira.world.jira.switches.off_screen = {"priority"}

    # when both are edited
    await at_jira.edit(title="p", severity="SEV1")

    # then the title arrives, and only the severity is dead
    assert await at_jira.push() == 1
    assert at_jira.issue["summary"] == "p"
    found = {tuple(write["fields"]): write["state"] for write in await at_jira.writes()}
    assert found == {("severity",): "DEAD", ("title",): "DONE"}
