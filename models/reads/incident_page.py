"""Lists of incidents."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from domain.exchange import ConflictStatus
from domain.records import IncidentStatus, Severity
from models.coding import milliseconds
from models.reads.clock_filter import ClockFilter
from models.reads.conditions import Conditions
from models.reads.keyset import ID, Column
from models.reads.page import Choice, Order, keep_services, keep_span
from models.reads.scope import Scope


class IncidentOrderField(StrEnum):
    """What orders a list of incidents; the id settles ties."""

    UPDATED_AT = "UPDATED_AT"
    CREATED_AT = "CREATED_AT"
    SEVERITY = "SEVERITY"
    NUMBER = "NUMBER"


EVERYWHERE: Final = Scope(keys=None)
BY_UPDATE: Final = Order(
    key=(Column(name="updated_at", type=datetime), ID), walks=("status", "severity")
)
ORDERS: Final = MappingProxyType(
    {
        IncidentOrderField.UPDATED_AT: BY_UPDATE,
        IncidentOrderField.CREATED_AT: Order(key=(Column(name="created_at", type=datetime), ID)),
        IncidentOrderField.SEVERITY: Order(key=(Column(name="severity", type=str), ID)),
        IncidentOrderField.NUMBER: Order(key=(Column(name="number", type=str), ID)),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentFilter:
    """What incidents must all have; None asks nothing, an empty list matches none.

    updated_from is inclusive, updated_to is not.
    conflict_scope: whose conflicts count.
    """

    statuses: Collection[IncidentStatus] | None = None
    severities: Collection[Severity] | None = None
    assignee: str | None = None
    is_unassigned: bool | None = None
    service_ids: Collection[str] | None = None
    integration_id: str | None = None
    updated_from: datetime | None = None
    updated_to: datetime | None = None
    search: str | None = None
    has_open_conflict: bool | None = None
    conflict_scope: Scope = EVERYWHERE
    clocks: ClockFilter | None = None

    def at(self, moment: datetime) -> "IncidentFilter":
        """Return the filter as it judges clocks at another moment."""
        if self.clocks is None:
            return self
        return replace(self, clocks=replace(self.clocks, at=moment))

    def choices(self) -> Sequence[Choice]:
        """Return what is asked of columns of closed sets."""
        return (
            Choice(column="status", wanted=self.statuses, every=IncidentStatus),
            Choice(column="severity", wanted=self.severities, every=Severity),
        )

    def restrict(self, conditions: Conditions, order: Order | None) -> None:
        """Add all other conditions."""
        if self.assignee is not None:
            conditions.add(f"r.assignee = {conditions.put(self.assignee)}")
        if self.is_unassigned is not None:
            _keep_unassigned(conditions, is_so=self.is_unassigned, order=order)
        start, end = milliseconds(self.updated_from), milliseconds(self.updated_to)
        keep_span(conditions, "updated_at", start, end, order)
        keep_services(conditions, "incident", self.service_ids)
        if self.clocks is not None:
            self.clocks.restrict(conditions)
        if self.integration_id is not None:
            integration = conditions.put(self.integration_id)
            conditions.add(
                f"""
                EXISTS (SELECT 1 FROM incident_link k
                    WHERE k.incident_id = r.id AND k.integration_id = {integration})
                """  # noqa: S608 — places only
            )
        if self.has_open_conflict is not None:
            seen = conditions.seen(self.conflict_scope, "c.integration_id")
            wanted = "IN" if self.has_open_conflict else "NOT IN"
            open_ones = conditions.put(ConflictStatus.OPEN)
            conditions.add(
                f"""
                r.id {wanted} (
                    SELECT c.incident_id FROM conflict c WHERE c.status = {open_ones} AND {seen}
                )
                """  # noqa: S608 — places only
            )


EVERYTHING: Final = IncidentFilter()


def _keep_unassigned(conditions: Conditions, *, is_so: bool, order: Order | None) -> None:
    if is_so and (order is None or order is BY_UPDATE):
        # The index of assignees has the time of update next, for nobody too.
        conditions.add("r.assignee IS NULL")
    else:
        conditions.empty("r.assignee", is_so=is_so)
