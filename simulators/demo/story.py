"""One story at three vendors: what ServiceNow's incidents lead to elsewhere."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from simulators.company import SERVICES
from simulators.demo import plot
from simulators.demo.clock import Clock
from simulators.demo.desk import Desk
from simulators.demo.paging import Paging
from simulators.demo.plot import Act, Incident
from simulators.jira.instance import Jira
from simulators.pagerduty.instance import PagerDuty
from simulators.servicenow.instance import ServiceNow
from simulators.servicenow.query import Selection
from simulators.servicenow.records import Written
from simulators.servicenow.surroundings import service_id
from simulators.servicenow.tables import TABLES

# What ServiceNow's store remembers when the past has been told.
_TOLD: Final = "story"
_ALL: Final = 10_000_000


class Story:
    """Listens to ServiceNow, and acts at the others by what it hears."""

    def __init__(
        self, servicenow: ServiceNow, jira: Jira, pagerduty: PagerDuty, clock: Clock
    ) -> None:
        """Tell the past, unless an earlier start did, and follow from now on.

        clock: that Jira and PagerDuty go by.
        """
        self._rows = servicenow.records.store
        self._clock = clock
        self._jira = jira.records.store
        self._pagerduty = pagerduty.store
        self._desk = Desk(jira)
        self._paging = Paging(pagerduty)
        if not self._rows.recalled(_TOLD):
            self._tell()
            self._rows.remember(_TOLD, "told")
        servicenow.records.listeners.append(self.heard)

    def joined(self) -> dict[str, dict[str, str]]:
        """Return which service of a vendor is which of ServiceNow: ids to sys_ids, by vendor."""
        known = {"jira": self._desk.components(), "pagerduty": self._paging.services()}
        return {
            vendor: {
                ids[service.name]: service_id(service)
                for service in SERVICES
                if service.name in ids
            }
            for vendor, ids in known.items()
        }

    def heard(self, written: Written) -> None:
        """Let an incident that was opened or went on lead to what it does."""
        if written.table != "incident":
            return
        told = plot.incident(written.row)
        if told is None:
            return
        acts = []
        if written.event == "created":
            acts = plot.at_once(told)
        elif written.event == "updated" and "state" in written.changes:
            acts = [Act.FOLLOW]
        if acts:
            with self._jira.batch(), self._pagerduty.together():
                for act in acts:
                    self._do(act, told)

    def _tell(self) -> None:
        """Act out the past, in its order and at its times."""
        with self._jira.batch(), self._pagerduty.together(), self._clock.past() as at_time:
            self._paging.settle()
            for name, known_as in self._paging.services().items():
                self._name_service(name, known_as)
            for at, act, told in sorted(self._past(), key=lambda step: step[0]):
                at_time(at)
                self._do(act, told)

    def _past(self) -> Iterator[tuple[datetime, Act, Incident]]:
        """Yield what happened around all incidents; in order for each."""
        states, priorities = self._changes("state"), self._changes("priority")
        for row in self._read("incident", "1", "r.number"):
            changed = states.get(row["sys_id"], [])
            first = {
                name: changes[0]["oldvalue"]
                for name, changes in (
                    ("state", changed),
                    ("priority", priorities.get(row["sys_id"])),
                )
                if changes
            }
            told = plot.incident(row | first)
            if told is not None:
                moves = [(plot.moment(one["sys_created_on"]), one["newvalue"]) for one in changed]
                yield from plot.timeline(told, moves)

    def _changes(self, field: str) -> dict[str, list[dict[str, str]]]:
        """Return how a field of incidents changed, in order of time, by the incident's sys_id."""
        found: dict[str, list[dict[str, str]]] = {}
        where = f"r.tablename = 'incident' AND r.fieldname = '{field}'"
        for change in self._read("sys_audit", where, "r.sys_created_on, r.sys_id"):
            found.setdefault(change["documentkey"], []).append(change)
        return found

    def _read(self, table: str, where: str, order: str) -> list[dict[str, str]]:
        selection = Selection(where=where, order=order, parameters=())
        return self._rows.page(table, TABLES[table].fields, selection, limit=_ALL, offset=0)

    def _do(self, act: Act, told: Incident) -> None:
        match act:
            case Act.PLAN:
                self._desk.plan(told)
            case Act.START:
                self._desk.start_change(told)
            case Act.END:
                self._desk.end_change(told)
            case Act.DEPLOY:
                self._paging.deploy(told)
            case Act.OPEN:
                self._open(told)
            case Act.ASK:
                self._desk.ask(told)
            case Act.FOLLOW:
                self._paging.follow(told)
                self._desk.follow(told)

    def _open(self, told: Incident) -> None:
        if told.is_paged:
            self._name("pagerduty", self._paging.call(told), told)
        elif told.has_twin:
            self._name("jira", self._desk.twin(told), told)

    def _name(self, vendor: str, known_as: str | None, told: Incident) -> None:
        """Let the incident's row name its counterpart.

        No stamp rises: nobody has seen the row without it.
        """
        row = self._rows.one("incident", "number", told.number)
        if row is not None and known_as is not None:
            named = {"correlation_id": known_as, "correlation_display": vendor}
            self._rows.change("incident", row["sys_id"], named)

    def _name_service(self, name: str, known_as: str) -> None:
        row = self._rows.one("cmdb_ci_service", "name", name)
        if row is not None:
            self._rows.change("cmdb_ci_service", row["sys_id"], {"correlation_id": known_as})
