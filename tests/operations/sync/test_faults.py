"""What a vendor may do to us, and what is left of it."""

from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from models.coding import to_milliseconds
from operations.integrations import test_connection as connection
from operations.sync.pull import pull_due
from simulators.misfortune import Fault, Kind
from simulators.servicenow.records import Stamp
from tests.mirror import rows_of
from tests.world import ADMIN, World, count, pages_of


async def failed(world: World, *faults: Fault) -> dict[str, Any]:
    """Sync while something goes wrong; return the run after checking what always holds."""
    before = await world.source()
    world.servicenow.misfortunes.push(*faults)
    run = await world.sync()
    after = await world.source()
    assert run["status"] == "FAILED"
    assert run["error"]
    assert (after["last_error_code"], after["last_error"]) == (run["error_code"], run["error"])
    assert after["watermark"] == before["watermark"]
    assert after["as_of"] == before["as_of"]
    return run


async def assert_heals(world: World) -> None:
    """Let the vendor be well: the next sync mirrors everything and forgets the failure."""
    world.servicenow.misfortunes.clear()
    run = await world.sync()
    source, integration = await world.source(), await world.integration()
    assert (run["status"], run["error_code"], run["error"]) == ("SUCCEEDED", None, None)
    assert (source["failures"], source["last_error_code"], source["last_error"]) == (0, None, None)
    assert (integration["state"], integration["state_reason"]) == ("HEALTHY", None)
    assert await count("incident") == world.servicenow.records.store.count("incident")


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault(kind=Kind.HTML), "BAD_ANSWER"),
        (Fault(kind=Kind.TRUNCATED), "BAD_ANSWER"),
        (Fault(kind=Kind.BOMB), "BAD_ANSWER"),
        (Fault(kind=Kind.ERROR, status=500), "VENDOR_ERROR"),
        (Fault(kind=Kind.LOST), "VENDOR_ERROR"),
        (Fault(kind=Kind.ERROR, status=400), "REJECTED"),
        (Fault(kind=Kind.HANG), "TIMED_OUT"),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{value.kind}{value.status or ''}",
)
async def test_a_failure_is_named_waits_30_seconds_moves_nothing_and_heals(
    world: World, fault: Fault, code: str
) -> None:
    world.deadline = timedelta(seconds=0.3 if code == "TIMED_OUT" else 12)
    world.servicenow.create({"short_description": "It is broken"})

    run = await failed(world, fault)
    assert run["error_code"] == code
    source = await world.source()
    assert source["next_pull_at"] == to_milliseconds(world.clock.now() + timedelta(seconds=30))
    assert (source["failures"], (await world.integration())["state"]) == (1, "DEGRADED")

    # not earlier than that
    world.deadline = timedelta(seconds=12)
    world.servicenow.misfortunes.clear()
    world.clock.move(seconds=29.999)
    assert await pull_due(world.runtime) == 0
    world.clock.move(seconds=0.001)
    assert await pull_due(world.runtime) == 1
    await assert_heals(world)


async def test_failures_in_a_row_are_tried_again_after_the_waits_of_the_rule(
    world: World,
) -> None:
    world.servicenow.misfortunes.push(Fault(kind=Kind.ERROR, times=None))
    waits = []
    for _ in range(6):
        assert await pull_due(world.runtime) == 1
        due = (await world.source())["next_pull_at"]
        waits.append((due - to_milliseconds(world.clock.now())) // 1000)
        world.clock.move(seconds=waits[-1])
    assert waits == [30, 120, 480, 1_800, 1_800, 1_800]
    await assert_heals(world)


@pytest.mark.parametrize("form", ["seconds", "date"])
async def test_a_throttled_vendor_is_asked_nothing_before_the_time_it_named(
    world: World, form: str
) -> None:
    # given a vendor that asks for five minutes, by its own clock, 90 s ahead of ours
    world.servicenow.switches.skew = timedelta(seconds=90)
    until = world.servicenow.now() + timedelta(minutes=5)
    told = "300" if form == "seconds" else format_datetime(until, usegmt=True)

    run = await failed(world, Fault(kind=Kind.THROTTLED, detail=told))
    assert run["error_code"] == "RATE_LIMITED"
    integration = await world.integration()
    assert integration["state"] == "RATE_LIMITED"
    assert integration["waiting_until"] == to_milliseconds(world.clock.now() + timedelta(minutes=5))
    assert (await world.source())["failures"] == 0

    # then not even a sync that is due goes out before
    asked = world.asked()
    world.clock.move(seconds=299)
    await world.make_due()
    assert await pull_due(world.runtime) == 0
    assert world.asked() == asked
    world.clock.move(seconds=1)
    assert await pull_due(world.runtime) == 1
    await assert_heals(world)


@pytest.mark.parametrize("mended_by", ["credentials", "connection test"])
async def test_wrong_credentials_park_the_integration_until_a_person_mends_them(
    world: World, mended_by: str
) -> None:
    world.servicenow.create({"short_description": "It is broken"})
    if mended_by == "credentials":
        await world.sign_in("wrong")
    else:
        world.servicenow.login.revoke()

    run = await failed(world)
    assert run["error_code"] == "UNAUTHORISED"
    assert (await world.integration())["state"] == "PARKED"

    # however long it takes, nothing is asked
    asked = world.asked()
    world.clock.move(days=1)
    await world.make_due()
    assert await pull_due(world.runtime) == 0
    assert world.asked() == asked

    if mended_by == "credentials":
        await world.sign_in()
    else:
        world.servicenow.login.restore()
        ask = connection.TestConnection(integration_id=world.integration_id)
        checked = await connection.test_connection(world.runtime, ADMIN, ask)
        assert all(check.is_ok for check in checked.checks)
    assert await pull_due(world.runtime) == 1
    await assert_heals(world)


async def test_a_failing_connection_test_leaves_a_parked_integration_parked(world: World) -> None:
    await world.sign_in("wrong")
    await failed(world)
    await connection.test_connection(
        world.runtime, ADMIN, connection.TestConnection(integration_id=world.integration_id)
    )
    assert (await world.integration())["state"] == "PARKED"


async def test_a_state_without_counterpart_is_counted_and_its_record_mirrored(
    world: World,
) -> None:
    servicenow = world.servicenow
    row = servicenow.create({"short_description": "It is broken"})
    stamp = Stamp(by="admin", at=row["sys_updated_on"])
    servicenow.records.write("incident", row, {"state": "-100"}, stamp, rise=1)

    await world.sync()

    (incident,) = await rows_of("incident")
    (unmapped,) = await rows_of("unmapped_value")
    assert incident["status"] == "IN_PROGRESS"
    assert (unmapped["field"], unmapped["value"], unmapped["seen"]) == ("state", "-100", 1)
    (edit,) = [row for row in await rows_of("edit") if row["field"] == "status"]
    assert edit["after"] == "-100"


async def test_a_torn_row_is_kept_whole_and_its_page_goes_on(world: World) -> None:
    servicenow = world.servicenow
    torn = servicenow.create({"short_description": "Torn"})
    servicenow.create({"short_description": "Whole"})
    servicenow.records.store.change("incident", torn["sys_id"], {"sys_mod_count": "many"})

    run = await world.sync()
    assert (run["status"], run["read"], run["written"], run["failed"]) == ("SUCCEEDED", 2, 1, 1)
    (faulty,) = await rows_of("faulty_record")
    assert faulty["external_id"] == torn["sys_id"]
    assert "sys_mod_count" in faulty["detail"]
    assert faulty["payload"]["short_description"] == "Torn"
    assert [row["title"] for row in await rows_of("incident")] == ["Whole"]

    # when the vendor mends it, it is mirrored
    world.clock.move(minutes=1)
    servicenow.records.store.change("incident", torn["sys_id"], {"sys_mod_count": "1"})
    servicenow.edit(torn["sys_id"], {"category": "a"})
    run = await world.sync()
    assert (run["failed"], await count("incident")) == (0, 2)


async def test_a_failed_page_leaves_the_pages_before_it_and_the_next_run_starts_there(
    world: World,
) -> None:
    servicenow = world.servicenow
    for number in range(6):
        servicenow.create({"short_description": f"Number {number}"})
        world.clock.move(minutes=5)
    world.stand_between(pages_of(2))
    servicenow.misfortunes.push(Fault(kind=Kind.ERROR, path="/api/now/table/incident", skip=2))
    run = await world.sync()
    assert (run["status"], run["pages"], await count("incident")) == ("FAILED", 2, 4)

    run = await world.sync()
    # The last row again, for the overlap, and the two that were not read.
    assert (run["read"], run["written"], await count("incident")) == (3, 2, 6)
