"""A life of ServiceNow: stamps of one second, rows that are seen late, rows that are hidden."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

from domain.records import RecordKind
from simulators.misfortune import Fault, Kind
from simulators.servicenow.instance import ServiceNow
from simulators.servicenow.query import TIME_FORMAT, Selection
from simulators.servicenow.switches import Switches
from tests.acceptance.lives.life import chosen, until
from tests.clock import Clock
from tests.mirror import rows_of
from tests.world import simulated

# A row is stamped when it is written, and shown when that is committed.
_LATEST_SECONDS: Final = 28
_PEOPLE: Final = ("Ada", "Bo", "Cy")
_GROUPS: Final = ("Network", "Database")
_ALL: Final = Selection(where="1", order="sys_id", parameters=())
_AUDITED: Final = ("category", "subcategory", "impact", "assigned_to", "assignment_group")
_TABLES: Final = {
    RecordKind.INCIDENT: "incident",
    RecordKind.CHANGE: "change_request",
    RecordKind.EVENT: "em_alert",
    RecordKind.TICKET: "sn_customerservice_case",
}
_OTHERS: Final = (RecordKind.CHANGE, RecordKind.EVENT, RecordKind.TICKET)


class ServiceNowLife:
    """An instance without incidents at first."""

    provider = "servicenow"
    untold: frozenset[str] = frozenset()
    waits: Sequence[float] = (1, 5, 40, 600)

    def __init__(self, clock: Clock, chance: Random) -> None:
        """Build the instance, without incidents."""
        self.site = simulated(clock)
        self.sites: Mapping[str, ServiceNow] = {"servicenow": self.site}
        self.kinds = chosen(chance, _OTHERS)
        self.may_step_back = True
        self._chance = chance

    @property
    def switches(self) -> Switches:
        """Its settings."""
        return self.site.switches

    def watch(self, asked: Callable[[], None], read: Callable[[], None]) -> None:
        """Tell of requests and pages."""
        self.site.hooks.before_request = lambda _: asked()
        self.site.hooks.after_page = lambda _, __: read()

    def act(self) -> str:
        """Edit or create, now or with the stamp of a moment ago; seldom delete."""
        known = [(table, key) for table in self._tables() for key in self._readable(table)]
        what = self._chance.choices(
            (self._edit, self._late, self._create, self._delete),
            (16, 8, 8, 1) if known else (0, 0, 1, 0),
        )[0]
        return what(known)

    def _edit(self, known: Sequence[tuple[str, str]]) -> str:
        table, sys_id = self._chance.choice(known)
        fields = self._fields(table)
        self.site.edit(sys_id, fields, table=table)
        return f"edit {sys_id[:6]} {fields} at {self.site.now()}"

    def _late(self, known: Sequence[tuple[str, str]]) -> str:
        """Edit or create with the stamp of a moment ago: it was committed only now."""
        before = self.switches.skew
        self.switches.skew -= timedelta(seconds=self._chance.randrange(_LATEST_SECONDS + 1))
        stamp = f"{self.site.now():{TIME_FORMAT}}"
        # A record's own updates wait for each other.
        free = [
            (table, sys_id)
            for table, sys_id in known
            if self.site.record(sys_id, table=table)["sys_updated_on"] <= stamp
        ]
        is_edit = free and self._chance.random() < 0.7
        told = self._edit(free) if is_edit else self._create(known)
        self.switches.skew = before
        return told

    def _create(self, _: Sequence[tuple[str, str]]) -> str:
        table = self._chance.choice(self._tables())
        title = "description" if table == "em_alert" else "short_description"
        row = self.site.create({title: "It is broken"} | self._fields(table), table=table)
        if table == "incident" and self._chance.random() < 0.2:
            self.switches.unreadable.add(row["sys_id"])
        return f"create {table} {row['sys_id'][:6]} at {self.site.now()}"

    def _delete(self, known: Sequence[tuple[str, str]]) -> str:
        table, sys_id = self._chance.choice(known)
        self.site.delete(sys_id, table=table)
        return f"delete {sys_id[:6]}"

    def _fields(self, table: str) -> dict[str, str]:
        if table == "em_alert":
            return {"description": f"It is broken {self._chance.randrange(100)} times"}
        if table != "incident":
            return {"short_description": f"It is broken {self._chance.randrange(100)} times"}
        name = self._chance.choice(_AUDITED)
        match name:
            case "impact":
                return {name: self._chance.choice("123")}
            case "assigned_to":
                return {name: self.site.reference("sys_user", self._chance.choice(_PEOPLE))}
            case "assignment_group":
                return {name: self.site.reference("sys_user_group", self._chance.choice(_GROUPS))}
            case _:
                return {name: f"{name} {self._chance.randrange(100)}"}

    def faults(self) -> Sequence[Fault]:
        """Return a cancelled transaction, and a refusal until a time.

        No sign-in page: in place of the audit that means that it may not be read.
        """
        return (
            Fault(kind=Kind.CANCELLED),
            until(self.site.now() + timedelta(seconds=30)),
        )

    def calm(self) -> None:
        """Nothing is late here but what people do late."""

    def records(self, kind: RecordKind) -> Mapping[str, str]:
        """Return titles by sys_id."""
        table = _TABLES[kind]
        title = "description" if table == "em_alert" else "short_description"
        return {key: row[title] for key, row in self._readable(table).items()}

    def _tables(self) -> list[str]:
        return sorted(_TABLES[kind] for kind in self.kinds)

    def _readable(self, table: str) -> dict[str, dict[str, str]]:
        title = "description" if table == "em_alert" else "short_description"
        names = ["sys_id", "sys_updated_on", "sys_mod_count", title]
        names += ["category", "impact", "priority"] if table == "incident" else []
        found = self.site.records.store.page(table, names, _ALL, limit=10_000, offset=0)
        hidden = self.switches.unreadable
        return {row["sys_id"]: row for row in found if row["sys_id"] not in hidden}

    async def differences(self) -> Sequence[str]:
        """Compare versions and values of incidents, and each line of the audit."""
        return [*await self._version_differences(), *await self._audit_differences()]

    async def _version_differences(self) -> list[str]:
        links = {row["external_id"]: row for row in await rows_of("incident_link")}
        incidents = {row["id"]: row for row in await rows_of("incident")}
        found = []
        for sys_id, row in self._readable("incident").items():
            if sys_id not in links:
                found.append(f"{sys_id} is not mirrored")
                continue
            incident = incidents[links[sys_id]["incident_id"]]
            theirs = (
                *(_milliseconds(row["sys_updated_on"]), int(row["sys_mod_count"])),
                *(row["category"] or None, row["impact"], f"P{row['priority']}"),
            )
            ours = (
                *(links[sys_id]["known_at"], links[sys_id]["known_sequence"]),
                *(incident["extra"][name] for name in ("category", "impact")),
                incident["priority"],
            )
            if theirs != ours:
                found.append(f"{sys_id} is {theirs}, mirrored as {ours}")
        return found

    async def _audit_differences(self) -> list[str]:
        edits = await rows_of("edit")
        ours = {row["external_id"] for row in edits}
        readable = self._readable("incident")
        audits = [row for row in self._audits() if row["documentkey"] in readable]
        theirs = {row["sys_id"] for row in audits if row["fieldname"] in (*_AUDITED, "priority")}
        theirs |= {f"{row['sys_id']}:severity" for row in audits if row["fieldname"] == "priority"}
        return [f"change {lost} is lost" for lost in theirs.difference(ours)]

    def _audits(self) -> list[dict[str, Any]]:
        names = ("sys_id", "documentkey", "fieldname")
        return list(self.site.records.store.page("sys_audit", names, _ALL, limit=100_000, offset=0))


def _milliseconds(text: str) -> int:
    return round(datetime.fromisoformat(f"{text}+00:00").timestamp() * 1000)
