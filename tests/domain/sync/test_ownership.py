"""Who decides a field, and what a rule would do to the values that are there."""

import pytest

from domain.records import Direction, FieldValue, Owner
from domain.sync.ownership import Claim, Rule, holder
from domain.sync.rule_preview import RuleEffect, differs, effect_of


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
