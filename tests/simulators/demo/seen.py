"""What stands at the three vendors, as their own stores have it."""

from datetime import datetime
from itertools import count
from typing import Any

from simulators.demo import plot
from simulators.demo.instance import Demo
from simulators.jira.catalogue import COMPONENTS, ISSUE_TYPES
from simulators.jira.workflows import STATUSES
from simulators.pagerduty.names import instant
from simulators.pagerduty.store import EVERYTHING
from simulators.servicenow.query import Selection
from simulators.servicenow.tables import TABLES

Row = dict[str, Any]
DONE = ("6", "7")


def incidents(demo: Demo) -> list[Row]:
    """Return ServiceNow's incidents."""
    return _rows(demo, "incident", Selection(where="1", order="r.number", parameters=()))


def audited(demo: Demo, field: str) -> list[Row]:
    """Return how a field of ServiceNow's incidents changed."""
    where = "r.tablename = 'incident' AND r.fieldname = ?"
    return _rows(demo, "sys_audit", Selection(where=where, order="r.sys_id", parameters=(field,)))


def _rows(demo: Demo, table: str, selection: Selection) -> list[Row]:
    store, names = demo.servicenow.records.store, TABLES[table].fields
    return [dict(row) for row in store.page(table, names, selection, limit=10_000, offset=0)]


def named(demo: Demo, vendor: str) -> list[Row]:
    """Return ServiceNow's incidents that name one of another vendor as themselves."""
    return [row for row in incidents(demo) if row["correlation_display"] == vendor]


def numbers(demo: Demo, vendor: str) -> set[str]:
    """Return the numbers of the incidents that another vendor has too."""
    return {row["number"] for row in named(demo, vendor)}


def paged(demo: Demo) -> dict[str, Row]:
    """Return PagerDuty's incidents by id."""
    return {row["id"]: row for row in demo.pagerduty.store.page("incident", EVERYTHING)}


def issues(demo: Demo, issue_type: str) -> dict[str, Row]:
    """Return Jira's issues of a type by key, as fields with words for ids."""
    found: dict[str, Row] = {}
    store = demo.jira.records.store
    for number in count(1):
        at = store.find(key := f"OPS-{number}")
        issue = None if at is None else store.issue(at)
        if issue is None:
            break
        fields = issue["fields"]
        if ISSUE_TYPES[fields["issuetype"]].name == issue_type:
            words = {
                "status": STATUSES[fields["status"]].name,
                "service": COMPONENTS[fields["components"][0]],
                "links": [(link[1], link[2], link[3]) for link in store.links(issue["id"])],
            }
            found[key] = {**fields, **words, "id": issue["id"]}
    return found


def digest(demo: Demo) -> list[object]:
    """Return all that the story is made of, to compare two of them."""
    kinds = ("[System] Incident", "[System] Change", "[System] Service request")
    pagerduty = demo.pagerduty.store
    tables = ("incident", "alert", "change_event", "log_entry")
    return [
        [(row["number"], row["correlation_id"]) for row in incidents(demo)],
        [issues(demo, kind) for kind in kinds],
        [pagerduty.page(table, EVERYTHING) for table in tables],
    ]


def opened(row: Row) -> datetime:
    """Return when a ServiceNow incident was opened."""
    return plot.moment(row["opened_at"])


def at(document: Row, name: str) -> datetime:
    """Return a time of a PagerDuty document."""
    return instant(document[name])
