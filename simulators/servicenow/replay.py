"""The log replayed: part of it as history, the rest written as time passes."""

import asyncio
import heapq
import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from simulators.servicenow import translation
from simulators.servicenow.directory import Directory
from simulators.servicenow.log import MISSING, LogRow, Version
from simulators.servicenow.records import Records, Stamp, blank, identity
from simulators.servicenow.surroundings import service_id, service_of
from simulators.servicenow.tables import TABLES
from simulators.servicenow.translation import Shift
from simulators.servicenow.world import World

# Between copies of the log: their bursts must not fall into the same second.
_COPY_OFFSET: Final = timedelta(minutes=7)
_COPY_NUMBERS: Final = 1_000_000
_BATCH: Final = 5_000
# How often a running replay looks at the clock, and how much it writes at once.
_BEAT_SECONDS: Final = 0.2
_AT_ONCE: Final = 500
MAX: Final = math.inf
# What a store remembers of the replay: which log, and how many of its versions.
_LOG: Final = "log"
_WRITTEN: Final = "written"
_WORLD: Final = "world"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to replay.

    rows: of the file, from its start; 0 is all. The default is 890 whole
        incidents.
    history: the share of them, in order of time, that is there at the start.
    copies: repeat the log under other numbers, some minutes apart. Four copies
        of all rows are 99,672 incidents: 20 s and 650 MB.
    speed: log seconds a second; 0 waits for ``Replay.step``, ``MAX`` writes on.
    world: incidents have services, and beside them changes, alerts, cases and
        items, none of which the log has. A store that was begun without goes on so.
    """

    rows: int = 5_998
    history: float = 0.9
    copies: int = 1
    speed: float = 0
    world: bool = False


@dataclass(frozen=True, slots=True, order=True)
class _Due:
    """A version of one copy, in the order of writing."""

    at: datetime
    copy: int
    position: int


class Replay:
    """Writes the versions of the log into an instance's incidents."""

    def __init__(
        self,
        records: Records,
        directory: Directory,
        incidents: list[list[Version]],
        plan: Plan,
    ) -> None:
        """Load the history at once, unless an earlier start did; see ``Plan``.

        Cost: 890 incidents 0.2 s; all 24,918 incidents 4.5 s and 120 MB.
        """
        self._records = records
        self._directory = directory
        self._incidents = incidents
        versions = [version for incident in incidents for version in incident]
        self._versions = {version.position: version for version in versions}
        total = len(versions) * plan.copies
        self._order = self._schedule(plan.copies)
        self._log = f"{plan.rows} rows, {plan.copies} times"
        written = self._written_before()
        past = int(total * plan.history) if written is None else written
        self.remaining = total - past
        last = deque(islice(self._order, past), maxlen=1)
        self._next = next(self._order, None)
        is_peopled = plan.world if written is None else bool(records.store.recalled(_WORLD))
        self._world = World(records, directory) if is_peopled else None
        if written is None:
            self._begin(last[0] if last else None, plan.copies)
        self._total = total
        self._note_progress()
        self._woken = asyncio.Event()
        self._speed = plan.speed
        self._anchor()

    @property
    def speed(self) -> float:
        """Log seconds a second; 0 is by hand, ``MAX`` as fast as can be."""
        return self._speed

    @speed.setter
    def speed(self, speed: float) -> None:
        self._speed = speed
        self._anchor()
        self._woken.set()

    def step(self, rows: int = 1) -> int:
        """Write the next rows now, and return how many there were."""
        for written in range(rows):
            if not self._write_next():
                return written
        return rows

    def advance(self) -> int:
        """Write what is due by the clock and the speed, at most 500 rows; return how many."""
        if not self.speed:
            return 0
        due = self._log_time()
        written = 0
        while written < _AT_ONCE and self._next and (due is None or self._next.at <= due):
            self._write_next()
            written += 1
        return written

    def look(self) -> None:
        """Let the changes of the world, if there is one, begin and end by the clock."""
        if self._world:
            self._world.look()

    async def run(self) -> None:
        """Write what falls due, until cancelled."""
        while True:
            self.look()
            pause = 0 if self.advance() == _AT_ONCE else _BEAT_SECONDS
            self._woken.clear()
            try:
                await asyncio.wait_for(self._woken.wait(), pause)
            except TimeoutError:
                continue

    def _written_before(self) -> int | None:
        """Return how many versions an earlier start has written; None for a fresh store.

        Raises ValueError for a store that holds another log.
        """
        store = self._records.store
        log = store.recalled(_LOG)
        if log and log != self._log:
            raise ValueError(f"the store holds {log} of the log, not {self._log}; delete it")
        return int(store.recalled(_WRITTEN)) if log else None

    def _note_progress(self) -> None:
        self._records.store.remember(_LOG, self._log)
        self._records.store.remember(_WRITTEN, str(self._total - self.remaining))

    def _schedule(self, copies: int) -> Iterator[_Due]:
        ordered = sorted((version.at, version.position) for version in self._versions.values())

        def copied(copy: int) -> Iterator[_Due]:
            return (_Due(at + _COPY_OFFSET * copy, copy, position) for at, position in ordered)

        return heapq.merge(*(copied(copy) for copy in range(copies)))

    def _anchor(self) -> None:
        """Let log time go on from the next row, at the present speed."""
        self._anchored_at = self._records.now()
        self._anchored_log = self._next.at if self._next else None

    def _log_time(self) -> datetime | None:
        """Return how far the log has come; None is its end."""
        if self._speed == MAX or self._anchored_log is None:
            return None
        passed = self._records.now() - self._anchored_at
        return self._anchored_log + passed * self._speed

    def _begin(self, last: _Due | None, copies: int) -> None:
        """Fill a fresh instance with what was before its first step."""
        now = self._records.now().replace(microsecond=0)
        present = last or self._next
        if self._world and present:
            self._world.begin(self._incidents, now - present.at)
            self._records.store.remember(_WORLD, "peopled")
        if last:
            self._load(last, copies, now)

    def _load(self, last: _Due, copies: int, now: datetime) -> None:
        incidents: list[dict[str, str]] = []
        audits: list[tuple[str, ...]] = []
        for copy in range(copies):
            shift = Shift(now - last.at + _COPY_OFFSET * copy)
            for versions in self._incidents:
                past = [
                    version
                    for version in versions
                    if _Due(version.at + _COPY_OFFSET * copy, copy, version.position) <= last
                ]
                if past:
                    incidents.append(self._past(past, copy, shift, audits))
                if len(incidents) >= _BATCH:
                    self._store(incidents, audits)
        self._store(incidents, audits)

    def _store(self, incidents: list[dict[str, str]], audits: list[tuple[str, ...]]) -> None:
        self._records.store.add("incident", incidents)
        self._records.store.fill("sys_audit", audits)
        incidents.clear()
        audits.clear()

    def _past(
        self, versions: list[Version], copy: int, shift: Shift, audits: list[tuple[str, ...]]
    ) -> dict[str, str]:
        """Return an incident as it stands after these versions, and note its changes."""
        record = self._first(versions[0], copy, shift)
        history = [record]
        for version in versions[1:]:
            after = self._stamped(version, shift)
            shown = self._shown(version.row, shift)
            changes = {name: value for name, value in shown.items() if record[name] != value}
            after = record | changes | after
            audits.extend(self._records.audit("incident", record, after, changes))
            record = after
            history.append(record)
        if self._world:
            for table, row, told in self._world.past(history):
                self._records.store.add(table, [row])
                audits.extend(told)
        return record

    def _write_next(self) -> bool:
        due, self._next = self._next, next(self._order, None)
        if due is None:
            return False
        self.remaining -= 1
        self._note_progress()
        version = self._versions[due.position]
        shift = Shift(self._records.now().replace(microsecond=0) - version.at)
        if version.before is None:
            first = self._first(version, due.copy, shift)
            self._records.insert("incident", first)
            if self._world:
                self._world.follow(None, first)
            return True
        number = _number(version.row, due.copy)
        record = self._records.store.one("incident", "sys_id", identity("incident", number))
        if record is None:
            # Someone deleted it; the log's people could not have gone on either.
            return True
        # Only what the log's user changed: edits made meanwhile by others stand.
        before = self._shown(version.before, shift)
        shown = self._shown(version.row, shift)
        changes = {
            name: value
            for name, value in shown.items()
            if value != before[name] and value != record[name]
        }
        stamp = self._records.stamp(self._directory.user_name(version.row.sys_updated_by))
        rise = int(version.row.sys_mod_count) - int(version.before.sys_mod_count)
        after = self._records.write("incident", record, changes, stamp, rise=rise)
        if self._world:
            self._world.follow(record, after)
        return True

    def _first(self, version: Version, copy: int, shift: Shift) -> dict[str, str]:
        row, number = version.row, _number(version.row, copy)
        creator = row.sys_created_by if row.sys_created_by != MISSING else row.opened_by
        by = "system" if creator == MISSING else self._directory.user_name(creator)
        created = row.opened_at if row.sys_created_at == MISSING else row.sys_created_at
        stamp = Stamp(by=by, at=shift.text(created))
        record = blank(TABLES["incident"], identity("incident", number), stamp)
        record |= translation.opening(row) | self._shown(row, shift) | self._stamped(version, shift)
        record |= {"number": number, "opened_at": shift.text(row.opened_at)}
        if self._world:
            record["business_service"] = service_id(service_of(number, row.category))
        return record

    def _shown(self, row: LogRow, shift: Shift) -> dict[str, str]:
        times = {name: shift.text(text) for name, text in translation.times(row).items()}
        return translation.fields(row, self._directory) | times

    def _stamped(self, version: Version, shift: Shift) -> dict[str, str]:
        return {
            "sys_updated_on": shift.text(version.row.sys_updated_at),
            "sys_updated_by": self._directory.user_name(version.row.sys_updated_by),
            "sys_mod_count": version.row.sys_mod_count,
        }


def _number(row: LogRow, copy: int) -> str:
    return f"INC{int(row.number.removeprefix('INC')) + copy * _COPY_NUMBERS:07d}"
