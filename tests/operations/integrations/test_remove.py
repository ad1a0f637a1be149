"""An integration goes with all that only it knew, and nothing else."""

import asyncio
from dataclasses import replace

import pytest

from domain.access.roles import Actor, Role
from domain.errors import Forbidden, Invalid, NotFound
from domain.records import EditSource
from models.reads.statement import rows
from models.tables.incident import IncidentRow
from models.tables.integration import IntegrationRow
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


async def test_each_record_that_goes_or_loses_its_link_is_told_batch_by_batch(
    world: World,
) -> None:
    # given records of `b` alone, one that `a` has too, one that `a` has had, and one made here
    kept, gone = await given.integration("a"), await given.integration("b")
    alone = [await given.incident() for _ in range(5)]
    ticket = await given.ticket()
    shared, had, made = [await given.incident() for _ in range(3)]
    await given.link(shared, kept)
    await given.link(had, kept, gone_at=given.NOW)
    await given.edit(made, source=EditSource.PERSON, version=1)
    for incident in (*alone, shared, had, made):
        await given.link(incident, gone)
    await given.link(ticket, gone)
    before = await newest()
    world.hints.clear()

    # when it goes, two records at a time
    await delete_integration(world.runtime, ADMIN, ask(gone.id), batch=2)

    # then each of them is told once
    told = await rows(
        "SELECT topic, kind, record_id, message FROM event_log WHERE number > $1", before
    )
    assert {(one["record_id"], one["kind"], one["message"]) for one in told} == {
        *((incident.id, "DELETED", "b") for incident in alone),
        (ticket.id, "DELETED", "b"),
        (had.id, "DELETED", None),
        (shared.id, "UPDATED", None),
        (made.id, "UPDATED", None),
    }
    assert len(told) == 9
    assert {one["record_id"] for one in told if one["topic"] == "TICKET"} == {ticket.id}
    assert (await IncidentRow.get(id=had.id)).deleted_at is not None
    # four batches of incidents, one of tickets, and the integration itself
    assert world.hints == ["events"] * 6


async def newest() -> int:
    (row,) = await rows("SELECT newest FROM event_head")
    return int(row["newest"])


async def test_what_was_cut_short_goes_when_it_is_asked_for_again(world: World) -> None:
    gone = await given.integration("b")
    for _ in range(3):
        await given.link(await given.incident(), gone)

    async def die(_: str) -> None:
        raise asyncio.CancelledError

    cut_short = replace(world.runtime, wake=die)
    with pytest.raises(asyncio.CancelledError):
        await delete_integration(cut_short, ADMIN, ask(gone.id), batch=2)
    assert (await count("incident"), await count("integration")) == (1, 2)
    assert not (await IntegrationRow.get(id=gone.id)).is_enabled

    await delete_integration(world.runtime, ADMIN, ask(gone.id))
    assert (await count("incident"), await count("integration")) == (0, 1)


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
