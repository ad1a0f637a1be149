"""Many subscribers: what is the same for them is made once, and each has its due."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack, aclosing, suppress
from datetime import timedelta
from random import Random
from typing import Any

import orjson
import pytest
from websockets.exceptions import ConnectionClosed

from domain.access.roles import Actor, Role
from gql.declined import Declined
from gql.frames import Frame
from models.database import DatabaseAt, SqliteAt
from tests import given
from tests.gql.asking import ADA, Graph, viewer
from tests.gql.test_live import PATIENCE, cursor, tailing
from tests.gql.wire import Talk, served
from tests.rows.conflicts import conflict, heard

ALERTS = """
    subscription A($after: Cursor) {
        alerts(after: $after) {
            ... on StreamItem { cursor }
            ... on AlertEvent { alert { id subject { title } } }
        }
    }
"""
PLACES = "subscription P($after: Cursor) { alerts(after: $after) { ... on StreamItem { cursor } } }"
MINE = """
    subscription M($after: Cursor) {
        conflicts(after: $after, filter: {assignedToMe: true}) {
            ... on ConflictEvent { conflict { field } }
        }
    }
"""


def named(name: str) -> Actor:
    return Actor(id=name, name=name, roles=frozenset({Role.VIEWER}), scopes=frozenset({"*"}))


class Audience:
    """Subscribers who listen side by side."""

    def __init__(self, graph: Graph, stack: AsyncExitStack) -> None:
        self._graph = graph
        self._stack = stack
        self.streams: list[Any] = []

    async def join(self, query: str, who: Actor, count: int = 1, **variables: object) -> None:
        for _ in range(count):
            frames = self._graph.frames(query, lambda: who, **variables)
            self.streams.append(await self._stack.enter_async_context(aclosing(frames)))

    async def hear(self) -> list[Frame]:
        """Return the next event of each."""
        async with asyncio.timeout(PATIENCE):
            return list(await asyncio.gather(*(anext(stream) for stream in self.streams)))


async def _alert(graph: Graph, title: str = "it") -> None:
    await given.told(*given.raised(await given.alerts(await given.ticket(title))))
    graph.live.nudge()


def _reads(statements: Sequence[str]) -> int:
    return sum("event_log" not in one and "event_head" not in one for one in statements)


async def test_an_event_is_executed_once_for_all_of_a_shape(
    graph: Graph, statements: list[str]
) -> None:
    async with tailing(graph), AsyncExitStack() as stack:
        audience = Audience(graph, stack)
        for caller in (named("one"), named("another")):
            await audience.join(ALERTS, caller, 25, after=cursor(0))
        await _alert(graph)
        await audience.hear()
        # one may begin elsewhere than the others: from now on it hears the same
        await audience.join(ALERTS, named("late"), after=cursor(1))
        for number in range(3):
            statements.clear()
            await _alert(graph, f"number {number}")
            frames = await audience.hear()
            assert len({id(frame.text) for frame in frames}) == 1
            # is it wanted, the alert, its subject
            assert _reads(statements) == 3


async def test_who_may_see_other_things_has_an_execution_of_their_own(
    graph: Graph, statements: list[str]
) -> None:
    async with tailing(graph), AsyncExitStack() as stack:
        audience = Audience(graph, stack)
        for who in (ADA, viewer("mine"), viewer("mine", "other")):
            await audience.join(ALERTS, who, 5, after=cursor(0))
        await _alert(graph)
        frames = await audience.hear()
        statements.clear()
        await _alert(graph)
        frames = await audience.hear()
    assert len({id(frame.text) for frame in frames}) == 3
    assert _reads(statements) == 3 * 3


async def test_what_depends_on_who_asks_is_shown_to_nobody_else(graph: Graph) -> None:
    integration = await given.integration()
    mine, yours = [
        await conflict(await given.incident(assignee=name), integration, field=name)
        for name in ("me", "you")
    ]
    async with tailing(graph), AsyncExitStack() as stack:
        audience = Audience(graph, stack)
        for name in ("me", "you"):
            await audience.join(MINE, named(name), 3, after=cursor(0))
        await given.told(heard(mine), heard(yours))
        graph.live.nudge()
        frames = await audience.hear()
    fields = [orjson.loads(frame.text or "")["data"]["conflicts"] for frame in frames]
    assert [field["conflict"]["field"] for field in fields] == ["me"] * 3 + ["you"] * 3


async def test_rights_that_change_are_felt_at_the_next_event(graph: Graph) -> None:
    who = [viewer("mine")]
    rows = {}
    for key in ("mine", "other"):
        incident = rows[key] = await given.incident(key)
        await given.link(incident, await given.integration(key))

    async def raised() -> None:
        for incident in rows.values():
            await given.told(*given.raised(await given.alerts(incident)))
        graph.live.nudge()

    def title(frame: Frame) -> str:
        shown = orjson.loads(frame.text or "")["data"]["alerts"]["alert"]["subject"]["title"]
        return str(shown)

    frames = graph.frames(ALERTS, lambda: who[0], after=cursor(0))
    async with tailing(graph), aclosing(frames), asyncio.timeout(PATIENCE):
        await raised()
        assert title(await anext(frames)) == "mine"
        who[0] = viewer("other")
        await raised()
        heard_then = [await anext(frames), await anext(frames)]
        assert [title(frame) for frame in heard_then] == ["other", "other"]
        who[0] = Actor(id="vi", name="Vi", roles=frozenset(), scopes=frozenset({"other"}))
        await raised()
        with pytest.raises(Declined) as refusal:
            await anext(frames)
    assert refusal.value.errors[0]["extensions"]["code"] == "FORBIDDEN"


async def test_who_is_cut_off_50_times_during_10_000_alerts_hears_each_once_in_order(
    quick_database: DatabaseAt,
) -> None:
    # Invariant P19. Alerts come while the client listens, is away, and catches up.
    chance = Random(9)  # noqa: S311 — repeatable, protects nothing
    graph = Graph()
    ticket = await given.ticket()
    # Over a wire each is a journey: there a tenth of them.
    times = 100 if isinstance(quick_database, SqliteAt) else 10
    waiting = [*given.raised(await given.alerts(ticket, 100))] * times
    cuts = sorted(chance.sample(range(1, len(waiting)), 50))
    places: list[str] = []
    told = 0

    async def tell(count: int) -> None:
        nonlocal told
        await given.told(*waiting[told : told + count])
        told = min(len(waiting), told + count)
        graph.live.nudge()

    async with tailing(graph, size=1_000):
        for cut in (*cuts, len(waiting)):
            await tell(chance.randrange(300))
            frames = graph.frames(PLACES, after=places[-1] if places else cursor(0))
            async with aclosing(frames), asyncio.timeout(60):
                while len(places) < cut:
                    if told == len(places) or (told < len(places) + 50 and chance.random() < 0.1):
                        await tell(chance.randrange(1, 100))
                    places.append((await anext(frames)).cursor or "")
    assert places == [cursor(number) for number in range(1, len(waiting) + 1)]


@pytest.mark.usefixtures("quick_database")
async def test_who_never_reads_is_cut_with_a_place_and_the_others_hear_all() -> None:
    graph = Graph()
    ticket = await given.ticket("x" * 100_000)
    payload = {"query": ALERTS, "variables": {"after": cursor(0)}}
    async with (
        tailing(graph),
        served(graph.door(send_time=timedelta(seconds=1))) as wire,
        wire.greeted() as silent,
        wire.greeted() as one,
        wire.greeted() as another,
    ):
        silent.connection.transport.pause_reading()
        for talk in (silent, one, another):
            await talk.say({"id": "1", "type": "subscribe", "payload": payload})
        await given.told(*given.raised(await given.alerts(ticket, 60)))
        graph.live.nudge()
        places = [cursor(number) for number in range(1, 61)]
        heard = await asyncio.gather(_places(one, 60), _places(another, 60))
        assert list(heard) == [places, places]
        await wire.loses_patience()
        silent.connection.transport.resume_reading()
        late = await _places(silent, 60)
        code, reason = await silent.closing()
    assert 0 < len(late) < 60
    assert late == places[: len(late)]
    assert (code, orjson.loads(reason)) == (4410, {"after": late[-1]})


async def _places(talk: Talk, most: int) -> list[str]:
    """Return the cursors of the next events, up to the end of the connection."""
    places: list[str] = []
    with suppress(ConnectionClosed):
        while len(places) < most:
            places.append((await talk.hear())["payload"]["data"]["alerts"]["cursor"])
    return places
