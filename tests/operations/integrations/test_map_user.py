"""A vendor's person becomes one of our users."""

import pytest

from domain.access.roles import Actor, Role
from domain.errors import Forbidden, Invalid
from domain.inbound import Reference
from models.reads.links import known_names
from models.reads.scope import Scope
from models.reads.user_map import unmapped_users_of
from models.tables.integration import IntegrationRow, UserMapRow
from operations.access.issue_token import IssueToken, issue_token
from operations.integrations.map_user import MapUser, map_user
from tests import given
from tests.world import ADMIN, World

PEOPLE = frozenset({"sys_user"})


async def tell(world: World, person: str, user: str | None) -> None:
    """Map a person, as the administrator."""
    ask = MapUser(integration_id=world.integration_id, external_user=person, user=user)
    await map_user(world.runtime, ADMIN, ask)


async def seen(world: World, name: str, **columns: object) -> str:
    """Let the vendor have named a person; return its id."""
    row = await IntegrationRow.get(id=world.integration_id)
    return (await given.known(row, "sys_user", name, **columns)).external_id


async def unmapped(world: World) -> list[str]:
    found = await unmapped_users_of(Scope(keys=None), [world.integration_id], people=PEOPLE)
    return found[world.integration_id]


async def user_maps(integration_id: str) -> dict[str, str]:
    rows = await UserMapRow.filter(integration_id=integration_id)
    return {row.external_user: row.user for row in rows}


async def test_a_person_is_mapped_by_id_or_by_name_and_goes_by_the_users_name(
    world: World,
) -> None:
    beth, fred = await seen(world, "Beth Anglin"), await seen(world, "Fred Luddy")
    await tell(world, beth, "beth@example.com")
    await tell(world, "Fred Luddy", "fred")
    assert await user_maps(world.integration_id) == {beth: "beth@example.com", fred: "fred"}
    named = Reference(table="sys_user", external_id=beth)
    assert await known_names(world.integration_id, [named]) == {named: "beth@example.com"}


async def test_mapping_again_replaces_and_no_user_removes(world: World) -> None:
    beth = await seen(world, "Beth Anglin")
    await tell(world, beth, "beth")
    await tell(world, beth, " bea ")
    assert await user_maps(world.integration_id) == {beth: "bea"}
    await tell(world, beth, None)
    assert await user_maps(world.integration_id) == {}


async def test_a_stranger_and_a_name_that_two_bear_are_refused(world: World) -> None:
    twins = [await seen(world, "Joe Employee") for _ in range(2)]
    with pytest.raises(Invalid, match="shown nobody called"):
        await tell(world, "Nobody", "n")
    with pytest.raises(Invalid, match=", ".join(sorted(twins))) as refused:
        await tell(world, "Joe Employee", "joe")
    assert refused.value.path == ("externalUser",)
    for wrong in ("", " ", "x" * 301, "a\nb"):
        with pytest.raises(Invalid) as empty:
            await tell(world, twins[0], wrong)
        assert empty.value.path == ("user",)


async def test_only_who_configures_the_integration_maps_its_people(world: World) -> None:
    beth = await seen(world, "Beth Anglin")
    viewer = Actor(id="v", name="Vi", roles=frozenset({Role.VIEWER}), scopes=frozenset({"*"}))
    ask = MapUser(integration_id=world.integration_id, external_user=beth, user="b")
    with pytest.raises(Forbidden):
        await map_user(world.runtime, viewer, ask)


async def test_unmapped_are_those_whom_nothing_makes_a_user(world: World) -> None:
    await seen(world, "Zoe")
    await seen(world, "Mapped", external_id="m1")
    await seen(world, "By token", email="Ops@Example.com")
    await seen(world, "Also a user", email="BETH@example.com")
    await seen(world, "Anna", email="anna@example.com")
    row = await IntegrationRow.get(id=world.integration_id)
    await given.known(row, "sys_user_group", "A group")
    await tell(world, "m1", "beth@example.com")
    await issue_token(world.runtime, IssueToken(name="ops@example.com", roles=(Role.VIEWER,)))
    assert await unmapped(world) == ["Anna", "Zoe"]


async def test_at_most_200_unmapped_are_told_and_none_out_of_scope(world: World) -> None:
    for number in range(203):
        await seen(world, f"Person {number:03d}")
    assert await unmapped(world) == [f"Person {number:03d}" for number in range(200)]
    hidden = await unmapped_users_of(
        Scope(keys=frozenset({"other"})), [world.integration_id], people=PEOPLE
    )
    assert hidden == {world.integration_id: []}
