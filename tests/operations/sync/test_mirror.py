"""The mirror equals the vendor's log, however it was read."""

from datetime import timedelta

import pytest

from domain.records import RecordKind
from models.database import DatabaseAt
from operations.sync.pull import pull_due
from operations.sync.start import StartSync, start_sync
from tests.acceptance.full_log import compared
from tests.acceptance.incident_log import incidents, moment
from tests.clock import Clock
from tests.mirror import UNTOUCHED, mirror, numbers, rows_of, told
from tests.world import ADMIN, World, count, simulated


async def test_one_sync_mirrors_each_incident_and_each_change_of_the_log(
    replayed: World,
) -> None:
    run = await replayed.sync()
    assert (run["status"], run["phase"], run["read"]) == ("SUCCEEDED", "BACKFILL", 890)
    assert await compared(incidents(5_998), replayed.clock) == 8_729


@pytest.mark.no_cover
async def test_a_log_replayed_between_syncs_ends_in_the_same_mirror_told_once(
    database: DatabaseAt, clock: Clock
) -> None:
    # given an instance that starts empty
    log = incidents(5_998)
    times = sorted(moment(row["sys_updated_at"]) for versions in log for row in versions)
    end = clock.now() + timedelta(days=400)
    world = World(at=database, clock=clock, servicenow=simulated(clock, rows=5_998, history=0))
    await world.register()

    # when a sync follows every 499 updates
    for number, at in enumerate(times, start=1):
        clock.at = end - (times[-1] - at)
        assert world.servicenow.step() == 1
        if number % 499 == 0:
            await world.sync()
    await world.sync()

    # then nothing is lost, and each change was told once, in its incident's order
    await compared(log, clock)
    entries = await told()
    edits = [edit for _, _, ids in entries for edit in ids]
    assert len(edits) == len(set(edits)) == await count("edit")
    order = {
        row["id"]: (row["incident_id"], row["at"], row["sequence"]) for row in await rows_of("edit")
    }
    per_incident: dict[str, list[tuple[int, int]]] = {}
    for _, incident, ids in entries:
        for edit in ids:
            of, at_, sequence = order[edit]
            assert of == incident
            per_incident.setdefault(of, []).append((at_, sequence))
    assert all(found == sorted(found) for found in per_incident.values())
    assert await numbers() == list(range(1, await count("event_log") + 1))


async def test_a_sync_without_changes_reads_one_page_and_writes_no_mirrored_row(
    replayed: World,
) -> None:
    await replayed.sync()
    before = [await rows_of(table) for table in UNTOUCHED]
    entries, asked = await told(), dict(replayed.servicenow.served)

    replayed.clock.move(seconds=60)
    run = await replayed.sync()

    assert (run["status"], run["pages"], run["written"]) == ("SUCCEEDED", 1, 0)
    assert [await rows_of(table) for table in UNTOUCHED] == before
    assert await told() == entries
    served = replayed.servicenow.served - type(replayed.servicenow.served)(asked)
    assert dict(served) == {"GET /api/now/table/incident": 1}


async def test_a_full_sync_reads_everything_and_writes_nothing_that_is_known(
    replayed: World,
) -> None:
    await replayed.sync()
    before = await mirror()
    told_before = await told()

    replayed.clock.move(seconds=60)
    ask = StartSync(
        integration_id=replayed.integration_id, kinds=[RecordKind.INCIDENT], is_full=True
    )
    await start_sync(replayed.runtime, ADMIN, ask)
    await pull_due(replayed.runtime)

    run = await replayed.run()
    assert (run["phase"], run["read"], run["unchanged"]) == ("BACKFILL", 890, 890)
    assert await mirror() == before
    assert await told() == told_before
