"""Which side wins a clash: each cell of rule M11's table."""

from datetime import UTC, datetime, timedelta
from typing import Final

import pytest

from domain.exchange import ConflictKind, ConflictSide, ConflictStrategy, WarningCode
from domain.inbound import VendorKey
from domain.records import Direction, Owner
from domain.sync.field import Change, Clash, Field, Policy
from domain.sync.ownership import Owned
from domain.sync.strategy import judged

AT: Final = datetime(2026, 3, 2, 12, 0, 0, 400_000, tzinfo=UTC)
LINK: Final = "prod-snow"
S, D = ConflictKind.SIMULTANEOUS, ConflictKind.DIVERGED
OURS, THEIRS = ConflictSide.PLATFORM, ConflictSide.EXTERNAL
OVERRIDDEN = WarningCode.OWNER_OVERRIDDEN
SHARED: Final = Owned()
PLATFORM: Final = Owned(owner=Owner.PLATFORM)
PLATFORM_5: Final = Owned(owner=Owner.PLATFORM, platform_priority=5)
EXTERNAL: Final = Owned(owner=Owner.EXTERNAL, by=LINK)
EXTERNAL_5: Final = Owned(owner=Owner.EXTERNAL, by=LINK, external_priority=5)
# Theirs, before, beside and after ours; within one second the vendor's times tell nothing.
EARLIER, EQUAL, LATER = -3.0, -0.4, 3.0


def clash(owned: Owned, kind: ConflictKind, seconds: float, strategy: ConflictStrategy) -> Clash:
    """Judge two edits, of which theirs was made so many seconds after ours."""
    key = VendorKey(at=AT + timedelta(seconds=seconds), sequence=2)
    ours = Field(value="p", version=2, edited_at=AT, by=None, base="a", known_key=key)
    policy = Policy(link=LINK, direction=Direction.BIDIRECTIONAL, owned=owned, strategy=strategy)
    return judged(ours, Change(value="x", key=key, edited_at=key.at), policy, kind=kind)


@pytest.mark.parametrize(
    ("owned", "kind", "seconds", "winner", "warning"),
    [
        (SHARED, S, EARLIER, OURS, None),
        (SHARED, S, EQUAL, THEIRS, None),
        (SHARED, S, LATER, THEIRS, None),
        (SHARED, D, EARLIER, OURS, None),
        (SHARED, D, EQUAL, THEIRS, None),
        (SHARED, D, LATER, THEIRS, None),
        (PLATFORM, S, EARLIER, OURS, None),
        (PLATFORM, S, EQUAL, OURS, None),
        (PLATFORM, S, LATER, THEIRS, OVERRIDDEN),
        (PLATFORM, D, EARLIER, OURS, None),
        (PLATFORM, D, LATER, OURS, None),
        (EXTERNAL, S, EARLIER, OURS, OVERRIDDEN),
        (EXTERNAL, S, EQUAL, THEIRS, None),
        (EXTERNAL, S, LATER, THEIRS, None),
        (EXTERNAL, D, EARLIER, THEIRS, None),
        (EXTERNAL, D, LATER, THEIRS, None),
    ],
)
def test_the_last_write_wins_and_may_override_an_owner_within_the_window(
    owned: Owned,
    kind: ConflictKind,
    seconds: float,
    winner: ConflictSide,
    warning: WarningCode | None,
) -> None:
    found = clash(owned, kind, seconds, ConflictStrategy.LAST_WRITE_WINS)
    assert (found.kind, found.winner, found.warning) == (kind, winner, warning)


@pytest.mark.parametrize("kind", ConflictKind)
@pytest.mark.parametrize("seconds", [EARLIER, EQUAL, LATER])
@pytest.mark.parametrize(
    ("owned", "winner"),
    [(PLATFORM, OURS), (PLATFORM_5, OURS), (EXTERNAL, THEIRS), (EXTERNAL_5, THEIRS)],
    ids=["platform, of equals", "platform", "external, of equals", "external"],
)
def test_the_greater_priority_wins_whoever_was_later(
    owned: Owned, winner: ConflictSide, kind: ConflictKind, seconds: float
) -> None:
    found = clash(owned, kind, seconds, ConflictStrategy.OWNERSHIP_PRIORITY)
    assert found == Clash(kind=kind, winner=winner)


@pytest.mark.parametrize(("seconds", "winner"), [(EARLIER, OURS), (EQUAL, THEIRS), (LATER, THEIRS)])
def test_a_shared_field_has_no_priority_and_goes_to_the_last_write(
    seconds: float, winner: ConflictSide
) -> None:
    found = clash(SHARED, S, seconds, ConflictStrategy.OWNERSHIP_PRIORITY)
    assert found == Clash(kind=S, winner=winner)


@pytest.mark.parametrize("kind", ConflictKind)
@pytest.mark.parametrize("owned", [SHARED, PLATFORM_5, EXTERNAL_5])
def test_a_person_is_asked_whoever_owns_it(owned: Owned, kind: ConflictKind) -> None:
    found = clash(owned, kind, LATER, ConflictStrategy.MANUAL_REVIEW)
    assert found == Clash(kind=kind, winner=None)
