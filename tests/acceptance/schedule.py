"""A seeded life of a vendor and its mirror: edits at any moment, crashes, odd clocks."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Final

from starlette.requests import Request

from models.coding import loads
from models.reads.statement import rows
from simulators.misfortune import Fault, Kind
from simulators.servicenow.query import TIME_FORMAT, Selection
from tests.mirror import rows_of, told
from tests.world import Crash, World

# ServiceNow stamps a row when it is written, and shows it when that is committed.
_LATEST_SECONDS: Final = 28
_UNSURE: Final = timedelta(seconds=8)
_SKEWS: Final = (-90.0, -3.0, 0.0, 90.0)
_STEPS_BACK: Final = (20.0, 600.0)
_PEOPLE: Final = ("Ada", "Bo", "Cy")
_GROUPS: Final = ("Network", "Database")
_ALL: Final = Selection(where="1", order="sys_id", parameters=())
_AUDITED: Final = ("category", "subcategory", "impact", "assigned_to", "assignment_group")


@dataclass(slots=True, kw_only=True)
class Schedule:
    """What happens, chosen by one seed; ``trace`` tells it.

    may_step: whether the vendor's clock may change again. It may not before a
    page has seen the last change: what nobody saw nobody can mend.
    """

    world: World
    chance: Random
    trace: list[str] = field(default_factory=list)
    may_step: bool = True
    _crash_in: int | None = None
    _in_request: bool = False

    async def play(self, steps: int) -> None:
        """Let things happen, then be quiet until the mirror has caught up."""
        hooks = self.world.servicenow.hooks
        hooks.before_request = self._before_request
        hooks.after_page = self._after_page
        for _ in range(steps):
            if self.chance.random() < 0.25:
                await self._sync()
            else:
                self._happen()
        hooks.before_request = hooks.after_page = None
        self.world.servicenow.misfortunes.clear()
        # Twice: a step of the clock is noticed by one run and made good by the next.
        for _ in range(3):
            self.world.clock.move(seconds=61)
            self.trace.append("quiet sync")
            run = await self.world.sync()
            assert run["status"] == "SUCCEEDED", run

    async def _sync(self) -> None:
        self._crash_in = self.chance.randrange(1, 12) if self.chance.random() < 0.4 else None
        before = (await self.world.source())["watermark"]
        self.trace.append(f"sync, crash in {self._crash_in}")
        self._in_request = True
        self._go_wrong()
        try:
            await self.world.sync()
        except Crash:
            self.world.start(f"worker-{len(self.trace)}")
            self.world.clock.move(seconds=self.chance.choice((1, 61)))
        self.may_step = await self._is_clock_known()
        self._crash_in, self._in_request = None, False
        after = (await self.world.source())["watermark"]
        if before is not None and after < before:
            assert await _steps_told(), "the watermark fell and nothing was told"

    def _go_wrong(self) -> None:
        """Let one of the next answers be an error, now and then."""
        if self.chance.random() < 0.2:
            skip = self.chance.randrange(6)
            self.world.servicenow.misfortunes.push(Fault(kind=Kind.ERROR, skip=skip))
            self.trace.append(f"an error after {skip} answers")

    async def _is_clock_known(self) -> bool:
        samples = loads((await self.world.integration())["skew_samples"])
        skew = self.world.servicenow.switches.skew
        # A request may take some seconds, and its answer is dated by whole ones.
        return not samples or abs(timedelta(milliseconds=samples[-1]) - skew) < _UNSURE

    def _before_request(self, _: Request) -> None:
        if self._crash_in is not None:
            self._crash_in -= 1
            if self._crash_in == 0:
                raise Crash
        if self.chance.random() < 0.3:
            self._happen()

    def _after_page(self, table: str, read: int) -> None:
        if self.chance.random() < 0.3:
            self._happen()

    def _happen(self) -> None:
        known = [row["sys_id"] for row in self._incidents()]
        what = self.chance.choices(
            (self._edit, self._late, self._create, self._pass, self._skew),
            (8, 4, 4, 6, 1) if known else (0, 0, 1, 0, 0),
        )[0]
        what(known)

    def _edit(self, known: Sequence[str]) -> None:
        sys_id, fields = self.chance.choice(known), self._fields()
        self.trace.append(f"edit {sys_id[:6]} {fields} at {self.world.servicenow.now()}")
        self.world.servicenow.edit(sys_id, fields)

    def _late(self, known: Sequence[str]) -> None:
        """Edit or create with the stamp of a moment ago: it was committed only now."""
        servicenow = self.world.servicenow
        before = servicenow.switches.skew
        servicenow.switches.skew -= timedelta(seconds=self.chance.randrange(_LATEST_SECONDS + 1))
        stamp = f"{servicenow.now():{TIME_FORMAT}}"
        # A record's own updates wait for each other.
        free = [sys_id for sys_id in known if servicenow.record(sys_id)["sys_updated_on"] <= stamp]
        if free and self.chance.random() < 0.7:
            self._edit(free)
        else:
            self._create(known)
        servicenow.switches.skew = before

    def _create(self, _: Sequence[str]) -> None:
        servicenow = self.world.servicenow
        row = servicenow.create({"short_description": "It is broken"} | self._fields())
        if self.chance.random() < 0.2:
            servicenow.switches.unreadable.add(row["sys_id"])
        self.trace.append(f"create {row['sys_id'][:6]} at {servicenow.now()}")

    def _pass(self, _: Sequence[str]) -> None:
        # No request takes longer than its deadline.
        seconds = self.chance.choice((0.4, 1, 1, 5) if self._in_request else (1, 5, 40, 600))
        self.trace.append(f"{seconds} s pass")
        self.world.clock.move(seconds=seconds)

    def _skew(self, _: Sequence[str]) -> None:
        if not self.may_step:
            return
        self.may_step = False
        switches = self.world.servicenow.switches
        if self.chance.random() < 0.5:
            switches.skew = timedelta(seconds=self.chance.choice(_SKEWS))
        else:
            switches.skew -= timedelta(seconds=self.chance.choice(_STEPS_BACK))
        self.trace.append(f"the vendor's clock is {switches.skew} ahead")

    def _fields(self) -> dict[str, str]:
        servicenow = self.world.servicenow
        name = self.chance.choice(_AUDITED)
        match name:
            case "impact":
                return {name: self.chance.choice("123")}
            case "assigned_to":
                label = self.chance.choice(_PEOPLE)
                return {name: servicenow.reference("sys_user", label)}
            case "assignment_group":
                label = self.chance.choice(_GROUPS)
                return {name: servicenow.reference("sys_user_group", label)}
            case _:
                return {name: f"{name} {self.chance.randrange(100)}"}

    def _incidents(self) -> list[dict[str, str]]:
        store = self.world.servicenow.records.store
        hidden = self.world.servicenow.switches.unreadable
        names = ("sys_id", "sys_updated_on", "sys_mod_count", "category", "impact", "priority")
        found = store.page("incident", names, _ALL, limit=10_000, offset=0)
        return [row for row in found if row["sys_id"] not in hidden]

    async def differences(self) -> list[str]:
        """Return in what the mirror is not the vendor's; nothing is what should be."""
        return [
            *await self._record_differences(),
            *await self._history_differences(),
            *await _telling_differences(),
        ]

    async def _record_differences(self) -> list[str]:
        links = {row["external_id"]: row for row in await rows_of("incident_link")}
        incidents = {row["id"]: row for row in await rows_of("incident")}
        found = [f"{sys_id} is not at the vendor" for sys_id in links]
        for row in self._incidents():
            link = links.get(row["sys_id"])
            if link is None:
                found.append(f"{row['sys_id']} is not mirrored")
                continue
            found.remove(f"{row['sys_id']} is not at the vendor")
            incident = incidents[link["incident_id"]]
            theirs = (
                *(_milliseconds(row["sys_updated_on"]), int(row["sys_mod_count"])),
                *(row["category"] or None, row["impact"], f"P{row['priority']}"),
            )
            ours = (
                *(link["known_at"], link["known_sequence"]),
                *(incident["extra"][name] for name in ("category", "impact")),
                incident["priority"],
            )
            if theirs != ours:
                found.append(f"{row['sys_id']} is {theirs}, mirrored as {ours}")
        if len(incidents) != len(links):
            found.append(f"{len(incidents)} incidents have {len(links)} links")
        return found

    async def _history_differences(self) -> list[str]:
        edits = await rows_of("edit")
        ours = sorted(row["external_id"] for row in edits if row["external_id"] is not None)
        store = self.world.servicenow.records.store
        readable = {row["sys_id"] for row in self._incidents()}
        names = ("sys_id", "documentkey", "fieldname")
        audits = [
            row
            for row in store.page("sys_audit", names, _ALL, limit=100_000, offset=0)
            if row["documentkey"] in readable
        ]
        theirs = {row["sys_id"] for row in audits if row["fieldname"] in (*_AUDITED, "priority")}
        theirs |= {f"{row['sys_id']}:severity" for row in audits if row["fieldname"] == "priority"}
        found = [f"change {lost} is lost" for lost in theirs.difference(ours)]
        found += [
            f"change of {row['field']} to {row['after']} is made up"
            for row in edits
            if not row["external_id"]
        ]
        return found


async def _telling_differences() -> list[str]:
    ids = [edit for _, _, edits in await told() for edit in edits]
    stored = {row["id"] for row in await rows_of("edit")}
    found = (
        [f"{len(ids) - len(set(ids))} changes were told twice"] if len(ids) > len(set(ids)) else []
    )
    return found + [f"change {edit} was not told" for edit in stored.difference(ids)]


async def _steps_told() -> bool:
    words = "the vendor's clock stepped back%"
    return bool(await rows("SELECT 1 AS told FROM event_log WHERE message LIKE $1", words))


def _milliseconds(text: str) -> int:
    return round(datetime.fromisoformat(f"{text}+00:00").timestamp() * 1000)
