"""What is older than an open conflict does not move it (rule F1)."""

import pytest

from models.reads.statement import rows
from tests.operations.conflicts.quarrel import Quarrel
from tests.operations.sync.jira_mail import deliver, subscribed


@pytest.mark.parametrize("seconds_apart", [2, 0])
async def test_f1_a_change_that_is_told_too_late_leaves_the_conflict(
    calm: Quarrel, seconds_apart: int
) -> None:
    # given two edits there, of which the first one's delivery is lost, and one here
    world = calm.world
    assert world.jira is not None
    box = await subscribed(world)
    await calm.edit("p")
    world.clock.move(seconds=2)
    for title in ("w", "x"):
        world.clock.move(seconds=seconds_apart)
        world.jira.edit(calm.key, {"summary": title})
    await world.jira.webhook.send()
    _, last = box.take()
    await deliver(world, last)
    assert await calm.state() == ("OPEN", "p", "x", 1)

    # when the history tells of the first
    await calm.sync()

    # then it is kept, and the conflict is still about what the vendor holds
    (late,) = await rows("SELECT reason FROM edit WHERE after = $1", '"w"')
    assert late["reason"] == "STALE"
    assert await calm.state() == ("OPEN", "p", "x", 1)
    assert await calm.heard() == ["OPENED"]
