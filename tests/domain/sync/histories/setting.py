"""Who may do what in a history: chosen by its seed."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final

from domain.exchange import ConflictStrategy, ConflictWindowMode
from domain.records import Direction, FieldValue, Owner
from domain.sync.field import Field, Policy
from domain.sync.ownership import Claim, Rule, owned
from tests.domain.sync.histories.mirror import Link
from tests.domain.sync.histories.vendor import Vendor

START: Final = datetime(2026, 3, 2, 12, tzinfo=UTC)
FIRST_LABELS: Final = ("a", "b", "c")
_FIELD: Final = "title"
_NAMES: Final = ("prod-snow", "prod-jira")
_SKEWS: Final = (0.0, 0.0, 0.4, -90.0, 90.0)


def linked(chance: Random) -> list[Link]:
    """Return the record's links: one vendor or two, each with its clock, rules and habits."""
    names = _NAMES[: chance.choice((1, 1, 2))]
    claims = [
        Claim(integration_id=name, since=name, rule=rule)
        for name in names
        if (rule := _rule(chance)) is not None
    ]
    strategy = chance.choice(tuple(ConflictStrategy))
    mode = ConflictWindowMode(chance.choices(tuple(ConflictWindowMode), (5, 1))[0])
    value: FieldValue = list(FIRST_LABELS) if chance.random() < 0.2 else "a"
    policies = [
        Policy(
            link=name,
            direction=chance.choices(tuple(Direction), (1, 1, 1, 9))[0],
            owned=owned(_FIELD, name, claims),
            strategy=strategy,
            mode=mode,
        )
        for name in names
    ]
    return [_link(chance, policy, value) for policy in policies]


def _rule(chance: Random) -> Rule | None:
    owner = chance.choice((None, None, *Owner))
    if owner is None:
        return None
    return Rule(field=_FIELD, owner=owner, priority=chance.choice((0, 5)))


def _link(chance: Random, policy: Policy, value: FieldValue) -> Link:
    vendor = Vendor(
        value=value,
        at=START - timedelta(seconds=60),
        skew=timedelta(seconds=chance.choice(_SKEWS)),
        counts=chance.random() < 0.6,
        has_history=chance.random() < 0.7,
    )
    ours = Field(
        value=value,
        version=0,
        edited_at=START - timedelta(days=1),
        by=policy.link,
        base=value,
        known_key=vendor.shown.key,
    )
    return Link(vendor=vendor, policy=policy, field=ours)
