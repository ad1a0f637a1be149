"""A word on many conflicts at once, and who may say it."""

import pytest

from domain.access.roles import Actor, Role
from domain.errors import Forbidden, Invalid, NotFound
from domain.exchange import ConflictSide, ConflictStatus
from models.reads.conflicts import EVERY_CONFLICT, ConflictFilter
from models.reads.statement import rows
from operations.conflicts.resolve_many import ResolveConflicts, resolve_conflicts
from tests.operations.conflicts.quarrel import Quarrel
from tests.world import VIEWER, commander


def manager(*scopes: str) -> Actor:
    roles = frozenset({Role.INTEGRATION_MANAGER})
    return Actor(id="mia", name="mia", roles=roles, scopes=frozenset(scopes))


async def many(
    quarrels: list[Quarrel],
    actor: Actor,
    *,
    wanted: ConflictFilter = EVERY_CONFLICT,
    keep: ConflictSide = ConflictSide.EXTERNAL,
    limit: int = 100,
) -> list[int]:
    """Let one side stand, and return the numbers of the conflicts that ended."""
    ask = ResolveConflicts(wanted=wanted, keep=keep, limit=limit)
    ids = await resolve_conflicts(quarrels[0].world.runtime, actor, ask)
    found = {row["id"]: row["number"] for row in await rows("SELECT id, number FROM conflict")}
    return [found[one] for one in ids]


async def titles() -> set[str]:
    return {row["title"] for row in await rows("SELECT title FROM incident")}


async def test_the_oldest_are_ended_first_up_to_the_limit(three: list[Quarrel]) -> None:
    manager_here = manager("prod-jira")
    assert await many(three, manager_here, limit=2) == [1, 2]
    assert await many(three, manager_here) == [3]
    assert await many(three, manager_here) == []
    assert await titles() == {"x0", "x1", "x2"}
    assert await three[0].push() == 0


async def test_ours_are_sent_to_all(three: list[Quarrel]) -> None:
    assert await many(three, manager("*"), keep=ConflictSide.PLATFORM) == [1, 2, 3]
    assert await three[0].push() == 3
    assert {one.theirs for one in three} == {"p0", "p1", "p2"}


async def test_a_filter_chooses_among_the_open_ones(three: list[Quarrel]) -> None:
    ours = await three[1].ours()
    assert await many(three, manager("*"), wanted=ConflictFilter(field="severity")) == []
    ignored = ConflictFilter(statuses=frozenset({ConflictStatus.IGNORED}))
    assert await many(three, manager("*"), wanted=ignored) == []
    assert await many(three, manager("*"), wanted=ConflictFilter(incident_id=ours["id"])) == [2]


async def test_one_that_may_not_be_decided_refuses_all(three: list[Quarrel]) -> None:
    await three[0].assign("dana")
    with pytest.raises(Forbidden, match="not assigned to dana"):
        await many(three, commander("dana"))
    assert await titles() == {"p0", "p1", "p2"}
    assert await many(three, commander("dana"), wanted=ConflictFilter(assignee="dana")) == [1]


@pytest.mark.parametrize("limit", [0, 1001])
async def test_a_limit_out_of_bounds_is_refused(three: list[Quarrel], limit: int) -> None:
    with pytest.raises(Invalid):
        await many(three, manager("*"), limit=limit)


async def test_who_may_decide_one(quarrel: Quarrel) -> None:
    keep = ConflictSide.EXTERNAL
    with pytest.raises(Forbidden):
        await quarrel.resolve(keep, actor=VIEWER)
    with pytest.raises(Forbidden, match="not assigned"):
        await quarrel.resolve(keep, actor=commander("dana"))
    with pytest.raises(NotFound):
        await quarrel.resolve(keep, actor=manager("prod-snow"))
    with pytest.raises(Forbidden):
        await quarrel.ignore(actor=VIEWER)
    assert (await quarrel.state())[0] == "OPEN"
    await quarrel.assign("dana")
    await quarrel.resolve(keep, actor=commander("dana"))
    assert (await quarrel.conflict())["resolved_by"] == "dana"
    # the same word is only heard from those who may say it
    with pytest.raises(Forbidden):
        await quarrel.resolve(keep, actor=VIEWER)
    await quarrel.resolve(keep, actor=manager("prod-jira"))
