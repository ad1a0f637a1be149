"""What a row says of other records: of this account, and of other vendors'. Pure."""

from collections.abc import Iterable, Mapping
from typing import Final

from adapters.servicenow.values import is_identity, raw
from domain.inbound import SameAs, Target
from domain.records import RecordKind, RelationName

# Columns that are read for relations alone. A parent may be any task.
RELATED: Final[Mapping[RecordKind, tuple[str, ...]]] = {
    RecordKind.EVENT: ("incident",),
    RecordKind.TICKET: ("incident", "parent", "parent.sys_class_name"),
}
# Whom a service depends on is told by rows of another table, which are put into its row.
CHILDREN: Final = "children"
# What people write into ``correlation_display`` for a vendor that may be mirrored too.
_PROVIDERS: Final = frozenset({"jira", "pagerduty", "servicenow"})


def relations(
    kind: RecordKind, row: Mapping[str, object]
) -> Mapping[RelationName, tuple[Target, ...]]:
    """Return the relations that a row tells; one whose columns it lacks is left out."""
    match kind:
        case RecordKind.INCIDENT:
            told = {"caused_by": RelationName.CAUSED_BY, "rfc": RelationName.FIXED_BY}
            return {
                name: _targets(RecordKind.CHANGE, [raw(row, column)])
                for column, name in told.items()
                if column in row
            }
        case RecordKind.EVENT | RecordKind.TICKET:
            if row.keys().isdisjoint({"incident", "parent.sys_class_name"}):
                return {}
            is_part = raw(row, "parent.sys_class_name") == "incident"
            named = [raw(row, "incident"), raw(row, "parent") if is_part else ""]
            return {RelationName.PART_OF: _targets(RecordKind.INCIDENT, named)}
        case RecordKind.SERVICE:
            children = row.get(CHILDREN)
            if not isinstance(children, tuple):
                return {}
            return {RelationName.DEPENDS_ON: _targets(RecordKind.SERVICE, children)}
        case RecordKind.CHANGE:
            return {}


def same_as(kind: RecordKind, row: Mapping[str, object], *, ours: str) -> tuple[SameAs, ...]:
    """Return the other vendor's record that a row names as itself.

    Of items only the id is kept; of all else the system is named beside it.
    """
    known_as, system = raw(row, "correlation_id"), raw(row, "correlation_display").strip().lower()
    if not known_as or system == ours:
        return ()
    if kind is not RecordKind.SERVICE and not system:
        return ()
    return (SameAs(known_as=known_as, provider=system if system in _PROVIDERS else None),)


def _targets(kind: RecordKind, named: Iterable[str]) -> tuple[Target, ...]:
    return tuple(
        Target(kind=kind, external_id=sys_id)
        for sys_id in dict.fromkeys(named)
        if is_identity(sys_id)
    )
