"""An integration goes with all that only it knew, and nothing else."""

import pytest

from domain.access.roles import Actor, Role
from domain.errors import Forbidden, Invalid, NotFound
from domain.records import EditSource
from models.reads.statement import rows
from operations.integrations.remove import DeleteIntegration, delete_integration
from tests import given
from tests.world import ADMIN, VIEWER, World, count


def ask(of: str, key: str = "b") -> DeleteIntegration:
    return DeleteIntegration(integration_id=of, confirm_key=key)


async def test_what_only_it_knew_goes_and_what_others_know_or_was_made_here_stays(
    world: World,
) -> None:
    kept, gone = await given.integration("a"), await given.integration("b")
    shared, mirrored, made = [await given.incident(title) for title in ("s", "m", "h")]
    for incident, integration in ((shared, kept), (shared, gone), (mirrored, gone), (made, gone)):
        await given.link(incident, integration)
    await given.edit(mirrored, source=EditSource.PERSON, version=2)
    await given.edit(made, source=EditSource.PERSON, version=1)
    service = await given.service("Web Shop", gone)
    await given.write(mirrored, gone)
    await given.delivery(gone)
    await given.credential(gone, "password")

    assert await delete_integration(world.runtime, ADMIN, ask(gone.id)) == gone.id
    titles = {row["title"] for row in await rows("SELECT title FROM incident")}
    assert titles == {"s", "h"}
    links = await rows("SELECT integration_id FROM incident_link")
    assert [row["integration_id"] for row in links] == [kept.id]
    assert await rows("SELECT id FROM asset WHERE id = $1", service.id) == []
    for table in ("lane", "outbox", "inbound"):
        assert await count(table) == 0
    assert await rows("SELECT id FROM credential WHERE integration_id = $1", gone.id) == []
    with pytest.raises(NotFound):
        await delete_integration(world.runtime, ADMIN, ask(gone.id))


async def test_nothing_goes_without_its_key_or_the_right(world: World) -> None:
    gone = await given.integration("b")
    with pytest.raises(Invalid) as refused:
        await delete_integration(world.runtime, ADMIN, ask(gone.id, "B"))
    assert refused.value.path == ("confirmKey",)
    elsewhere = Actor(
        id="mia",
        name="mia",
        roles=frozenset({Role.INTEGRATION_MANAGER}),
        scopes=frozenset({"a"}),
    )
    for actor in (VIEWER, elsewhere):
        with pytest.raises(Forbidden):
            await delete_integration(world.runtime, actor, ask(gone.id))
    assert len(await rows("SELECT id FROM integration WHERE key = 'b'")) == 1
