"""How each kind of record is stored: its tables, and which field is which column."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from domain.events.entry import Topic
from domain.inbound import InboundRecord
from domain.records import (
    ChangeRisk,
    ChangeStatus,
    EventSeverity,
    EventStatus,
    FieldValue,
    IncidentStatus,
    Priority,
    RecordKind,
    ServiceCriticality,
    Severity,
    TicketStatus,
)
from models.coding import dumps, loads, to_milliseconds

Line = dict[str, Any]

# Told by other columns or tables.
_ELSEWHERE: Final = frozenset({"number", "services"})
# Every record has them, whatever its kind.
_SHARED: Final = ("extra", "created_at", "updated_at", "deleted_at", "version")
# What a link tells of the vendor's record.
_OF_LINK: Final = (
    "id",
    "external_id",
    "known_at",
    "known_sequence",
    "base",
    "fingerprint",
    "history_through",
    "gone_at",
)


def _nothing(line: Line) -> None:
    """Derive no column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How one kind is stored, in the tables ``table``, ``…_link`` and ``…_asset``.

    columns: canonical fields that are columns; all others go into ``extra``.
    key_column: where the vendor's human key stands, if anywhere.
    needed: what stands in a column that may not be empty, when the vendor leaves it out.
    derived: columns that ``derive`` computes from the others.
    has_edits: each change of a field is kept as an edit (rule M13).
    has_steps: how the record stood is kept from each change on (rule S1).
    """

    kind: RecordKind
    table: str
    columns: Mapping[str, str]
    key_column: str | None
    needed: Mapping[str, FieldValue]
    instants: frozenset[str] = frozenset()
    lists: frozenset[str] = frozenset()
    derived: tuple[str, ...] = ()
    derive: Callable[[Line], None] = field(default=_nothing)
    has_edits: bool = False
    has_steps: bool = False

    @property
    def topic(self) -> Topic:
        """The topic of the log's entries about such records."""
        return Topic(self.kind)

    @property
    def record_columns(self) -> tuple[str, ...]:
        """All columns of the record's table."""
        key = () if self.key_column is None else (self.key_column,)
        kept = ("revisions",) if self.has_edits else ()
        return ("id", *key, *self.columns.values(), *self.derived, *kept, *_SHARED)

    @property
    def link_columns(self) -> tuple[str, ...]:
        """The columns of a link that tell what is known of the vendor's record."""
        return (*_OF_LINK, "dealings") if self.has_edits else _OF_LINK

    def new_line(
        self, record_id: str, record: InboundRecord, values: Mapping[str, FieldValue]
    ) -> Line:
        """Return the line of a record that is seen for the first time."""
        line: Line = {"id": record_id}
        if self.key_column is not None:
            line[self.key_column] = record.external_key
        for name, column in self.columns.items():
            line[column] = self._stored(name, values.get(name))
            if line[column] is None and name in self.needed:
                line[column] = self._instead(name, record)
        line |= {
            "extra": dumps(self._extra(values)),
            "created_at": to_milliseconds(record.created_at),
            "updated_at": to_milliseconds(record.key.at),
            "deleted_at": None,
            "version": 1,
            "revisions": "{}",
        }
        self.derive(line)
        # In one order with stored lines, since many are written by one statement.
        return {name: line[name] for name in self.record_columns}

    def changed_line(
        self, stored: Line, record: InboundRecord, changed: Mapping[str, FieldValue], versions: int
    ) -> Line:
        """Return a record's line with the changed fields in it, ``versions`` further on.

        A column that may not be empty keeps its value when the vendor empties it.
        """
        line = self._filled(stored, changed)
        if changed:
            line["updated_at"] = to_milliseconds(record.key.at)
        line["version"] += versions
        line["deleted_at"] = None
        self.derive(line)
        return line

    def edited_line(
        self, stored: Line, changed: Mapping[str, FieldValue], *, at: datetime, versions: int
    ) -> Line:
        """Return a record's line with fields that a person has changed here, then."""
        line = self._filled(stored, changed)
        line["updated_at"] = to_milliseconds(at)
        line["version"] += versions
        self.derive(line)
        return line

    def _filled(self, stored: Line, changed: Mapping[str, FieldValue]) -> Line:
        line = dict(stored)
        for name in changed.keys() & self.columns.keys():
            value = self._stored(name, changed[name])
            if value is not None or name not in self.needed:
                line[self.columns[name]] = value
        if extra := self._extra(changed):
            line["extra"] = dumps(loads(line["extra"]) | extra)
        return line

    def _extra(self, values: Mapping[str, FieldValue]) -> dict[str, FieldValue]:
        return {
            name: value
            for name, value in values.items()
            if name not in self.columns and name not in _ELSEWHERE
        }

    def _stored(self, name: str, value: FieldValue) -> object:
        """Return a canonical value as its column holds it."""
        if name in self.lists:
            return dumps(value or [])
        if name in self.instants:
            return None if value is None else to_milliseconds(datetime.fromisoformat(str(value)))
        return value

    def _instead(self, name: str, record: InboundRecord) -> object:
        if name in self.instants:
            return to_milliseconds(record.created_at)
        return record.external_key if self.needed[name] is None else self.needed[name]


def _window(line: Line) -> None:
    """Take when a change was done, once that is known, else when it is planned."""
    for end in ("starts_at", "ends_at"):
        actual = line[f"actual_{end}"]
        line[end] = line[f"planned_{end}"] if actual is None else actual


# In ``needed``, None stands for the vendor's human key, or the time of the record's making.
SHAPES: Final[Mapping[RecordKind, Shape]] = {
    shape.kind: shape
    for shape in (
        Shape(
            kind=RecordKind.INCIDENT,
            table="incident",
            key_column="number",
            columns={
                "title": "title",
                "description": "description",
                "status": "status",
                "severity": "severity",
                "priority": "priority",
                "assignee": "assignee",
                "escalationPolicy": "escalation_policy",
                "labels": "labels",
                "startedAt": "started_at",
                "resolvedAt": "resolved_at",
            },
            needed={
                "title": None,
                "status": IncidentStatus.NEW,
                "severity": Severity.SEV5,
                "startedAt": None,
            },
            instants=frozenset({"startedAt", "resolvedAt"}),
            lists=frozenset({"labels"}),
            has_edits=True,
        ),
        Shape(
            kind=RecordKind.CHANGE,
            table="change",
            key_column="number",
            columns={
                "title": "title",
                "description": "description",
                "status": "status",
                "risk": "risk",
                "assignee": "assignee",
                "plannedStartsAt": "planned_starts_at",
                "plannedEndsAt": "planned_ends_at",
                "actualStartsAt": "actual_starts_at",
                "actualEndsAt": "actual_ends_at",
            },
            needed={"title": None, "status": ChangeStatus.DRAFT, "risk": ChangeRisk.LOW},
            instants=frozenset(
                {"plannedStartsAt", "plannedEndsAt", "actualStartsAt", "actualEndsAt"}
            ),
            derived=("starts_at", "ends_at"),
            derive=_window,
        ),
        Shape(
            kind=RecordKind.EVENT,
            table="event",
            key_column=None,
            columns={
                "title": "title",
                "severity": "severity",
                "status": "status",
                "source": "source",
                "dedupKey": "dedup_key",
                "occurredAt": "occurred_at",
            },
            needed={
                "title": None,
                "severity": EventSeverity.INFO,
                "status": EventStatus.FIRING,
                "source": "",
                "occurredAt": None,
            },
            instants=frozenset({"occurredAt"}),
        ),
        Shape(
            kind=RecordKind.TICKET,
            table="ticket",
            key_column="source_id",
            columns={
                "title": "title",
                "description": "description",
                "status": "status",
                "priority": "priority",
                "tier": "tier",
                "assignee": "assignee",
                "resolvedAt": "resolved_at",
            },
            needed={
                "title": None,
                "status": TicketStatus.NEW,
                "priority": Priority.P5,
                "tier": "",
            },
            instants=frozenset({"resolvedAt"}),
            has_steps=True,
        ),
        Shape(
            kind=RecordKind.SERVICE,
            table="asset",
            key_column=None,
            columns={
                "name": "name",
                "criticality": "criticality",
                "isConfigurationItem": "is_configuration_item",
            },
            # What a vendor does not tell counts as the least critical.
            needed={
                "name": None,
                "criticality": ServiceCriticality.TIER3,
                "isConfigurationItem": True,
            },
        ),
    )
}
