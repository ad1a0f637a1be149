"""Jira's part of the story: changes, twins of incidents, and requests of customers."""

from collections import deque
from typing import Any, Final

from simulators.company import Customer
from simulators.demo.plot import Incident
from simulators.jira.catalogue import (
    COMPONENTS,
    ISSUE_TYPES,
    ORGANIZATION_IDS,
    ORGANIZATIONS,
    PLANNED_END,
    PLANNED_START,
    RISK,
)
from simulators.jira.instance import Jira
from simulators.jira.workflows import STATUSES, Workflow

_INCIDENT: Final = "[System] Incident"
_CHANGE: Final = "[System] Change"
_REQUEST: Final = "[System] Service request"
_WORK: Final = ("Migrate", "Upgrade", "Patch", "Reconfigure", "Scale")
_ASKED: Final = (
    "{service} does not answer",
    "Errors in {service} since this morning",
    "When will {service} work again?",
    "Cannot log in to {service}",
)
_KEPT: Final = "story"


class Desk:
    """Acts in a site. What people have deleted there is passed over."""

    def __init__(self, site: Jira) -> None:
        """Go on with the issues of an earlier start: their keys by the incident's number."""
        self._site = site
        self._store = site.records.store
        self._told = self._store.kept(_KEPT)

    def components(self) -> dict[str, str]:
        """Return the ids of the site's components by name."""
        return {name: key for key, name in COMPONENTS.items()}

    def plan(self, told: Incident) -> None:
        """Plan a change of the incident's service."""
        start, end = told.window
        risk = ("High", "Medium", "Medium", "Low")[told.drawn("change risk", 4)]
        work = _WORK[told.drawn("change work", len(_WORK))]
        fields = {
            "summary": f"{work} {told.service.name}",
            "components": [{"name": told.service.name}],
            PLANNED_START: start.isoformat(),
            PLANNED_END: end.isoformat(),
            RISK: {"value": risk},
        }
        self._note(told, change=self._create(_CHANGE, fields, by=told.responder))

    def start_change(self, told: Incident) -> None:
        """Let the change begin."""
        self._take(self._of(told, "change"), "Implementing", by=told.responder)

    def end_change(self, told: Incident) -> None:
        """Let the change end, sometimes badly; one that has ended stays so."""
        key = self._of(told, "change")
        if key is not None and self._status(key) == "Implementing":
            end = "Failed" if told.drawn("change outcome", 5) == 0 else "Completed"
            self._take(key, end, by=told.responder)

    def twin(self, told: Incident) -> str:
        """Open the incident here too, and return its key; its change has caused it."""
        fields = {
            "summary": told.title,
            "components": [{"name": told.service.name}],
            "priority": {"id": told.priority},
            "labels": [told.number],
        }
        key = self._create(_INCIDENT, fields, by=told.responder)
        self._note(told, twin=key)
        change = self._of(told, "change")
        if change is not None:
            self._site.link("Problem/Incident", change, key, by=told.responder)
        return key

    def ask(self, told: Incident) -> None:
        """Raise the requests of customers, linked to the twin where there is one."""
        twin = self._of(told, "twin")
        for customer in told.customers:
            key = self._request(told, customer)
            if twin is not None:
                self._site.link("Relates", key, twin, by=told.responder)

    def follow(self, told: Incident) -> None:
        """Take the twin, the requests and a change that goes on where the incident is."""
        if told.is_done:
            self.end_change(told)
        twin, requests = "Open", "Waiting for support"
        if told.is_done:
            twin, requests = "Completed", "Resolved"
        elif told.is_waiting:
            twin, requests = "Pending", "Waiting for customer"
        elif told.is_taken:
            twin, requests = "Work in progress", "In Progress"
        self._take(self._of(told, "twin"), twin, by=told.responder)
        for key in self._requests(told):
            self._take(key, requests, by=told.responder)

    def _request(self, told: Incident, customer: Customer) -> str:
        asked = _ASKED[told.drawn(f"asked by {customer.key}", len(_ASKED))]
        (organization,) = (key for key, name in ORGANIZATION_IDS.items() if name == customer.name)
        fields = {
            "summary": asked.format(service=told.service.name),
            "components": [{"name": told.service.name}],
            "priority": {"id": told.priority},
            ORGANIZATIONS: [int(organization)],
        }
        key = self._create(_REQUEST, fields, by=f"{customer.key}.desk")
        self._note(told, requests=[*self._requests(told), key])
        return key

    def _requests(self, told: Incident) -> list[str]:
        keys = self._told.get(told.number, {}).get("requests", [])
        return [key for key in keys if self._store.find(key) is not None]

    def _create(self, issue_type: str, fields: dict[str, Any], *, by: str) -> str:
        return str(self._site.create(issue_type, fields, by=by)["key"])

    def _take(self, key: str | None, status: str, *, by: str) -> None:
        """Take an issue to a status the shortest way; nowhere where none leads there."""
        if key is None:
            return
        fields = self._fields(key)
        for step in route(ISSUE_TYPES[fields["issuetype"]].workflow, fields["status"], status):
            self._site.transition(key, step, by=by)

    def _status(self, key: str) -> str:
        return STATUSES[self._fields(key)["status"]].name

    def _fields(self, key: str) -> dict[str, Any]:
        found = self._store.find(key)
        issue = None if found is None else self._store.issue(found)
        if issue is None:
            raise KeyError(key)
        fields: dict[str, Any] = issue["fields"]
        return fields

    def _of(self, told: Incident, what: str) -> str | None:
        """Return the key of what was told of an incident and is still there."""
        key = self._told.get(told.number, {}).get(what)
        return None if key is None or self._store.find(key) is None else str(key)

    def _note(self, told: Incident, **keys: object) -> None:
        self._told[told.number] = self._told.get(told.number, {}) | keys
        self._store.keep(_KEPT, told.number, self._told[told.number])


def route(workflow: Workflow, start: str, goal: str) -> list[str]:
    """Return the names of the statuses on the shortest way to a status, without the start.

    start: its id; goal: its name. Nothing where no way leads there, or none is needed.
    """
    ways: dict[str, list[str]] = {start: []}
    reached = deque([start])
    while reached:
        here = reached.popleft()
        if STATUSES[here].name == goal:
            return ways[here]
        for way in workflow.leading(here):
            if way.to not in ways:
                ways[way.to] = [*ways[here], STATUSES[way.to].name]
                reached.append(way.to)
    return []
