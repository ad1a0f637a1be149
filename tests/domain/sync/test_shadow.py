"""What is replayed ends as it did, under the strategy that was in force."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from random import Random
from typing import Final

import pytest

from domain.exchange import ConflictSide, ConflictStrategy
from domain.inbound import VendorKey
from domain.records import Direction, MergeReason, Owner
from domain.sync.explain import CLASHES
from domain.sync.field import Ack, Change, Field, Policy, Verdict
from domain.sync.merge import merge
from domain.sync.ownership import Owned
from domain.sync.shadow import Met, Shadow, winner

NOON: Final = datetime(2026, 3, 2, 12, tzinfo=UTC)
LINK: Final = "prod-snow"
OWNERS: Final = (
    Owned(),
    Owned(owner=Owner.PLATFORM, platform_priority=3),
    Owned(owner=Owner.PLATFORM),
    Owned(owner=Owner.EXTERNAL, by=LINK, external_priority=5),
)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def policy(owned: Owned, strategy: ConflictStrategy) -> Policy:
    return Policy(link=LINK, direction=Direction.BIDIRECTIONAL, owned=owned, strategy=strategy)


def ending(verdict: Verdict) -> ConflictSide | None:
    if verdict.after.conflict is not None:
        return None
    return ConflictSide.EXTERNAL if verdict.accepted else ConflictSide.PLATFORM


def clash(ours_at: float, theirs_at: float) -> tuple[Field, Change]:
    """Both sides have changed ``a``; neither has seen the other."""
    ours = Field(
        value="p",
        version=2,
        edited_at=at(ours_at),
        by=None,
        base="a",
        known_key=VendorKey(at=at(-600), sequence=1),
        ack=Ack(version=1, key=VendorKey(at=at(-600), sequence=1), form="a"),
        is_queued=True,
    )
    key = VendorKey(at=at(theirs_at), sequence=2)
    return ours, Change(value="x", key=key, edited_at=key.at, is_new=True)


def met(ours: Field, told: Change, verdict: Verdict) -> Met:
    return Met(
        incident_id="1",
        field="severity",
        ours=ours.value,
        ours_at=ours.edited_at,
        theirs=told.value,
        theirs_at=told.edited_at,
        theirs_by="beth",
        reason=verdict.reason,
        happened=ending(verdict),
    )


@pytest.mark.parametrize(("owned", "strategy"), list(product(OWNERS, ConflictStrategy)))
def test_a_clash_ends_as_it_did_under_its_own_strategy(
    owned: Owned, strategy: ConflictStrategy
) -> None:
    chance = Random(7)  # noqa: S311 — repeatable
    clashes = 0
    for _ in range(300):
        ours, told = clash(chance.choice((0, 0.4, 0.9)), chance.randint(-9, 9))
        verdict = merge(ours, told, policy(owned, strategy))
        if verdict.reason in CLASHES:
            clashes += 1
            recorded = met(ours, told, verdict)
            assert winner(recorded, policy(owned, strategy)) is recorded.happened
    assert clashes > 100


def test_each_strategy_has_its_own_ending() -> None:
    # given a field of ours, and a vendor's edit 3 s after ours, by last-write-wins
    owned = OWNERS[1]
    ours, told = clash(0, 3)
    recorded = met(ours, told, merge(ours, told, policy(owned, ConflictStrategy.LAST_WRITE_WINS)))
    assert {one: winner(recorded, policy(owned, one)) for one in ConflictStrategy} == {
        ConflictStrategy.LAST_WRITE_WINS: ConflictSide.EXTERNAL,
        ConflictStrategy.OWNERSHIP_PRIORITY: ConflictSide.PLATFORM,
        ConflictStrategy.MANUAL_REVIEW: None,
    }


def test_what_differs_is_counted_with_the_last_ten_examples() -> None:
    shadow = Shadow(strategy=ConflictStrategy.MANUAL_REVIEW)
    rule = policy(OWNERS[0], ConflictStrategy.LAST_WRITE_WINS)
    shadow.agree(5)
    for second in range(1, 13):
        ours, told = clash(0, second)
        shadow.meet(met(ours, told, merge(ours, told, rule)), rule)
    assert (shadow.replayed, shadow.same_outcome, shadow.differing) == (17, 5, 12)
    assert shadow.manual_reviews == 12
    assert [example.met.theirs_at for example in shadow.examples] == [
        at(second) for second in range(3, 13)
    ]


def test_what_an_open_conflict_took_up_asks_nobody_again() -> None:
    shadow = Shadow(strategy=ConflictStrategy.MANUAL_REVIEW)
    ours, told = clash(0, 3)
    rule = policy(OWNERS[0], ConflictStrategy.MANUAL_REVIEW)
    first = met(ours, told, merge(ours, told, rule))
    shadow.meet(first, rule)
    shadow.meet(replace(first, reason=MergeReason.OPEN_CONFLICT, theirs="y"), rule)
    assert (shadow.replayed, shadow.differing, shadow.manual_reviews) == (2, 0, 1)
