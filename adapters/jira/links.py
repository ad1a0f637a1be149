"""Which issues an issue is linked to, in our words. Pure; tables before code."""

from collections.abc import Mapping
from typing import Any, Final

from adapters.field_map import Mappings
from adapters.jira.values import is_id
from domain.inbound import Target
from domain.records import RecordKind, RelationName

# What a link says of the issue that has it, and of which kind the other one is.
_PHRASES: Final[tuple[tuple[RelationName, RecordKind, tuple[str, ...]], ...]] = (
    (RelationName.CAUSED_BY, RecordKind.CHANGE, ("is caused by",)),
    (RelationName.FIXED_BY, RecordKind.CHANGE, ("is fixed by", "is resolved by")),
)
_TELLS: Final[Mapping[RecordKind, tuple[RelationName, ...]]] = {
    RecordKind.INCIDENT: (RelationName.CAUSED_BY, RelationName.FIXED_BY),
    RecordKind.TICKET: (RelationName.PART_OF,),
}


def relations(
    kind: RecordKind, links: object, mappings: Mappings
) -> dict[RelationName, tuple[Target, ...]]:
    """Return all relations of an issue, those without a target too.

    Any link between a request and an incident makes it part of that.
    """
    found: dict[RelationName, dict[Target, None]] = {name: {} for name in _TELLS.get(kind, ())}
    for link in links if isinstance(links, list) else ():
        for name, target in _read(kind, link, mappings):
            found[name][target] = None
    return {name: tuple(targets) for name, targets in found.items()}


def _read(kind: RecordKind, link: object, mappings: Mappings) -> list[tuple[RelationName, Target]]:
    match link:
        case {"type": {"outward": str(phrase)}, "outwardIssue": Mapping() as other}:
            pass
        case {"type": {"inward": str(phrase)}, "inwardIssue": Mapping() as other}:
            pass
        case _:
            return []
    target = _target(other, mappings)
    if target is None:
        return []
    if kind is RecordKind.TICKET:
        is_part = target.kind is RecordKind.INCIDENT
        return [(RelationName.PART_OF, target)] if is_part else []
    return [
        (name, target)
        for name, wanted, phrases in _PHRASES
        if kind is RecordKind.INCIDENT
        and target.kind is wanted
        and any(part in phrase.casefold() for part in phrases)
    ]


def _target(other: Mapping[str, Any], mappings: Mappings) -> Target | None:
    """Return the linked issue, if its type is one of a kind that is mirrored."""
    match other:
        case {"id": str(key), "fields": {"issuetype": Mapping() as told}} if is_id(key):
            kind = kind_of(told, mappings)
            return None if kind is None else Target(kind=kind, external_id=key)
        case _:
            return None


def kind_of(issue_type: object, mappings: Mappings) -> RecordKind | None:
    """Return the kind of an issue by its type; None for one that is not mirrored."""
    if not isinstance(issue_type, Mapping):
        return None
    told = {str(issue_type.get("name")).casefold(), str(issue_type.get("id"))}
    kinds = dict.fromkeys(entry.kind for entry in mappings.maps)
    return next(
        (
            kind
            for kind in kinds
            if any(key.casefold() in told for key in mappings.values(kind, "issueType"))
        ),
        None,
    )
