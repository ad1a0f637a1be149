"""Conflicts that end because what they were about is gone (rule F4)."""

import pytest

from domain.errors import AlreadyResolved, DirectionForbids
from domain.exchange import ConflictSide, ConflictStrategy
from domain.records import Direction, Owner, RecordKind
from models.claims import Slot
from models.tables.ownership import OwnershipRuleRow
from operations.incidents.link import LinkIncident, link_incident
from operations.incidents.unlink import UnlinkIncident, unlink_incident
from operations.integrations.configure import ConfigureIntegration, configure_integration
from operations.integrations.remove import DeleteIntegration, delete_integration
from operations.sync.start import StartSync, start_sync
from tests.operations.conflicts.quarrel import Quarrel
from tests.world import ADMIN


async def turn(quarrel: Quarrel, direction: Direction) -> None:
    """Let the integration carry changes that way only."""
    ask = ConfigureIntegration(integration_id=quarrel.world.integration_id, direction=direction)
    await configure_integration(quarrel.world.runtime, ADMIN, ask)


async def test_f_j_with_the_vendors_record(quarrel: Quarrel) -> None:
    world = quarrel.world
    assert world.jira is not None
    world.jira.delete(quarrel.key)
    world.clock.move(seconds=60)
    ask = StartSync(
        integration_id=world.integration_id, kinds=[RecordKind.INCIDENT], slot=Slot.CENSUS
    )
    await start_sync(world.runtime, ADMIN, ask)
    await quarrel.sync()
    assert (await quarrel.state())[0] == "SUPERSEDED"
    assert await quarrel.heard() == ["OPENED", "SUPERSEDED"]
    with pytest.raises(AlreadyResolved, match="SUPERSEDED"):
        await quarrel.resolve(ConflictSide.PLATFORM)


async def test_with_the_link(both: Quarrel) -> None:
    world = both.world
    await both.begin()
    ask = UnlinkIncident(
        incident_id=(await both.ours())["id"], integration_id=await world.id_of("prod-jira")
    )
    await unlink_incident(world.runtime, ADMIN, ask)
    assert (await both.state())[0] == "SUPERSEDED"
    assert (await both.conflict())["resolved_by"] == "ada"


async def test_with_a_link_that_moves_to_another_incident(both: Quarrel) -> None:
    world = both.world
    await both.begin()
    other = world.servicenow.create({"short_description": "another"})
    await both.sync()
    (found,) = [row for row in await both.incidents() if row["title"] == "another"]
    assert world.jira is not None
    ask = LinkIncident(
        incident_id=found["id"],
        integration_id=await world.id_of("prod-jira"),
        external_id=str(world.jira.issue(both.key)["id"]),
    )
    await link_incident(world.runtime, ADMIN, ask)
    assert other["number"] == found["number"]
    assert (await both.state())[0] == "SUPERSEDED"


async def test_with_the_integration(both: Quarrel) -> None:
    world = both.world
    await both.begin()
    jira_id = await world.id_of("prod-jira")
    ask = DeleteIntegration(integration_id=jira_id, confirm_key="prod-jira")
    await delete_integration(world.runtime, ADMIN, ask)
    assert await both.heard() == ["OPENED", "SUPERSEDED"]


@pytest.mark.parametrize("direction", [Direction.OUTBOUND, Direction.NONE])
async def test_with_a_direction_that_takes_nothing_in(
    quarrel: Quarrel, direction: Direction
) -> None:
    await turn(quarrel, direction)
    assert (await quarrel.state())[0] == "SUPERSEDED"
    assert await quarrel.title() == ("p", 1)


async def test_where_nothing_is_sent_ours_cannot_be_kept_but_theirs_can(quarrel: Quarrel) -> None:
    await turn(quarrel, Direction.INBOUND)
    with pytest.raises(DirectionForbids, match="INBOUND"):
        await quarrel.resolve(ConflictSide.PLATFORM)
    assert (await quarrel.state())[0] == "OPEN"
    await quarrel.resolve(ConflictSide.EXTERNAL)
    assert await quarrel.title() == ("x", 2)


async def test_another_strategy_or_owner_leaves_it_alone(quarrel: Quarrel) -> None:
    world = quarrel.world
    ask = ConfigureIntegration(
        integration_id=world.integration_id, conflict_strategy=ConflictStrategy.LAST_WRITE_WINS
    )
    await configure_integration(world.runtime, ADMIN, ask)
    await OwnershipRuleRow.create(
        id=world.runtime.new_id(),
        integration_id=world.integration_id,
        field="title",
        owner=Owner.EXTERNAL,
        priority=0,
        set_at=world.clock.now(),
        set_by="ada",
    )
    await quarrel.told("y")
    assert await quarrel.state() == ("OPEN", "p", "y", 2)

    # and a person may still choose ours, whoever owns the field by now
    await quarrel.resolve(ConflictSide.PLATFORM)
    assert await quarrel.push() == 1
    assert quarrel.theirs == "p"
