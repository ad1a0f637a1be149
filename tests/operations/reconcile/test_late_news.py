"""What a webhook tells of a record that a comparison has seen later."""

from collections.abc import Collection, Sequence

from adapters.contract import Vendor
from adapters.exchange import Failed, Named
from domain.inbound import Reference
from models.database import DatabaseAt
from models.reads.statement import rows
from tests.operations.conflicts.quarrel import beginning
from tests.operations.reconcile.drifting import Drifting, told
from tests.operations.sync.jira_mail import deliver, subscribed
from tests.operations.sync.mailed import Mailed
from tests.world import Pages


async def test_an_older_webhook_of_the_very_second_undoes_no_healing(database: DatabaseAt) -> None:
    # given two edits there within a second, of which the first one's webhook is on its way
    calm = await beginning(database)
    world, jira = calm.world, calm.world.jira
    assert jira is not None
    box = await subscribed(world)
    world.clock.move(seconds=30)
    jira.edit(calm.key, {"labels": ["seen"]})
    jira.edit(calm.key, {"summary": "b"})
    await jira.webhook.send()
    first, _ = box.take()

    # and a comparison that has taken the second
    drifting = Drifting(world=world, numbers=())
    plan = await drifting.plan()
    healed = await drifting.plan(plan_hash=plan["hash"])
    assert ("title", "PULL", "HEALED") in await told(healed)

    # when the webhook is here
    await deliver(world, first)

    # then nobody's edit back to the former title is kept
    assert (await calm.ours())["title"] == "b"
    kept = await rows("SELECT after FROM edit WHERE field = 'title' AND accepted ORDER BY id")
    assert [row["after"] for row in kept] == ['"b"']


async def test_nor_does_an_older_one_of_a_vendor_that_counts(drifting: Drifting) -> None:
    world, number = drifting.world, drifting.numbers[0]
    mailed = Mailed(world=world)
    await mailed.subscribe()
    world.servicenow.edit(number, {"urgency": "2"})
    first = await mailed.letters()
    world.clock.move(seconds=5)
    world.servicenow.edit(number, {"assigned_to": "Beth Anglin"})
    plan = await drifting.plan()
    healed = await drifting.plan(plan_hash=plan["hash"])
    assert ("assignee", "PULL", "HEALED") in await told(healed)
    await mailed.deliver(first)
    assert (await drifting.ours(0))["assignee"] == "Beth Anglin"
    kept = await rows("SELECT after FROM edit WHERE field = 'assignee' AND accepted ORDER BY id")
    assert [row["after"] for row in kept] == ['"Beth Anglin"']


class Comparing(Pages):
    """A vendor that somebody edits, and is then compared, while it is first asked for names."""

    def __init__(self, vendor: Vendor, drifting: Drifting) -> None:
        super().__init__(vendor, 500)
        ask = vendor.names

        async def names(references: Collection[Reference]) -> Sequence[Named] | Failed:
            world = drifting.world
            world.stand_between(lambda vendor: vendor)
            world.servicenow.edit(drifting.numbers[0], {"assigned_to": "Beth Anglin"})
            plan = await drifting.plan()
            healed = await drifting.plan(plan_hash=plan["hash"])
            assert ("assignee", "PULL", "HEALED") in await told(healed)
            return await ask(references)

        self.names = names


async def test_nor_does_one_that_is_just_being_merged(drifting: Drifting) -> None:
    # given a webhook that names a person whom nobody here knows
    world, number = drifting.world, drifting.numbers[0]
    mailed = Mailed(world=world)
    await mailed.subscribe()
    person = world.servicenow.records.person("carla.ruiz")
    world.servicenow.edit(number, {"assigned_to": person})
    first = await mailed.letters()
    world.clock.move(seconds=5)

    # when both sides are compared while the name is asked for
    world.stand_between(lambda vendor: Comparing(vendor, drifting))
    await mailed.deliver(first)

    # then what was healed stands
    assert (await drifting.ours(0))["assignee"] == "Beth Anglin"
    kept = await rows("SELECT after FROM edit WHERE field = 'assignee' AND accepted ORDER BY id")
    assert kept[-1]["after"] == '"Beth Anglin"'
