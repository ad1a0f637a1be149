"""What happens to an incident and its vendors, chosen by one seed."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from types import MappingProxyType
from typing import Final

from domain.exchange import ConflictSide
from domain.records import IncidentStatus
from operations.incidents.comment import AddNote, add_note
from operations.incidents.edit import EditIncident, edit_incident
from operations.sync.apply import apply_due
from operations.sync.push import push_due
from simulators.misfortune import Fault, Kind
from tests.acceptance.convergence.both import Both
from tests.acceptance.convergence.side import Side
from tests.world import ADMIN, Crash

_STATUSES: Final = (
    IncidentStatus.NEW,
    IncidentStatus.ACKNOWLEDGED,
    IncidentStatus.IN_PROGRESS,
    IncidentStatus.ON_HOLD,
    IncidentStatus.RESOLVED,
)
# No work asks so often, nor all that follows the last step; what does goes round for ever.
_MOST_REQUESTS: Final = 1_500
_WAITS: Final = (0.3, 1.0, 5.0, 31.0, 65.0, 150.0)
_FAULTS: Final = (
    Fault(kind=Kind.ERROR, status=503),
    Fault(kind=Kind.LOST),
    Fault(kind=Kind.THROTTLED, detail="7"),
    Fault(kind=Kind.TRUNCATED),
    Fault(kind=Kind.ERROR, status=503, times=6),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """An edit of a vendor's people."""

    key: str
    name: str
    value: str


@dataclass(slots=True, kw_only=True)
class Schedule:
    """Steps of one seed; ``trace`` tells them, ``made`` the edits at the vendors.

    ours: the values that people here gave; no other edit has one of them.

    faults: what was wrong at once.

    deaths: of workers; each may have lost an answer.

    notes: where each was written: a vendor's key, or None for here.

    skipped: steps that are left out, by their places, to find which ones matter.
    """

    both: Both
    chance: Random
    skipped: frozenset[int] = frozenset()
    trace: list[str] = field(default_factory=list)
    made: list[Made] = field(default_factory=list)
    ours: set[str] = field(default_factory=set)
    notes: dict[str, str | None] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    deaths: int = 0
    _edits: int = 0
    _dies_in: int | None = None
    _requests: int = 0

    async def play(self, steps: int) -> None:
        """Let so many steps happen, one after the other."""
        for side in self.both.sides:
            side.watch(self._asked)
        for place in range(steps):
            seed = self.chance.random()
            if place not in self.skipped:
                # Each step draws of its own, so that leaving one out moves no other.
                await self._step(Random(seed))  # noqa: S311 — repeatable, protects nothing
        self._requests = 0
        for side in self.both.sides:
            side.site.misfortunes.clear()

    async def _step(self, chance: Random) -> None:
        side = chance.choice(self.both.sides)
        often = {**_OFTEN, **self.both.leaning.often}
        name = chance.choices(list(often), list(often.values()))[0]
        self.trace.append(f"{self.both.clock.now():%H:%M:%S} {side.key}: {name}")
        await _STEPS[name](self, side, chance)

    async def _edit_here(self, side: Side, chance: Random) -> None:
        name = chance.choice(side.fields)
        value = self._value(name)
        self.ours.add(value)
        ask = EditIncident(
            incident_id=self.both.incident_id,
            fields={} if name == "labels" else {name: value},
            add_labels=[value] if name == "labels" else [],
        )
        await edit_incident(self.both.world.runtime, ADMIN, ask)
        self._tell(f"{name} = {value}")

    async def _move_here(self, _: Side, chance: Random) -> None:
        status = chance.choice(_STATUSES)
        ask = EditIncident(incident_id=self.both.incident_id, fields={"status": status})
        await edit_incident(self.both.world.runtime, ADMIN, ask)
        self._tell(status)

    async def _move_there(self, side: Side, chance: Random) -> None:
        known = await self.both.known()
        if side.key in known:
            self._tell(side.move(known[side.key], chance))

    async def _note_here(self, _: Side, __: Random) -> None:
        text = self._text()
        ask = AddNote(incident_id=self.both.incident_id, body=text, key=text)
        await add_note(self.both.world.runtime, ADMIN, ask)
        self.notes[text] = None

    async def _note_there(self, side: Side, _: Random) -> None:
        known = await self.both.known()
        if side.key in known:
            text = self._text()
            side.note(known[side.key], text)
            self.notes[text] = side.key

    def _text(self) -> str:
        text = f"note {len(self.notes)}"
        self._tell(text)
        return text

    async def _edit_there(self, side: Side, chance: Random) -> None:
        known: Mapping[str, str] = await self.both.known()
        if side.key not in known:
            return
        name = chance.choice(side.fields)
        value = self._value(name)
        if name == "labels":
            there = side.holds(known[side.key])["labels"]
            assert isinstance(there, list)
            side.edit(known[side.key], name, [*there, value])
        else:
            side.edit(known[side.key], name, value)
        self.made.append(Made(key=side.key, name=name, value=value))
        self._tell(f"{name} = {value}")

    def _value(self, name: str) -> str:
        """Return what no other edit has; a label is added to those that there are."""
        self._edits += 1
        return f"label-{self._edits}" if name == "labels" else f"{name} {self._edits}"

    async def _deliver(self, side: Side, _: Random) -> None:
        self._tell(str(await side.send()))

    async def _drop(self, side: Side, _: Random) -> None:
        side.webhooks.clear()

    async def _double(self, side: Side, _: Random) -> None:
        if side.webhooks:
            side.webhooks.append(side.webhooks[0])

    async def _swap(self, side: Side, _: Random) -> None:
        side.webhooks.reverse()

    async def _apply(self, _: Side, chance: Random) -> None:
        await self._work(lambda: apply_due(self.both.world.runtime), chance)
        self.faults += await self.both.unsent()

    async def _push(self, _: Side, chance: Random) -> None:
        before = await self.both.disputed()
        await self._work(lambda: push_due(self.both.world.runtime), chance)
        after = await self.both.disputed()
        self.faults += [
            f"{name} was sent to {key} while in conflict"
            for (key, name), value in before.items()
            if after.get((key, name), value) != value
        ]

    async def _pull(self, side: Side, chance: Random) -> None:
        await self._work(lambda: self.both.world.sync_one(side.key), chance)
        self.faults += await self.both.unsent()

    async def _reconcile(self, side: Side, chance: Random) -> None:
        await self._work(lambda: self.both.reconcile(side.key), chance)

    async def _resolve(self, _: Side, chance: Random) -> None:
        self._tell(str(await self.both.resolve(chance.choice(tuple(ConflictSide)))))

    async def _pass(self, _: Side, chance: Random) -> None:
        seconds = chance.choice(_WAITS)
        self.both.clock.move(seconds=seconds)
        self._tell(f"{seconds} s")

    async def _go_wrong(self, side: Side, chance: Random) -> None:
        fault = chance.choice(_FAULTS)
        side.site.misfortunes.push(fault)
        self._tell(f"{fault.kind} {fault.times}")

    async def _work(self, work: Callable[[], Awaitable[object]], chance: Random) -> None:
        """Let a worker work, and perhaps die: before a request, or at a look at the clock."""
        if chance.random() < 0.3:
            if chance.random() < 0.6:
                self._dies_in = chance.randrange(1, 6)
            else:
                self.both.clock.looks = chance.randrange(1, 60)
        self._requests = 0
        try:
            await work()
        except (Crash, BaseExceptionGroup) as error:
            if not is_crash(error):
                raise
            self.both.clock.looks = None
            self.both.world.start(f"worker after step {len(self.trace)}")
            self.deaths += 1
            self._tell("the worker dies")
        finally:
            self._dies_in = self.both.clock.looks = None

    def _asked(self) -> None:
        """Let the worker die before a request is served, at the latest when it never ends."""
        self._requests += 1
        if self._requests == _MOST_REQUESTS:
            self.faults.append(f"after {_MOST_REQUESTS} requests the work has not ended")
            raise Crash
        if self._dies_in is not None:
            self._dies_in -= 1
            if self._dies_in <= 0:
                raise Crash

    def _tell(self, what: str) -> None:
        self.trace[-1] += f", {what}"


def is_crash(error: BaseException) -> bool:
    """Say whether nothing but the worker's death is in it: tasks that die together are told so."""
    if isinstance(error, BaseExceptionGroup):
        return all(is_crash(one) for one in error.exceptions)
    return isinstance(error, Crash)


Step = Callable[[Schedule, Side, Random], Awaitable[None]]
_STEPS: Final[Mapping[str, Step]] = MappingProxyType(
    {
        "edit_here": Schedule._edit_here,
        "edit_there": Schedule._edit_there,
        "move_here": Schedule._move_here,
        "move_there": Schedule._move_there,
        "note_here": Schedule._note_here,
        "note_there": Schedule._note_there,
        "deliver": Schedule._deliver,
        "drop": Schedule._drop,
        "double": Schedule._double,
        "swap": Schedule._swap,
        "apply": Schedule._apply,
        "push": Schedule._push,
        "pull": Schedule._pull,
        "reconcile": Schedule._reconcile,
        "resolve": Schedule._resolve,
        "pass": Schedule._pass,
        "go_wrong": Schedule._go_wrong,
    }
)
_OFTEN: Final[dict[str, int]] = {
    "edit_here": 10,
    "edit_there": 10,
    "move_here": 3,
    "move_there": 3,
    "note_here": 2,
    "note_there": 2,
    "deliver": 8,
    "drop": 2,
    "double": 2,
    "swap": 1,
    "apply": 7,
    "push": 9,
    "pull": 3,
    "reconcile": 1,
    "resolve": 1,
    "pass": 10,
    "go_wrong": 3,
}
