"""A seeded life of a vendor and its mirror: deeds at any moment, crashes, odd clocks."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Final

from adapters.registry import manifest
from domain.records import RunStatus
from models.claims import Slot
from models.coding import loads
from models.reads.statement import rows
from models.tables.sync_run import WatermarkRow
from operations.sync.pull import THOROUGH_EVERY, pull_due
from operations.sync.start import StartSync, start_sync
from simulators.misfortune import Fault
from tests.acceptance.lives.life import FAULTS, SKEWS, Life
from tests.acceptance.truth import differences
from tests.clock import Clock
from tests.world import ADMIN, Crash, World

_UNSURE: Final = timedelta(seconds=8)
# After the last of its kind, so that whatever failed before is tried again.
_LONGEST_WAIT_MINUTES: Final = 40


class MortalClock(Clock):
    """The vendor's clock, read by a worker that may die as it looks.

    looks: how many are left; None for any number.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.looks: int | None = None

    def now(self) -> datetime:
        if self.looks is not None:
            self.looks -= 1
            if self.looks < 0:
                raise Crash
        return self._clock.now()

    def move(self, **by: float) -> None:
        self._clock.move(**by)


@dataclass(slots=True, kw_only=True)
class Schedule:
    """What happens, chosen by one seed; ``trace`` tells it.

    may_step: whether the vendor's clock may change again. It may not before a
    page has seen the last change: what nobody saw nobody can mend.
    """

    world: World
    life: Life
    clock: MortalClock
    chance: Random
    trace: list[str] = field(default_factory=list)
    may_step: bool = True
    _crash_in: int | None = None
    _in_request: bool = False

    async def play(self, steps: int) -> None:
        """Let things happen, then be quiet until the mirror has caught up."""
        self.life.watch(self._before_request, self._after_page)
        for _ in range(steps):
            if self.chance.random() < 0.25:
                await self._sync()
            else:
                self._happen()
        self.life.watch(_nothing, _nothing)
        self.life.site.misfortunes.clear()
        self.life.calm()
        await self._rest()

    async def _rest(self) -> None:
        """Take a census, then pull three times, the second time thoroughly.

        More than once, since a step of the clock is noticed by one run and made
        good by the next.
        """
        self.clock.move(minutes=_LONGEST_WAIT_MINUTES)
        self.trace.append("quiet census")
        kinds = sorted(self.world.kinds)
        ask = StartSync(integration_id=self.world.integration_id, kinds=kinds, slot=Slot.CENSUS)
        await start_sync(self.world.runtime, ADMIN, ask)
        await pull_due(self.world.runtime)
        await WatermarkRow.all().update(pulls=THOROUGH_EVERY - 1)
        for _ in range(3):
            self.clock.move(seconds=61)
            self.trace.append("quiet sync")
            await self.world.sync()
        assert not await self._unfinished(), self.trace

    async def _unfinished(self) -> list[str]:
        """Return why the newest run of a kind and phase has not succeeded."""
        found = await rows("SELECT kind, phase, status, error FROM sync_run ORDER BY queued_at, id")
        newest = {(row["kind"], row["phase"]): row for row in found}
        return [
            f"{row['phase']} of {row['kind']}: {row['error']}"
            for row in newest.values()
            if row["status"] != RunStatus.SUCCEEDED
        ]

    async def _sync(self) -> None:
        """Pull, and perhaps die: before a request, or at a look at the clock.

        The clock is looked at in transactions too, so that some are never committed.
        """
        before = await self._watermarks()
        if self.chance.random() < 0.4:
            if self.chance.random() < 0.6:
                self._crash_in = self.chance.randrange(1, 12)
            else:
                self.clock.looks = self.chance.randrange(1, 60)
        self.trace.append(f"sync, crash in {self._crash_in} requests, {self.clock.looks} looks")
        self._in_request = True
        self._go_wrong()
        try:
            await self.world.sync()
        except Crash:
            self.clock.looks = None
            self.trace.append("crash")
            self.world.start(f"worker-{len(self.trace)}")
            self.clock.move(seconds=self.chance.choice((1, 61)))
        self._crash_in = self.clock.looks = None
        self._in_request = False
        self.may_step = await self._is_clock_known()
        after = await self._watermarks()
        if any(after[kind] < before[kind] for kind in before):
            assert await _steps_told(), "a watermark fell and nothing was told"

    async def _watermarks(self) -> dict[str, int]:
        found = await rows("SELECT kind, watermark FROM watermark WHERE watermark IS NOT NULL")
        return {row["kind"]: row["watermark"] for row in found}

    def _go_wrong(self) -> None:
        """Let one of the next answers be spoilt, now and then."""
        if self.chance.random() < 0.25:
            fault: Fault = self.chance.choice((*FAULTS, *self.life.faults()))
            skip = self.chance.randrange(6)
            self.life.site.misfortunes.push(replace(fault, skip=skip))
            self.trace.append(f"{fault.kind} {fault.status} {fault.detail} after {skip} answers")

    async def _is_clock_known(self) -> bool:
        samples = loads((await self.world.integration())["skew_samples"])
        # A request may take some seconds, and its answer is dated by whole ones.
        skew = self.life.switches.skew
        return not samples or abs(timedelta(milliseconds=samples[-1]) - skew) < _UNSURE

    def _before_request(self) -> None:
        if self._crash_in is not None:
            self._crash_in -= 1
            if self._crash_in == 0:
                raise Crash
        if self.chance.random() < 0.3:
            self._happen()

    def _after_page(self) -> None:
        if self.chance.random() < 0.3:
            self._happen()

    def _happen(self) -> None:
        what = self.chance.choices((self._act, self._pass, self._skew), (16, 6, 1))[0]
        what()

    def _act(self) -> None:
        self.trace.append(self.life.act())

    def _pass(self) -> None:
        # No request takes longer than its deadline.
        waits = (0.4, 1, 1, 5) if self._in_request else self.life.waits
        seconds = self.chance.choice(waits)
        self.trace.append(f"{seconds} s pass")
        self.clock.move(seconds=seconds)

    def _skew(self) -> None:
        """Set the vendor's clock, or back by more than goes unnoticed (rule W7)."""
        if not self.may_step:
            return
        switches = self.life.switches
        noticed = manifest(self.life.provider).overlap * 2 / 3
        to = timedelta(seconds=self.chance.choice(SKEWS))
        if self.chance.random() < 0.5:
            to = switches.skew - self.chance.choice((noticed, timedelta(seconds=600)))
        if to < switches.skew and not self.life.may_step_back:
            return
        switches.skew, self.may_step = to, False
        self.trace.append(f"the vendor's clock is {switches.skew} ahead")

    async def differences(self) -> list[str]:
        """Return in what the mirror is not the vendor's; nothing is what should be."""
        return await differences(self.world.runtime, self.life)


def _nothing() -> None:
    """Let nothing happen."""


async def _steps_told() -> bool:
    words = "the vendor's clock stepped back%"
    return bool(await rows("SELECT 1 AS told FROM event_log WHERE message LIKE $1", words))
