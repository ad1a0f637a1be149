"""Our values of an incident as ServiceNow's columns. Pure.

A column that already means what is wanted is left alone, for several of its
values may mean one of ours.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from adapters.field_map import Mappings
from adapters.servicenow.maps import CLOSE_CODE, CLOSE_NOTES
from adapters.servicenow.values import is_identity, raw
from domain.inbound import MirroredValue, Reference
from domain.records import Direction, IncidentStatus, RecordKind

# Fields whose columns must be known before they can be written.
WEIGHED: Final = frozenset({"status", "severity", "priority", "services"})
# ``priority`` cannot be written: it follows from impact and urgency.
_COMPUTED: Final = "priority"
_PAIRS: Final[Mapping[str, tuple[str, str]]] = {
    "1": ("1", "1"),
    "2": ("1", "2"),
    "3": ("2", "2"),
    "4": ("2", "3"),
    "5": ("3", "3"),
}
# What a status becomes where no state of the instance means it.
_NEAREST: Final[Mapping[str, str]] = {
    IncidentStatus.ACKNOWLEDGED: IncidentStatus.IN_PROGRESS,
    IncidentStatus.ON_HOLD: IncidentStatus.IN_PROGRESS,
    IncidentStatus.CANCELLED: IncidentStatus.CLOSED,
    IncidentStatus.CLOSED: IncidentStatus.RESOLVED,
}
_RESOLVED: Final = (IncidentStatus.RESOLVED, IncidentStatus.CLOSED)
_REFERENCES: Final = {"assignee": "sys_user", "escalationPolicy": "sys_user_group"}
_SERVICES: Final = "cmdb_ci"


class Unwritable(ValueError):  # noqa: N818 — named for what was found
    """Fields that cannot be written; ``fields`` says why, by our name of each."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        """Keep the reasons."""
        super().__init__("; ".join(f"{field}: {reason}" for field, reason in fields.items()))
        self.fields = fields


class Outward:
    """Translates by the maps of one integration."""

    def __init__(self, maps: Mappings) -> None:
        """Index the maps of incidents that may be written."""
        self._maps = maps
        self._columns: dict[str, list[str]] = {}
        for entry in maps.of(RecordKind.INCIDENT):
            if entry.direction is Direction.BIDIRECTIONAL:
                self._columns.setdefault(entry.field, []).append(entry.external_field)

    def columns(
        self, fields: Mapping[str, MirroredValue], present: Mapping[str, object]
    ) -> dict[str, str]:
        """Return the columns to write, so that an incident has these fields.

        present: the incident as it stands, empty for a new one.
        Raises Unwritable with all fields that cannot be written.
        """
        columns: dict[str, str] = {}
        refused: dict[str, str] = {}
        for field, value in fields.items():
            try:
                columns |= self._one(field, value, present)
            except ValueError as error:
                refused[field] = str(error)
        if refused:
            raise Unwritable(refused)
        return columns

    def is_met(self, status: str, state: str) -> bool:
        """Say whether a state means a status, or is the nearest to it that there is."""
        return state in self._meaning("status", status)

    def state_column(self) -> str:
        """Return the column of the status."""
        return self._columns["status"][0]

    def _one(
        self, field: str, value: MirroredValue, present: Mapping[str, object]
    ) -> dict[str, str]:
        columns = self._columns.get(field)
        if columns is None:
            raise ValueError("cannot be written to a ServiceNow incident")
        if field == "services":
            return _services(columns, _ids(value, _SERVICES), present)
        if table := _REFERENCES.get(field):
            return {columns[0]: "" if value is None else _ids(value, table)[0]}
        if self._maps.values(RecordKind.INCIDENT, field):
            return self._choice(field, columns[0], str(value), present)
        match value:
            case None:
                return {columns[0]: ""}
            case str() | int() | float():
                return {columns[0]: str(value)}
            case _:
                raise ValueError("holds one text")

    def _choice(
        self, field: str, column: str, value: str, present: Mapping[str, object]
    ) -> dict[str, str]:
        wanted = self._meaning(field, value)
        if not wanted:
            raise ValueError(f"no value of {column} means {value}")
        if raw(present, column) in wanted:
            return {}
        if column == _COMPUTED:
            if wanted[0] not in _PAIRS:
                raise ValueError(f"no impact and urgency give the priority {wanted[0]}")
            impact, urgency = _PAIRS[wanted[0]]
            return {"impact": impact, "urgency": urgency}
        return {column: wanted[0]} | (self._closing(value, present) if field == "status" else {})

    def _meaning(self, field: str, value: str) -> list[str]:
        """Return the vendor's values that mean one of ours, or the nearest one."""
        known = self._maps.values(RecordKind.INCIDENT, field)
        wanted: str | None = value
        while wanted is not None:
            if found := [theirs for theirs, ours in known.items() if ours == wanted]:
                return found
            wanted = _NEAREST.get(wanted) if field == "status" else None
        return []

    def _closing(self, status: str, present: Mapping[str, object]) -> dict[str, str]:
        """Return what a data policy asks for beside the state of an incident that is done."""
        if status not in _RESOLVED:
            return {}
        closing: dict[str, str] = {}
        for field in (CLOSE_CODE, CLOSE_NOTES):
            values = self._maps.values(RecordKind.INCIDENT, field)
            texts = [text for text, ours in values.items() if ours in _RESOLVED]
            for column in self._maps.external_fields(RecordKind.INCIDENT, field):
                if texts and not raw(present, column):
                    closing[column] = texts[-1]
        return closing


def _services(
    columns: Sequence[str], wanted: Sequence[str], present: Mapping[str, object]
) -> dict[str, str]:
    """Return the columns of services; one that holds a wanted service keeps it."""
    if len(wanted) > len(columns):
        raise ValueError(f"an incident has room for {len(columns)}")
    kept = {column: value for column in columns if (value := raw(present, column)) in wanted}
    left = [sys_id for sys_id in wanted if sys_id not in kept.values()]
    free = [column for column in columns if column not in kept]
    return {column: left[n] if n < len(left) else "" for n, column in enumerate(free)}


def _ids(values: MirroredValue, table: str) -> list[str]:
    """Return the ids that references to one table hold. Raises ValueError for anything else."""
    listed: Iterable[object] = values if isinstance(values, tuple | list) else (values,)
    ids: list[str] = []
    for value in listed:
        if not isinstance(value, Reference) or not is_identity(value.external_id):
            raise ValueError(f"is set by references to {table}")
        if value.table != table:
            raise ValueError(f"refers to {table}, not to {value.table}")
        ids.append(value.external_id)
    return list(dict.fromkeys(ids))
