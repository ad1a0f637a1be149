"""The world around the log's incidents: written at the start, and as they change."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from simulators.company import CUSTOMERS, SERVICES, Service
from simulators.servicenow import surroundings
from simulators.servicenow.change_rules import State
from simulators.servicenow.directory import DEPENDS, Directory
from simulators.servicenow.log import MISSING, LogRow, Version, moment
from simulators.servicenow.query import TIME_FORMAT, Selection
from simulators.servicenow.records import Records, Stamp, blank, identity
from simulators.servicenow.surroundings import COMPANIONS, Companion, drawn
from simulators.servicenow.tables import TABLES

_CRITICALITY: Final = {1: "1 - most critical", 2: "2 - somewhat critical", 3: "3 - less critical"}
# Writes the changes of the world, and moves them on.
_PLANNER: Final = "change.planner"
# Changes still to come at the start, and how far apart they begin.
_PLANNED: Final = 12
_APART: Final = timedelta(hours=14)
_LOOK_EVERY: Final = timedelta(minutes=1)

# A change by its number: when it begins, and the service that it works on.
_Named = tuple[str, tuple[datetime, Service]]


class World:
    """Writes what ``surroundings`` invents into an instance."""

    def __init__(self, records: Records, directory: Directory) -> None:
        """Write nothing yet."""
        self._records = records
        self._directory = directory
        self._members: set[tuple[str, str]] = set()
        self._look_at = records.now()

    def begin(self, incidents: Sequence[Sequence[Version]], shift: timedelta) -> None:
        """Write services, customers and changes into a fresh instance.

        shift: what takes a time of the log to one of the instance.
        """
        self._add_services()
        for position, customer in enumerate(CUSTOMERS, start=1):
            row = self._blank("customer_account", customer.name)
            row |= {"name": customer.name, "u_level": customer.level}
            self._records.store.add("customer_account", [row | {"number": f"ACCT{position:07d}"}])
        now = self._records.now()
        # What both fixed and caused one cannot have come after it.
        changes = dict(_fixes(incidents, shift)) | dict(_causes(incidents, shift))
        for turn in range(_PLANNED):
            start = now - timedelta(hours=1) + turn * _APART
            changes[f"CHG70{turn:05d}"] = start, SERVICES[turn * 2]
        for number, (start, service) in changes.items():
            self._add_change(number, start, service, now)

    def past(
        self, history: Sequence[Mapping[str, str]]
    ) -> Iterator[tuple[str, dict[str, str], list[tuple[str, ...]]]]:
        """Yield the rows beside an incident that has gone through these versions.

        Each with its table, and its ``sys_audit`` rows.
        """
        for incident in history:
            self._note_member(incident)
        for companion in COMPANIONS:
            if companion.belongs(history[0]):
                yield self._gone_through(companion, history)

    def follow(self, before: Mapping[str, str] | None, after: Mapping[str, str]) -> None:
        """Write what an incident's write leads to; before is None for a new one.

        What others changed meanwhile stands, and what they deleted stays so.
        """
        self._note_member(after)
        for companion in COMPANIONS:
            if not companion.belongs(after):
                continue
            if before is None:
                self._records.insert(companion.table, self._first(companion, after))
            else:
                self._change(companion, before, after)

    def look(self) -> None:
        """Let changes begin and end whose time has come; cheap, at most once a minute."""
        now = self._records.now()
        if now < self._look_at:
            return
        self._look_at = now + _LOOK_EVERY
        due = Selection(
            where="sys_created_by = ? AND active = 'true'"
            " AND (state = '-2' AND start_date <= ? OR state = '-1' AND end_date <= ?)",
            order="number",
            parameters=(_PLANNER, *(now.strftime(TIME_FORMAT),) * 2),
        )
        names = TABLES["change_request"].fields
        for row in self._records.store.page("change_request", names, due, limit=100, offset=0):
            self._move(row)

    def _move(self, row: Mapping[str, str]) -> None:
        def edit(row: Mapping[str, str], **fields: str) -> dict[str, str]:
            return self._records.edit("change_request", row, fields, by=_PLANNER)

        if row["state"] == State.SCHEDULED:
            edit(row, state=State.IMPLEMENT)
            return
        code = surroundings.outcome(row["number"])
        reviewed = edit(row, state=State.REVIEW)
        edit(reviewed, state=State.CLOSED, close_code=code, close_notes="Done")

    def _change(
        self, companion: Companion, before: Mapping[str, str], after: Mapping[str, str]
    ) -> None:
        row = self._records.store.one(companion.table, "sys_id", companion.sys_id(after))
        if row is None:
            return
        old, new = companion.shape(before), companion.shape(after)
        changes = {n: v for n, v in new.items() if v != old[n] and v != row[n]}
        if changes:
            stamp = self._records.stamp(after["sys_updated_by"])
            self._records.write(companion.table, row, changes, stamp, rise=1)

    def _gone_through(
        self, companion: Companion, history: Sequence[Mapping[str, str]]
    ) -> tuple[str, dict[str, str], list[tuple[str, ...]]]:
        table, row = companion.table, self._first(companion, history[0])
        audits: list[tuple[str, ...]] = []
        for incident in history[1:]:
            shape = companion.shape(incident)
            changes = {name: value for name, value in shape.items() if row[name] != value}
            if not changes:
                continue
            stamps = {name: incident[name] for name in ("sys_updated_on", "sys_updated_by")}
            count = str(int(row["sys_mod_count"]) + 1)
            after = row | changes | stamps | {"sys_mod_count": count}
            audits.extend(self._records.audit(table, row, after, changes))
            row = after
        return table, row, audits

    def _first(self, companion: Companion, incident: Mapping[str, str]) -> dict[str, str]:
        stamp = Stamp(by=incident["sys_updated_by"], at=incident["sys_updated_on"])
        row = blank(TABLES[companion.table], companion.sys_id(incident), stamp)
        return row | companion.shape(incident) | {"number": companion.number(incident)}

    def _add_services(self) -> None:
        by_key = {service.key: service for service in SERVICES}
        kind = self._directory.sys_id("cmdb_rel_type", DEPENDS)
        for service in SERVICES:
            row = self._blank("cmdb_ci_service", service.name)
            row |= {"name": service.name, "correlation_id": service.key}
            row["busines_criticality"] = _CRITICALITY[service.tier]
            self._records.store.add("cmdb_ci_service", [row])
            for key in service.depends_on:
                relation = self._blank("cmdb_rel_ci", f"{service.key}/{key}")
                relation |= {"parent": row["sys_id"], "type": kind}
                relation["child"] = surroundings.service_id(by_key[key])
                self._records.store.add("cmdb_rel_ci", [relation])

    def _add_change(self, number: str, start: datetime, service: Service, now: datetime) -> None:
        minutes = 60 + drawn("window", number, 180)
        row = self._blank("change_request", number, by=_PLANNER)
        row |= surroundings.change(number, start, minutes, now)
        row |= surroundings.about(service, number) | {"number": number}
        self._records.store.add("change_request", [row])

    def _blank(self, table: str, name: str, by: str = "system") -> dict[str, str]:
        return blank(TABLES[table], identity(table, name), self._records.stamp(by))

    def _note_member(self, incident: Mapping[str, str]) -> None:
        """Let who works for a group be a member of it."""
        pair = incident["assignment_group"], incident["assigned_to"]
        if not all(pair) or pair in self._members:
            return
        self._members.add(pair)
        row = self._blank("sys_user_grmember", "/".join(pair))
        if self._records.store.one("sys_user_grmember", "sys_id", row["sys_id"]) is None:
            row |= {"group": pair[0], "user": pair[1]}
            self._records.store.add("sys_user_grmember", [row])


def _fixes(incidents: Iterable[Sequence[Version]], shift: timedelta) -> Iterator[_Named]:
    """Yield the changes that are to fix incidents: they begin hours to days after these."""
    for first, row in _rows(incidents):
        if row.rfc != MISSING:
            yield _named(row.rfc, first, shift, hours=4 + drawn("lag", row.rfc, 44))


def _causes(incidents: Iterable[Sequence[Version]], shift: timedelta) -> Iterator[_Named]:
    """Yield the changes that caused incidents: they ended before these were opened."""
    for first, row in _rows(incidents):
        if row.caused_by != MISSING:
            yield _named(row.caused_by, first, shift, hours=-5 - drawn("lead", row.caused_by, 12))


def _rows(incidents: Iterable[Sequence[Version]]) -> Iterator[tuple[LogRow, LogRow]]:
    """Yield every row of the log behind the first row of its incident."""
    return ((versions[0].row, version.row) for versions in incidents for version in versions)


def _named(number: str, first: LogRow, shift: timedelta, *, hours: int) -> _Named:
    start = moment(first.opened_at) + shift + timedelta(hours=hours)
    return number, (start, surroundings.service_of(first.number, first.category))
