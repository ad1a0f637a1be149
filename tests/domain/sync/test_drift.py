"""What differs between both sides and what heals it: the vectors R, and each case of rule R."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.exchange import ConflictKind, ConflictSide, ConflictStrategy, DriftAction
from domain.inbound import VendorKey
from domain.records import Direction, FieldValue, MergeReason, Owner
from domain.sync.drift import (
    FRESH,
    Difference,
    PlanRefusal,
    compare,
    healed,
    is_large,
    next_run,
    plan_hash,
    rules_digest,
    why_not_healed,
)
from domain.sync.field import Accepted, Change, Field, Opposed, Policy
from domain.sync.ownership import Owned, Rule

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
KEY = VendorKey(at=NOW, sequence=3)
LINK = "prod-snow"
PLATFORM = Owned(owner=Owner.PLATFORM)
EXTERNAL = Owned(owner=Owner.EXTERNAL, by=LINK)
ELSEWHERE = Owned(owner=Owner.PLATFORM, by="prod-jira")
SHARED = Owned()
IN, OUT, BOTH, NONE = (
    Direction.INBOUND,
    Direction.OUTBOUND,
    Direction.BIDIRECTIONAL,
    Direction.NONE,
)


def field(ours: FieldValue, base: FieldValue = "a", by: str | None = None) -> Field:
    return Field(value=ours, version=4, edited_at=NOW, by=by, base=base, known_key=KEY)


def told(value: FieldValue) -> Change:
    return Change(value=value, key=KEY, edited_at=NOW + timedelta(seconds=60), is_new=True)


def policy(
    owned: Owned = SHARED,
    direction: Direction = BOTH,
    strategy: ConflictStrategy = ConflictStrategy.LAST_WRITE_WINS,
) -> Policy:
    return Policy(link=LINK, direction=direction, owned=owned, strategy=strategy)


def action(
    ours: Field, theirs: FieldValue, by: Policy, *, is_written: bool = True, heals: int = 0
) -> str:
    step = compare(ours, theirs, by, is_written=is_written, heals=heals)
    return "" if step is None else step.action


@pytest.mark.parametrize(
    ("ours", "theirs", "owned", "wanted"),
    [
        pytest.param("p", "x", PLATFORM, "PUSH", id="R-a: the platform owns it"),
        pytest.param("p", "x", EXTERNAL, "PULL", id="R-b: the vendor owns it"),
        pytest.param("a", "x", SHARED, "PULL", id="R-c: only theirs has changed"),
        pytest.param("p", "x", SHARED, "CONFLICT", id="R-d: both have changed"),
        pytest.param("p", "a", SHARED, "PUSH", id="only ours has changed"),
        pytest.param("p", "x", ELSEWHERE, "PUSH", id="another vendor owns it"),
        pytest.param("p", "p", SHARED, "", id="both are equal"),
    ],
)
def test_the_owner_and_the_last_common_value_say_what_heals(
    ours: str, theirs: str, owned: Owned, wanted: str
) -> None:
    assert action(field(ours), theirs, policy(owned)) == wanted


@pytest.mark.parametrize(
    ("direction", "owned", "wanted"),
    [
        (OUT, SHARED, "PUSH"),
        (OUT, PLATFORM, "PUSH"),
        (OUT, EXTERNAL, "SKIP_DIRECTION"),
        (IN, SHARED, "PULL"),
        (IN, EXTERNAL, "PULL"),
        (IN, PLATFORM, "SKIP_DIRECTION"),
        (NONE, SHARED, "SKIP_DIRECTION"),
        (NONE, PLATFORM, "SKIP_DIRECTION"),
        (NONE, EXTERNAL, "SKIP_DIRECTION"),
    ],
)
def test_nothing_is_healed_against_the_direction(
    direction: Direction, owned: Owned, wanted: str
) -> None:
    assert action(field("p"), "x", policy(owned, direction)) == wanted


@pytest.mark.parametrize(
    ("ours", "theirs", "owned", "wanted"),
    [
        (field("p"), "x", PLATFORM, "SKIP_DIRECTION"),
        (field("p"), "x", SHARED, "PULL"),
        # Its own value, damaged here since.
        (field("p", by=LINK), "a", SHARED, "PULL"),
        # It has not changed since a person here, or another vendor, gave our value.
        (field("p"), "a", SHARED, "SKIP_DIRECTION"),
        (field("p", by="prod-jira"), "a", SHARED, "SKIP_DIRECTION"),
        # Nor since its first copy.
        (replace(field("p", by="prod-jira"), version=0), "a", SHARED, "SKIP_DIRECTION"),
    ],
)
def test_what_the_vendor_does_not_take_is_taken_from_it_or_left(
    ours: Field, theirs: str, owned: Owned, wanted: str
) -> None:
    # A field that the vendor does not take is judged as one that only comes from it.
    assert action(ours, theirs, policy(owned, IN), is_written=False) == wanted


def test_what_is_open_on_its_way_or_accepted_is_left_alone() -> None:
    ours = field("p")
    opposed = replace(ours, conflict=Opposed(value="x", key=KEY))
    accepted = replace(ours, accepted=Accepted(version=4, value="x", key=KEY))
    assert action(opposed, "x", policy()) == "SKIP_OPEN_CONFLICT"
    assert action(replace(ours, is_queued=True), "x", policy(PLATFORM)) == "SKIP_PENDING"
    assert action(accepted, "x", policy(PLATFORM)) == "SKIP_ACCEPTED"
    # a new edit of either side is compared afresh
    assert action(accepted, "y", policy(PLATFORM)) == "PUSH"
    assert action(replace(accepted, version=5), "x", policy(PLATFORM)) == "PUSH"


def test_a_field_that_was_healed_three_times_is_left_alone() -> None:
    assert action(field("p"), "x", policy(PLATFORM), heals=2) == "PUSH"
    assert action(field("p"), "x", policy(PLATFORM), heals=3) == "SKIP_FLAPPING"


def test_sets_are_compared_without_order() -> None:
    assert action(field(["a", "b"]), ["b", "a"], policy()) == ""
    assert action(field(["a", "b"], base=["a"]), ["a"], policy()) == "PUSH"


def test_a_push_keeps_our_value_and_knows_the_vendors() -> None:
    verdict = healed(field("p"), DriftAction.PUSH, told("x"), policy(PLATFORM))
    after = verdict.after
    assert (after.value, after.version, after.base, after.is_queued) == ("p", 4, "x", True)
    assert not verdict.accepted


def test_a_pull_takes_the_vendors_value_as_a_new_version() -> None:
    verdict = healed(field("p"), DriftAction.PULL, told("x"), policy(EXTERNAL))
    after = verdict.after
    assert (after.value, after.version, after.by, after.is_queued) == ("x", 5, LINK, False)
    assert (verdict.accepted, verdict.reason) == (True, MergeReason.OWNER_EXTERNAL)


@pytest.mark.parametrize(
    ("strategy", "winner", "value"),
    [
        (ConflictStrategy.LAST_WRITE_WINS, ConflictSide.EXTERNAL, "x"),
        (ConflictStrategy.MANUAL_REVIEW, None, "p"),
    ],
)
def test_a_conflict_is_judged_as_diverged(
    strategy: ConflictStrategy, winner: ConflictSide | None, value: str
) -> None:
    verdict = healed(field("p"), DriftAction.CONFLICT, told("x"), policy(strategy=strategy))
    assert verdict.clash is not None
    assert (verdict.clash.kind, verdict.clash.winner) == (ConflictKind.DIVERGED, winner)
    assert verdict.after.value == value
    assert (verdict.after.conflict is not None) == (winner is None)


def test_our_later_edit_wins_a_conflict_and_is_sent() -> None:
    ours = replace(field("p"), edited_at=NOW + timedelta(hours=1))
    verdict = healed(ours, DriftAction.CONFLICT, told("x"), policy())
    assert (verdict.after.value, verdict.after.is_queued, verdict.accepted) == ("p", True, False)


def test_of_two_sets_both_stand() -> None:
    ours = field(["a", "b"], base=["a"])
    verdict = healed(ours, DriftAction.CONFLICT, told(["a", "c"]), policy())
    assert verdict.clash is None
    assert (verdict.after.value, verdict.after.is_queued) == (["a", "b", "c"], True)


def test_a_whole_records_action_heals_no_field() -> None:
    with pytest.raises(ValueError, match="CREATE_LOCAL heals no field"):
        healed(field("p"), DriftAction.CREATE_LOCAL, told("x"), policy())


@pytest.mark.parametrize(
    ("acting", "compared", "wanted"),
    [
        (500, 100_000, False),
        (501, 100_000, True),
        (100, 1_000, False),
        (101, 1_000, True),
        (20, 20, False),
        (21, 20, True),
    ],
)
def test_a_plan_is_large_by_its_items_or_their_share(
    acting: int, compared: int, *, wanted: bool
) -> None:
    assert is_large(acting=acting, compared=compared) is wanted


@pytest.mark.parametrize(
    ("is_same_rules", "age", "is_too_large", "wanted"),
    [
        (True, FRESH, False, None),
        (True, FRESH + timedelta(milliseconds=1), False, PlanRefusal.STALE),
        (False, timedelta(0), False, PlanRefusal.STALE),
        (True, timedelta(0), True, PlanRefusal.TOO_LARGE),
    ],
)
def test_a_plan_is_healed_while_it_is_fresh_and_small(
    age: timedelta, wanted: PlanRefusal | None, *, is_same_rules: bool, is_too_large: bool
) -> None:
    found = why_not_healed(is_same_rules=is_same_rules, age=age, is_too_large=is_too_large)
    assert found is wanted


def test_missed_runs_become_one_which_is_now() -> None:
    hour = timedelta(hours=1)
    assert next_run(NOW, hour, now=NOW) == NOW + hour
    assert next_run(NOW, hour, now=NOW + 5 * hour) == NOW + 5 * hour


def test_the_hash_names_what_a_plan_would_do_whatever_its_order() -> None:
    one = Difference(
        external_id="1", field="title", ours="p", theirs="x", version=4, action=DriftAction.PUSH
    )
    other = replace(one, external_id="2")

    def named(*items: Difference, rules: str = "r", direction: Direction = BOTH) -> str:
        return plan_hash(LINK, rules, direction, items)

    assert named(one, other) == named(other, one)
    different = [
        named(one),
        named(one, other, rules="s"),
        named(one, other, direction=IN),
        *(
            named(replace(one, **changed), other)
            for changed in (
                {"field": "status"},
                {"ours": "q"},
                {"theirs": "y"},
                {"version": 5},
                {"action": DriftAction.PULL},
            )
        ),
    ]
    assert len({named(one, other), *different}) == len(different) + 1


def test_the_rules_digest_tells_directions_and_owners_apart() -> None:
    rule = Rule(field="title", owner=Owner.PLATFORM)
    same = rules_digest(BOTH, {"a": [rule], "b": []})
    assert rules_digest(BOTH, {"b": [], "a": [rule]}) == same
    assert rules_digest(IN, {"a": [rule]}) != same
    assert rules_digest(BOTH, {"a": [replace(rule, priority=1)]}) != same
