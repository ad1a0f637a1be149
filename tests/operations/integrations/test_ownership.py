"""Which side decides a field is a setting, and can be tried before."""

from typing import Any

import pytest

from domain.access.roles import Actor, Role
from domain.errors import Forbidden, Invalid, NotFound
from domain.records import Direction, Owner
from domain.sync.rule_preview import RuleEffect
from models.database import DatabaseAt
from models.reads.scope import Scope
from models.reads.statement import rows
from models.tables.incident import IncidentLinkRow, IncidentRow
from models.tables.integration import IntegrationRow
from operations.integrations.ownership import (
    ClearFieldOwnership,
    SetFieldOwnership,
    clear_field_ownership,
    set_field_ownership,
)
from operations.integrations.preview_ownership import PAGE, Preview, preview_ownership
from operations.integrations.rulings import Ruling, claims_on, rulings_of
from tests import given
from tests.clock import Clock
from tests.world import ADMIN, VIEWER, World, simulated

ALL = Scope(keys=None)
pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
async def world(database: DatabaseAt) -> World:
    """An instance with its own default owners, both ways."""
    clock = Clock()
    world = World(at=database, clock=clock, servicenow=simulated(clock))
    await world.register(direction=Direction.BIDIRECTIONAL, follows=False)
    return world


def rule(world: World, field: str, owner: Owner, priority: int = 0) -> SetFieldOwnership:
    return SetFieldOwnership(
        integration_id=world.integration_id, field=field, owner=owner, priority=priority
    )


async def rulings(integration_id: str) -> dict[str, Ruling]:
    found = await rulings_of(ALL, [integration_id])
    return {one.rule.field: one for one in found[integration_id]}


async def told() -> int:
    found = await rows("SELECT message FROM event_log WHERE message LIKE '%is owned by%'")
    return len(found)


async def test_the_vendors_defaults_hold_until_somebody_says_otherwise(world: World) -> None:
    before = await rulings(world.integration_id)
    assert sorted(before) == ["assignee", "description", "notes", "severity", "title"]
    assert all(one.rule.is_default and one.is_effective for one in before.values())

    await set_field_ownership(world.runtime, ADMIN, rule(world, "severity", Owner.EXTERNAL, 10))
    after = await rulings(world.integration_id)
    assert (after["severity"].rule.owner, after["severity"].rule.priority) == (Owner.EXTERNAL, 10)
    assert not after["severity"].rule.is_default
    assert after["title"] == before["title"]

    ask = ClearFieldOwnership(integration_id=world.integration_id, field="severity")
    await clear_field_ownership(world.runtime, ADMIN, ask)
    assert await rulings(world.integration_id) == before


async def test_a_rule_set_twice_is_told_once(world: World) -> None:
    for _ in range(2):
        await set_field_ownership(world.runtime, ADMIN, rule(world, "title", Owner.EXTERNAL))
    assert await told() == 1
    ask = ClearFieldOwnership(integration_id=world.integration_id, field="title")
    for _ in range(2):
        await clear_field_ownership(world.runtime, ADMIN, ask)
    assert await told() == 2


async def test_names_that_people_know_are_understood(world: World) -> None:
    for name, ours in (("assigned_to", "assignee"), ("work_notes", "notes")):
        await set_field_ownership(world.runtime, ADMIN, rule(world, name, Owner.PLATFORM, 3))
        assert (await rulings(world.integration_id))[ours].rule.priority == 3


@pytest.mark.parametrize(
    ("field", "priority", "path"),
    [
        ("nonsense", 0, "field"),
        ("number", 0, "field"),
        ("title", -1, "priority"),
        ("title", 1_001, "priority"),
    ],
)
async def test_what_cannot_hold_is_refused_at_its_place(
    world: World, field: str, priority: int, path: str
) -> None:
    ask = rule(world, field, Owner.EXTERNAL, priority)
    for refusing in (set_field_ownership(world.runtime, ADMIN, ask), preview_ownership(ADMIN, ask)):
        with pytest.raises(Invalid) as refused:
            await refusing
        assert refused.value.path == (path,)
    assert all(one.rule.is_default for one in (await rulings(world.integration_id)).values())


async def test_only_who_keeps_the_integration_may_set_or_try_a_rule(world: World) -> None:
    elsewhere = Actor(
        id="mia",
        name="mia",
        roles=frozenset({Role.INTEGRATION_MANAGER}),
        scopes=frozenset({"other"}),
    )
    ask = rule(world, "title", Owner.EXTERNAL)
    for actor in (VIEWER, elsewhere):
        for refusing in (
            set_field_ownership(world.runtime, actor, ask),
            preview_ownership(actor, ask),
        ):
            with pytest.raises(Forbidden):
                await refusing
    nowhere = SetFieldOwnership(integration_id="x", field="title", owner=Owner.EXTERNAL)
    with pytest.raises(NotFound):
        await preview_ownership(ADMIN, nowhere)


async def test_a_claim_that_another_integration_outranks_has_no_effect(world: World) -> None:
    first = world.integration_id
    second = await world.register(key="dev-snow", follows=False)
    assert (await rulings(first))["assignee"].is_effective
    assert not (await rulings(second))["assignee"].is_effective

    await set_field_ownership(world.runtime, ADMIN, rule(world, "assignee", Owner.EXTERNAL, 1))
    assert not (await rulings(first))["assignee"].is_effective
    assert (await rulings(second))["assignee"].is_effective
    seen = await rulings_of(Scope(keys=frozenset({"dev-snow"})), [first, second])
    assert list(seen) == [second]


async def preview(
    of: IntegrationRow, owner: Owner, field: str = "title", *, page: int = PAGE
) -> Preview:
    ask = SetFieldOwnership(integration_id=of.id, field=field, owner=owner)
    return await preview_ownership(ADMIN, ask, page=page)


async def mirrored(of: IntegrationRow, title: str, theirs: str, **columns: Any) -> IncidentRow:  # noqa: ANN401 — columns
    incident = await given.incident(title, **columns)
    await given.link(incident, of, base={"title": theirs, "labels": ["b", "a"]})
    return incident


@pytest.mark.parametrize("page", [1, PAGE])
async def test_a_rule_is_tried_on_all_that_both_sides_hold(page: int) -> None:
    snow = await given.integration()
    differing = await mirrored(snow, "ours", "theirs", labels=["a", "b"])
    await mirrored(snow, "same", "same", labels=["c"])
    await mirrored(snow, "gone", "deleted", deleted_at=given.NOW)

    told = await preview(snow, Owner.PLATFORM, page=page)
    assert (told.compared, dict(told.effects)) == (2, {RuleEffect.SENT: 1})
    (example,) = told.examples
    assert (example.incident_id, example.ours, example.theirs) == (differing.id, "ours", "theirs")
    assert dict((await preview(snow, Owner.EXTERNAL)).effects) == {RuleEffect.TAKEN: 1}
    # ServiceNow's labels are read only.
    assert dict((await preview(snow, Owner.PLATFORM, "labels")).effects) == {RuleEffect.STAYS: 1}
    assert dict((await preview(snow, Owner.EXTERNAL, "startedAt")).effects) == {}


async def test_a_claim_takes_nothing_where_another_integration_stands_above_it() -> None:
    first, second = await given.integration("a"), await given.integration("b")
    shared = await mirrored(second, "ours", "theirs")
    await given.link(shared, first)
    await mirrored(second, "ours", "theirs")
    # By default the vendor owns the assignee, of equals the older integration's.
    for integration, effect in ((second, {RuleEffect.SENT: 1, RuleEffect.TAKEN: 1}), (first, {})):
        await IncidentRow.all().update(assignee="ada")
        await IncidentLinkRow.filter(integration_id=second.id).update(base={"assignee": "bob"})
        await IncidentLinkRow.filter(integration_id=first.id).update(base={"assignee": "ada"})
        assert dict((await preview(integration, Owner.EXTERNAL, "assignee")).effects) == effect


async def test_examples_are_few_however_many_differ() -> None:
    snow = await given.integration()
    for _ in range(12):
        await mirrored(snow, "ours", "theirs")
    told = await preview(snow, Owner.EXTERNAL)
    assert (told.effects.total(), len(told.examples)) == (12, 10)


async def test_all_rules_that_bear_on_an_incident_are_found() -> None:
    first, second, third = [await given.integration(key) for key in ("a", "b", "c")]
    incident = await mirrored(first, "t", "t")
    await given.link(incident, third)
    claims = (await claims_on(ALL, [incident.id]))[incident.id]
    assert {claim.integration_id for claim in claims} == {first.id, third.id}
    assert second.id not in {claim.integration_id for claim in claims}
