"""Who decides a field, and what a rule would do to the values that are there (rules O)."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.exchange import WarningCode
from domain.inbound import VendorKey
from domain.records import Direction, FieldValue, MergeReason, Owner
from domain.sync.field import Ack, Change, Field, Policy
from domain.sync.merge import merge
from domain.sync.ownership import (
    Claim,
    Owned,
    Rule,
    holder,
    owned,
    rules_of,
    why_not_sent,
)
from domain.sync.rule_preview import RuleEffect, differs, effect_of

NONE, OUT, IN, BOTH = (
    Direction.NONE,
    Direction.OUTBOUND,
    Direction.INBOUND,
    Direction.BIDIRECTIONAL,
)
PLATFORM, EXTERNAL = Owner.PLATFORM, Owner.EXTERNAL
NOT_SENT, THEIRS_ALONE = WarningCode.NOT_SENT, WarningCode.OWNED_EXTERNALLY


def claim(by: str, owner: Owner, priority: int = 0, field: str = "title") -> Claim:
    rule = Rule(field=field, owner=owner, priority=priority)
    return Claim(integration_id=by, since=by, rule=rule)


def test_a_record_without_rules_is_decided_by_both_sides() -> None:
    assert holder("title", []).owner is None
    assert holder("title", [claim("a", Owner.PLATFORM, field="severity")]).owner is None


def test_a_vendor_that_claims_a_field_has_it_whoever_else_says_platform() -> None:
    found = holder("title", [claim("a", Owner.PLATFORM, 900), claim("b", Owner.EXTERNAL)])
    assert (found.owner, found.by) == (Owner.EXTERNAL, "b")


def test_of_two_vendors_the_greater_priority_has_it_and_the_older_of_equals() -> None:
    equal = [claim("b", Owner.EXTERNAL, 5), claim("a", Owner.EXTERNAL, 5)]
    assert holder("title", equal).by == "a"
    assert holder("title", [*equal, claim("c", Owner.EXTERNAL, 6)]).by == "c"


@pytest.mark.parametrize(
    ("owner", "direction", "is_written", "effect"),
    [
        (Owner.PLATFORM, Direction.BIDIRECTIONAL, True, RuleEffect.SENT),
        (Owner.PLATFORM, Direction.OUTBOUND, True, RuleEffect.SENT),
        (Owner.PLATFORM, Direction.INBOUND, True, RuleEffect.STAYS),
        (Owner.PLATFORM, Direction.BIDIRECTIONAL, False, RuleEffect.STAYS),
        (Owner.EXTERNAL, Direction.BIDIRECTIONAL, True, RuleEffect.TAKEN),
        (Owner.EXTERNAL, Direction.INBOUND, False, RuleEffect.TAKEN),
        (Owner.EXTERNAL, Direction.OUTBOUND, True, RuleEffect.STAYS),
        (Owner.EXTERNAL, Direction.NONE, True, RuleEffect.STAYS),
    ],
)
def test_a_difference_goes_where_owner_and_direction_say(
    owner: Owner, direction: Direction, is_written: bool, effect: RuleEffect
) -> None:
    assert effect_of(owner, direction, is_written=is_written) is effect


@pytest.mark.parametrize(
    ("ours", "theirs", "answer"),
    [
        ("a", "a", False),
        ("a", "b", True),
        (None, "b", True),
        (["b", "a"], ["a", "b"], False),
        (["a"], [], True),
        ([], None, False),
        (["a"], None, True),
    ],
)
def test_lists_differ_by_what_is_in_them(
    ours: FieldValue, theirs: FieldValue, answer: bool
) -> None:
    assert differs(ours, theirs) is answer


def test_a_persons_rule_stands_in_place_of_the_default() -> None:
    default = Rule(field="title", owner=PLATFORM, is_default=True)
    other = Rule(field="severity", owner=PLATFORM, is_default=True)
    set_ = Rule(field="title", owner=EXTERNAL, priority=7)
    assert rules_of([set_], [default, other]) == {"title": set_, "severity": other}


@pytest.mark.parametrize(
    ("claims", "ours"),
    [
        ([], Owned()),
        ([claim("b", PLATFORM, 9)], Owned()),
        ([claim("a", PLATFORM, 9)], Owned(owner=PLATFORM, platform_priority=9)),
        ([claim("a", EXTERNAL, 9)], Owned(owner=EXTERNAL, by="a", external_priority=9)),
        ([claim("b", EXTERNAL)], Owned(owner=PLATFORM, by="b")),
        (
            [claim("a", EXTERNAL), claim("b", EXTERNAL)],
            Owned(owner=EXTERNAL, by="a"),
        ),
        ([claim("a", EXTERNAL, 1), claim("b", EXTERNAL, 2)], Owned(owner=PLATFORM, by="b")),
        (
            [claim("a", PLATFORM, 9), claim("b", EXTERNAL)],
            Owned(owner=PLATFORM, by="b", platform_priority=9),
        ),
    ],
    ids=[
        "nobody's",
        "the platform's, at another link",
        "the platform's",
        "its own",
        "another's, though it claims nothing",
        "its own, as the older of equals",
        "another's, by priority",
        "another's, beside a rule for the platform",
    ],
)
def test_to_a_link_a_field_is_its_own_or_as_the_platforms(claims: list[Claim], ours: Owned) -> None:
    assert owned("title", "a", claims) == ours


@pytest.mark.parametrize(
    ("direction", "owner", "warning", "reason"),
    [
        (NONE, None, NOT_SENT, MergeReason.DIRECTION),
        (NONE, PLATFORM, NOT_SENT, MergeReason.DIRECTION),
        (NONE, EXTERNAL, NOT_SENT, MergeReason.DIRECTION),
        (OUT, None, None, MergeReason.DIRECTION),
        (OUT, PLATFORM, None, MergeReason.DIRECTION),
        (OUT, EXTERNAL, THEIRS_ALONE, MergeReason.DIRECTION),
        (IN, None, NOT_SENT, MergeReason.NEWER),
        (IN, PLATFORM, NOT_SENT, MergeReason.OWNER_PLATFORM),
        (IN, EXTERNAL, NOT_SENT, MergeReason.NEWER),
        (BOTH, None, None, MergeReason.NEWER),
        (BOTH, PLATFORM, None, MergeReason.OWNER_PLATFORM),
        (BOTH, EXTERNAL, THEIRS_ALONE, MergeReason.NEWER),
    ],
)
def test_direction_and_owner_say_what_is_sent_and_what_is_taken(
    direction: Direction, owner: Owner | None, warning: WarningCode | None, reason: MergeReason
) -> None:
    assert why_not_sent(direction, owner) is warning
    # and of a change that was made after seeing our value
    seen, now = (
        VendorKey(at=datetime(2026, 3, 2, 12, tzinfo=UTC) + timedelta(seconds=seconds), sequence=2)
        for seconds in (0, 60)
    )
    ours = Field(
        value="p",
        version=2,
        edited_at=seen.at,
        by=None,
        base="p",
        known_key=seen,
        ack=Ack(version=2, key=seen, form="p"),
    )
    policy = Policy(link="a", direction=direction, owned=Owned(owner=owner))
    verdict = merge(ours, Change(value="x", key=now, edited_at=now.at), policy)
    assert verdict.reason is reason
    assert verdict.accepted is (reason is MergeReason.NEWER)
    assert (verdict.after.base, verdict.after.known_key) == ("x", now)
    assert not verdict.after.is_queued
