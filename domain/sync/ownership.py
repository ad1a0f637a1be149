"""Which side decides a field, between us and the vendors and among the vendors.

Rule numbers are those of ``docs/explanation/merge.md``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from domain.exchange import WarningCode
from domain.records import Direction, Owner

# Directions that carry our edits to the vendor.
_OUTWARD = frozenset({Direction.OUTBOUND, Direction.BIDIRECTIONAL})
# The brief's names of fields, which people use for ours.
_SYNONYMS = {
    "assigned_to": "assignee",
    "escalation_policy": "escalationPolicy",
    "work_notes": "notes",
    "comments": "notes",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Who owns a field at one integration (rule O1).

    priority: 0 to 1,000; of the side that the rule names, the other's is 0 (rule O4).
    is_default: it is the vendor's, not set by a person.
    """

    field: str
    owner: Owner
    priority: int = 0
    is_default: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """An integration's rule for a field. ``since`` orders integrations, the older first."""

    integration_id: str
    since: str
    rule: Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Owned:
    """Who decides a field, as one link is to take it; ``owner`` None when both sides do.

    by: the integration that owns it, if any does; it may be another one than the link's.
    """

    owner: Owner | None = None
    by: str | None = None
    platform_priority: int = 0
    external_priority: int = 0


def canonical(field: str) -> str:
    """Return our name of a field that may be called by the brief's."""
    return _SYNONYMS.get(field, field)


def owned(field: str, integration_id: str, claims: Iterable[Claim]) -> Owned:
    """Return who decides a field at one link of a record (rules O1, O3).

    claims: the rules of the integrations that the record is linked to. Of those
    that claim the field as external, the one of the greatest priority has it,
    the older of equals. To every other link the field is as the platform's: its
    changes are ignored and it receives the value.
    """
    of_field = [claim for claim in claims if claim.rule.field == field]
    external = [claim for claim in of_field if claim.rule.owner is Owner.EXTERNAL]
    own = next((c.rule for c in of_field if c.integration_id == integration_id), None)
    if external:
        first = _first(external)
        if first.integration_id == integration_id:
            return Owned(
                owner=Owner.EXTERNAL, by=integration_id, external_priority=first.rule.priority
            )
        priority = own.priority if own is not None and own.owner is Owner.PLATFORM else 0
        return Owned(owner=Owner.PLATFORM, by=first.integration_id, platform_priority=priority)
    if own is None:
        return Owned()
    return Owned(owner=Owner.PLATFORM, platform_priority=own.priority)


def holder(field: str, claims: Iterable[Claim]) -> Owned:
    """Return who decides a field of a record as a whole, whichever link one looks from.

    claims: the rules of the integrations that the record is linked to.
    """
    of_field = [claim for claim in claims if claim.rule.field == field]
    external = [claim for claim in of_field if claim.rule.owner is Owner.EXTERNAL]
    if external:
        first = _first(external)
        return Owned(
            owner=Owner.EXTERNAL, by=first.integration_id, external_priority=first.rule.priority
        )
    return Owned(owner=Owner.PLATFORM if of_field else None)


def _first(external: Iterable[Claim]) -> Claim:
    return min(external, key=lambda claim: (-claim.rule.priority, claim.since))


def rules_of(set_by_people: Sequence[Rule], defaults: Sequence[Rule]) -> dict[str, Rule]:
    """Return the rule of each field: a person's stands in place of the default (rule O1)."""
    return {rule.field: rule for rule in (*defaults, *set_by_people)}


def why_not_sent(direction: Direction, owner: Owner | None) -> WarningCode | None:
    """Return why an edit of ours stays here, None when it is sent (rule O, table; D4)."""
    if direction not in _OUTWARD:
        return WarningCode.NOT_SENT
    return WarningCode.OWNED_EXTERNALLY if owner is Owner.EXTERNAL else None


def carries_out(direction: Direction) -> bool:
    """Say whether anything of ours goes to the vendor."""
    return direction in _OUTWARD
