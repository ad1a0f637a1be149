"""Our later edit of what the vendor owns wins, and is sent over the owner (rule D3)."""

from datetime import timedelta

from domain.exchange import ConflictStrategy
from domain.records import Owner
from models.tables.integration import IntegrationRow
from models.tables.ownership import OwnershipRuleRow
from tests.operations.conflicts.quarrel import Quarrel


async def test_what_waits_for_a_field_that_the_vendor_owns_by_now_is_sent_once_it_has_won(
    calm: Quarrel,
) -> None:
    # given an edit that waits while its field is given to the vendor
    world = calm.world
    await IntegrationRow.all().update(conflict_strategy=ConflictStrategy.LAST_WRITE_WINS)
    world.clock.move(seconds=10)
    await calm.edit("p")
    await OwnershipRuleRow.create(
        id=world.runtime.new_id(),
        integration_id=world.integration_id,
        field="title",
        owner=Owner.EXTERNAL,
        priority=0,
        set_at=world.clock.now(),
        set_by="ada",
    )

    # when somebody had edited it there two seconds before
    assert world.jira is not None
    world.jira.switches.skew = timedelta(seconds=-2)
    world.jira.edit(calm.key, {"summary": "x"})
    world.jira.switches.skew = timedelta(0)
    await calm.sync()

    # then ours has won, and reaches the vendor
    found = await calm.conflict()
    assert (found["status"], found["warning"]) == ("RESOLVED_PLATFORM", "OWNER_OVERRIDDEN")
    while await calm.push():
        pass
    assert calm.theirs == "p"
