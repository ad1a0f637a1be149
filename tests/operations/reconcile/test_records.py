"""Whole records that are on one side only."""

from functools import partial

from domain.exchange import WriteState
from domain.records import Direction, Severity
from models.reads.statement import rows
from models.tables.incident import IncidentRow
from models.tables.integration import IntegrationRow
from models.tables.outbox import LaneRow, OutboxRow
from operations.incidents.create import CreateIncident, create_incident
from tests.operations.reconcile.drifting import Drifting, told
from tests.world import ADMIN, count

_one = partial(rows, "SELECT * FROM incident WHERE number = $1")


async def test_a_record_that_is_not_mirrored_is_mirrored_with_its_history(
    drifting: Drifting,
) -> None:
    number = drifting.numbers[3]
    await IncidentRow.filter(number=number).delete()
    plan = await drifting.plan()
    assert await told(plan) == [("record", "CREATE_LOCAL", "NOT_RUN")]

    healed = await drifting.plan(plan_hash=plan["hash"])

    assert (healed["status"], healed["healed"]) == ("DONE", 1)
    (incident,) = await _one(number)
    assert incident["title"] == "a3"
    assert (await drifting.plan())["item_count"] == 0


async def test_a_record_that_is_deleted_here_alone_is_restored(drifting: Drifting) -> None:
    await drifting.here(3, deleted_at=1)
    plan = await drifting.plan(heals=True)
    assert await told(plan) == [("record", "CREATE_LOCAL", "HEALED")]
    assert (await drifting.ours(3))["deleted_at"] is None
    assert (await drifting.plan())["item_count"] == 0


async def test_a_record_that_is_gone_there_is_deleted_here(drifting: Drifting) -> None:
    store = drifting.world.servicenow.records.store
    store.remove("incident", drifting.theirs(3)["sys_id"])
    plan = await drifting.plan()
    assert await told(plan) == [("record", "DELETE_LOCAL", "NOT_RUN")]
    assert (await drifting.ours(3))["deleted_at"] is None

    healed = await drifting.plan(plan_hash=plan["hash"])

    assert healed["healed"] == 1
    assert (await drifting.ours(3))["deleted_at"] is not None
    assert (await drifting.plan())["item_count"] == 0


async def test_a_record_that_is_back_since_the_plan_stays(drifting: Drifting) -> None:
    store, row = drifting.world.servicenow.records.store, drifting.theirs(3)
    store.remove("incident", row["sys_id"])
    plan = await drifting.plan()
    store.add("incident", [row])

    await drifting.plan(plan_hash=plan["hash"])

    assert await told(plan) == [("record", "DELETE_LOCAL", "CHANGED")]
    assert (await drifting.ours(3))["deleted_at"] is None


async def test_a_vendor_that_lists_far_too_little_makes_no_plan(drifting: Drifting) -> None:
    # given 30 incidents, of which the vendor lists five
    for _ in range(18):
        drifting.world.servicenow.create({"impact": "3", "urgency": "3"})
    await drifting.world.sync()
    drifting.world.clock.move(seconds=60)
    store = drifting.world.servicenow.records.store
    for row in await rows("SELECT external_id FROM incident_link ORDER BY id LIMIT 25"):
        store.remove("incident", row["external_id"])

    plan = await drifting.plan()

    assert (plan["status"], plan["hash"]) == ("FAILED", None)
    assert "all but 25 of 30" in plan["error"]


async def _created(drifting: Drifting) -> str:
    ask = CreateIncident(
        title="ours",
        severity=Severity.SEV3,
        key="k1",
        integration_ids=[drifting.world.integration_id],
    )
    return await create_incident(drifting.world.runtime, ADMIN, ask)


async def test_an_incident_whose_creation_failed_is_created(drifting: Drifting) -> None:
    incident_id = await _created(drifting)
    assert await told(await drifting.plan()) == [("record", "SKIP_PENDING", "NOT_RUN")]
    await OutboxRow.all().update(state=WriteState.DEAD, number=1)
    await LaneRow.all().update(is_blocked=True, due_at=None)

    plan = await drifting.plan()
    assert await told(plan) == [("record", "CREATE_EXTERNAL", "NOT_RUN")]
    assert (await drifting.plan(plan_hash=plan["hash"]))["healed"] == 1
    assert await drifting.push() == 1

    (link,) = await rows("SELECT * FROM incident_link WHERE incident_id = $1", incident_id)
    assert drifting.world.servicenow.record(link["external_id"])["short_description"] == "ours"
    assert await count("outbox") == 1
    assert (await drifting.plan())["item_count"] == 0


async def test_nothing_is_created_against_the_direction(drifting: Drifting) -> None:
    await _created(drifting)
    await OutboxRow.all().update(state=WriteState.DROPPED)
    await IntegrationRow.all().update(direction=Direction.INBOUND)
    plan = await drifting.plan(heals=True)
    assert await told(plan) == [("record", "SKIP_DIRECTION", "SKIPPED")]
