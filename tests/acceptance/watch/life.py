"""Tickets of one seed, whoever watches them, and what should have come of it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final

from domain.events.entry import NewEntry, RecordEventKind, Topic
from domain.sla.history import History
from models.coding import from_milliseconds, to_milliseconds
from models.reads.statement import rows
from models.transaction import Transaction, commit
from operations.runtime import Runtime
from operations.sla.take_policy import take_policy
from operations.sla.tick import evaluate_due
from operations.tickets.event import TicketEvent
from operations.tickets.ingest import IngestTickets, ingest_tickets
from tests.acceptance.watch.ending import outdated, untold
from tests.acceptance.watch.laws import LAWS, Force, Law, after, first
from tests.acceptance.watch.standing import Standing, looked, stored
from tests.acceptance.watch.told import KEYS, Told, made_up
from tests.mortal import Fate, living
from tests.world import ADMIN, World

_LONG_AGO: Final = datetime(2026, 1, 1, tzinfo=UTC)
_INTERVAL: Final = timedelta(minutes=1)
# Seconds; the steps back and ahead are of a clock that is set.
_WAITS: Final = (1, 59, 61, 300, 1200, 3600, 9000)
_SETS: Final = (-600, -600, 7200)


@dataclass(slots=True, kw_only=True)
class Life:
    """What happens, chosen by one seed; ``trace`` tells it, ``faults`` what should not be."""

    world: World
    chance: Random
    trace: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    tickets: dict[str, Told] = field(default_factory=dict)
    force: Force = field(init=False)
    watchers: list[Runtime] = field(default_factory=list)
    latest: datetime = _LONG_AGO
    _started: int = 0

    async def play(self, steps: int) -> None:
        """Let so many things happen, then look once more when all is quiet."""
        self.watchers = [self._watcher() for _ in range(3)]
        self.force = first(LAWS[0], self._now_ms)
        await self._take(LAWS[0])
        for _ in range(steps):
            await self._step()
            if self.faults:
                return
        # By then a clock that was set back has caught up.
        self.world.clock.at = max(self.world.clock.at, self.latest) + _INTERVAL
        self._tell("quiet")
        await self._watch_alive(1)
        await self._check_the_end()

    @property
    def _now_ms(self) -> int:
        return to_milliseconds(self.world.clock.now())

    def _watcher(self) -> Runtime:
        self._started += 1
        return self.world.start(f"watcher-{self._started}")

    def _tell(self, what: str) -> None:
        self.latest = max(self.latest, self.world.clock.now())
        self.trace.append(f"{self.world.clock.now():%d %H:%M:%S} {what}")

    async def _step(self) -> None:
        (what,) = self.chance.choices(*_STEPS)
        await what(self)

    async def _send(self) -> None:
        await self._sent(made_up(self.chance, self.world.clock.now(), self.tickets))

    async def _sent(self, event: TicketEvent) -> None:
        self._tell(
            f"{event.id} is {event.status} {event.priority} {event.tier}"
            f" since {event.updated_at:%d %H:%M:%S}, made {event.created_at:%d %H:%M:%S}"
        )
        (done,) = await ingest_tickets(self.watchers[0], ADMIN, IngestTickets(events=[event]))
        assert done.ticket_id is not None
        assert event.created_at is not None
        told = self.tickets.setdefault(
            event.id, Told(id=done.ticket_id, created_at=event.created_at)
        )
        told.take(event)

    async def _delete(self) -> None:
        alive = [told for told in self.tickets.values() if not told.is_deleted]
        if len(alive) < len(KEYS):
            return
        told = self.chance.choice(alive)
        self._tell(f"{told.events[0].id} is deleted")

        async def write(tx: Transaction) -> None:
            await tx.rows("UPDATE ticket SET deleted_at = 1 WHERE id = $1 RETURNING id", told.id)
            tx.tell(
                NewEntry(
                    topic=Topic.TICKET,
                    kind=RecordEventKind.DELETED,
                    occurred_at=self.world.clock.now(),
                    record_id=told.id,
                )
            )

        await commit(write)
        told.is_deleted, told.standing = True, told.standing.marked

    async def _pass(self) -> None:
        self.world.clock.move(seconds=self.chance.choice(_WAITS))

    async def _set(self) -> None:
        seconds = self.chance.choice(_SETS)
        self.world.clock.move(seconds=seconds)
        self._tell(f"the clock was set by {seconds} s")

    async def _reload(self) -> None:
        await self._take(self.chance.choice(LAWS))

    async def _take(self, law: Law) -> None:
        self._tell(f"policy {LAWS.index(law)}")
        await take_policy(self.watchers[0], law.seen, law.judged, by="a life")
        self.force = after(self.force, law, self._now_ms)

    async def _answer(self) -> None:
        """Let a person acknowledge an alert, or snooze it."""
        known = [(told, key) for told in self.tickets.values() for key in told.standing.alerts]
        if not known:
            return
        told, key = self.chance.choice(known)
        name = self.chance.choice(("acknowledged_at", "snoozed_until"))
        at_ms = self._now_ms + (name == "snoozed_until") * 1000 * self.chance.choice(_WAITS)
        self._tell(f"{key} is {name} {from_milliseconds(at_ms):%H:%M:%S}")
        await commit(lambda tx: _answered(tx, name, at_ms, key=key, ticket_id=told.id))
        alert = (await stored())[told.id].alerts[key]
        alerts = {**told.standing.alerts, key: alert}
        told.standing = replace(told.standing.marked, alerts=alerts)

    async def _watch(self) -> None:
        """Let some watchers look at once, and die; a change may come in between."""
        chance, count = self.chance, self.chance.randint(1, 3)
        if chance.random() < 0.6:
            await self._watch_alive(count)
            return
        before, force = {key: told.standing for key, told in self.tickets.items()}, self.force
        histories = {key: told.now_known for key, told in self.tickets.items()}
        fates = [
            Fate(dies_at=chance.randint(1, 70) if chance.random() < 0.6 else None)
            for _ in range(count)
        ]
        others: list[Awaitable[object]] = []
        between = chance.random()
        if between < 0.3:
            others.append(self._sent(made_up(self.chance, self.world.clock.now(), self.tickets)))
        elif between < 0.6:
            others.append(self._reload())
        self._tell(f"{count} watch, who die at {[fate.dies_at for fate in fates]}")
        work = [
            living(evaluate_due(watcher), fate)
            for watcher, fate in zip(self.watchers, fates, strict=False)
        ]
        survived = (await asyncio.gather(*work, *others))[:count]
        for place, lives in enumerate(survived):
            if not lives:
                self.watchers[place] = self._watcher()
        await self._adopt(before, histories, force)

    async def _watch_alive(self, count: int) -> None:
        """Let some look at once, none of whom dies: then nothing that was due is left."""
        self._tell(f"{count} watch")
        next_at, now = await _next_at(), self.world.clock.now()
        is_round = not now < next_at <= now + _INTERVAL
        await asyncio.gather(*(evaluate_due(watcher) for watcher in self.watchers[:count]))
        found = await stored()
        if await _next_at() != (now + _INTERVAL if is_round else next_at):
            self.faults.append("the next round is planned for another time")
        for key, told in self.tickets.items():
            due = self._is_due(told, is_round=is_round)
            expected = self._look(told.standing, told, told.now_known, self.force)
            there = found.get(told.id, Standing())
            if there not in ([expected] if due else [told.standing, expected]):
                self.faults.append(
                    f"{key} is due: {due}\n  was      {told.standing}\n"
                    f"  should be {expected}\n  is       {there}"
                )
            if there == expected:
                told.looked_by = self.force.version
            told.standing = there

    def _is_due(self, told: Told, *, is_round: bool) -> bool:
        look_ms = told.standing.look_ms
        return (
            look_ms == 0
            or (is_round and look_ms is not None and look_ms <= self._now_ms)
            or (told.looked_by != self.force.version and not told.standing.is_at_rest)
        )

    def _look(
        self, before: Standing, told: Told, history: History | None, force: Force
    ) -> Standing:
        return looked(before, told.id, history, force, self._now_ms)

    async def _adopt(
        self, before: dict[str, Standing], histories: dict[str, History | None], force: Force
    ) -> None:
        """See that each ticket is as it may be when some died, and something came in between."""
        found = await stored()
        for key, told in self.tickets.items():
            now_history, old = told.now_known, before.get(key, Standing())
            is_changed = key not in histories or told.standing is not old
            # Looked at before the change and after it, by either policy, or not at all.
            may: list[tuple[Standing, str]] = [(old, told.looked_by)]
            laws = (force, self.force)
            for law in laws:
                if key in histories:
                    may += [
                        (self._look(one, told, histories[key], law), law.version) for one, _ in may
                    ]
            if is_changed:
                may = [(one.marked, by) for one, by in may]
                for law in laws:
                    may += [
                        (self._look(one, told, now_history, law), law.version) for one, _ in may
                    ]
            by = [version for one, version in may if one == found[told.id]]
            if not by:
                self.faults.append(f"{key} is nothing of what it may be: {found[told.id]}, {may}")
                return
            told.standing, told.looked_by = found[told.id], by[-1]
        self.faults += await outdated(self.force)

    async def _check_the_end(self) -> None:
        """See that nothing is due, that all is told, and that no number is missing."""
        for key, told in self.tickets.items():
            if told.standing.is_at_rest:
                # What is done raises nothing, whatever another policy or clock makes of it.
                continue
            again = self._look(told.standing, told, told.now_known, self.force)
            if again.alerts != told.standing.alerts:
                self.faults.append(f"{key} lacks {again.alerts.keys() - told.standing.alerts}")
        self.faults += await untold()


async def _next_at() -> datetime:
    (schedule,) = await rows("SELECT next_at FROM schedule")
    return from_milliseconds(schedule["next_at"])


async def _answered(tx: Transaction, name: str, at_ms: int, *, key: str, ticket_id: str) -> None:
    await tx.rows(f"UPDATE alert SET {name} = $1 WHERE key = $2 RETURNING id", at_ms, key)  # noqa: S608 — a name of ours
    await tx.rows("UPDATE sla_subject SET look_at = 0 WHERE id = $1 RETURNING id", ticket_id)


Step = Callable[[Life], Awaitable[None]]
_STEPS: Final[tuple[tuple[Step, ...], tuple[int, ...]]] = (
    (
        Life._send,
        Life._watch,
        Life._pass,
        Life._set,
        Life._reload,
        Life._answer,
        Life._delete,
    ),
    (8, 9, 7, 1, 2, 2, 1),
)
