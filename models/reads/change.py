"""Changes, one by one and in lists."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from domain.records import ChangeRisk, ChangeStatus, RecordKind
from models.coding import from_milliseconds, instant, to_milliseconds
from models.reads.conditions import Conditions
from models.reads.keyset import ID, Column
from models.reads.mirrored import Mirrored
from models.reads.page import Choice, Order, keep_services

_COLUMNS: Final = """
    r.id, r.number, r.title, r.description, r.status, r.risk, r.assignee, r.starts_at,
    r.ends_at, r.created_at, r.updated_at, r.deleted_at
"""
BY_UPDATE: Final = Order(key=(Column(name="updated_at", type=datetime), ID), walks=("status",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change; its two instants are what was done once that is known, else what is planned."""

    id: str
    number: str
    title: str
    description: str | None
    status: ChangeStatus
    risk: ChangeRisk
    assignee: str | None
    starts_at: datetime | None
    ends_at: datetime | None
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


def _change_of(row: Mapping[str, Any]) -> Change:
    return Change(
        id=row["id"],
        number=row["number"],
        title=row["title"],
        description=row["description"],
        status=ChangeStatus(row["status"]),
        risk=ChangeRisk(row["risk"]),
        assignee=row["assignee"],
        starts_at=instant(row["starts_at"]),
        ends_at=instant(row["ends_at"]),
        created_at=from_milliseconds(row["created_at"]),
        updated_at=from_milliseconds(row["updated_at"]),
        deleted_at=instant(row["deleted_at"]),
    )


CHANGES: Final = Mirrored(kind=RecordKind.CHANGE, columns=_COLUMNS, record_of=_change_of)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeFilter:
    """What changes must all have; None asks nothing, an empty list matches none.

    window_from, window_to: a span, half open, that the change's own overlaps.
        A change without an end lasts for ever; one without a start never matches.
    """

    statuses: Collection[ChangeStatus] | None = None
    risks: Collection[ChangeRisk] | None = None
    service_ids: Collection[str] | None = None
    window_from: datetime | None = None
    window_to: datetime | None = None
    search: str | None = None

    def choices(self) -> Sequence[Choice]:
        """Return what is asked of columns of closed sets."""
        return (
            Choice(column="status", wanted=self.statuses, every=ChangeStatus),
            Choice(column="risk", wanted=self.risks, every=ChangeRisk),
        )

    def restrict(self, conditions: Conditions, order: Order | None) -> None:
        """Add all other conditions."""
        if self.window_from is not None or self.window_to is not None:
            conditions.empty("r.starts_at", is_so=False)
        if self.window_from is not None:
            start = conditions.put(to_milliseconds(self.window_from))
            conditions.add(f"coalesce(r.ends_at >= {start}, TRUE)")
        if self.window_to is not None:
            # An expression is no index's column: the order's own index is walked.
            conditions.add(f"(r.starts_at + 0) < {conditions.put(to_milliseconds(self.window_to))}")
        keep_services(conditions, "change", self.service_ids)
