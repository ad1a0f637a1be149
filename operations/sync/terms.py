"""By which settings the fields of one integration's records are judged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from adapters.registry import manifest
from domain.exchange import ConflictStrategy, ConflictWindowMode
from domain.records import Direction, RecordKind
from domain.sync.field import Policy
from domain.sync.ownership import Claim, Rule, owned, rules_of
from domain.sync.watermark import Skew
from models.reads.ownership import rules_set
from models.tables.integration import IntegrationRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """An integration's settings for judging.

    rules: of each integration, by its id: a record may be linked to several.
    written: our fields that the vendor takes; lossy: those of which it has fewer values.
    skew: how far the vendor's clock is ahead of ours (rule T5).
    """

    integration_id: str
    direction: Direction
    strategy: ConflictStrategy = ConflictStrategy.LAST_WRITE_WINS
    window: timedelta = timedelta(seconds=5)
    mode: ConflictWindowMode = ConflictWindowMode.CAUSAL
    resolution: timedelta = timedelta(seconds=1)
    skew: timedelta = timedelta(0)
    rules: Mapping[str, Sequence[Rule]] = field(default_factory=dict)
    written: frozenset[str] = frozenset()
    lossy: frozenset[str] = frozenset()

    def policy(self, name: str, linked: Sequence[str]) -> Policy:
        """Return how a field is judged, of a record that is linked to these integrations.

        Of a kind whose records keep no edits, nobody owns a field: name no integration.
        """
        claims = [
            Claim(integration_id=one, since=one, rule=rule)
            for one in linked
            for rule in self.rules.get(one, ())
        ]
        return Policy(
            link=self.integration_id,
            direction=self._direction(name),
            owned=owned(name, self.integration_id, claims),
            strategy=self.strategy,
            window=self.window,
            mode=self.mode,
            resolution=self.resolution,
            is_lossy=name in self.lossy,
        )

    def _direction(self, name: str) -> Direction:
        """Return which way a field goes: one that the vendor does not take only comes from it."""
        if self.direction is Direction.BIDIRECTIONAL and name not in self.written:
            return Direction.INBOUND
        return self.direction


async def terms_of_all() -> dict[str, Terms]:
    """Return the terms of all integrations, by their ids. Cost: two small reads.

    Ids rise with time, so that of two integrations the older has the smaller one.
    """
    integrations = await IntegrationRow.all().order_by("id")
    by_people = await rules_set()
    rules = {
        row.id: tuple(rules_of(by_people.get(row.id, ()), default_rules(row.provider)).values())
        for row in integrations
    }
    return {row.id: _terms(row, rules) for row in integrations}


def default_rules(provider: str) -> tuple[Rule, ...]:
    """Return what a vendor's manifest says of its fields' owners (rule O2)."""
    return tuple(
        Rule(field=name, owner=owner, is_default=True)
        for name, owner in manifest(provider).ownership.items()
    )


def written_fields(provider: str) -> frozenset[str]:
    """Return our fields of incidents that a vendor takes.

    Services are told when an incident is created; they are no value that is merged.
    """
    return frozenset(
        one.field
        for one in manifest(provider).mappings
        if one.kind is RecordKind.INCIDENT and one.direction is not Direction.INBOUND
    ) - {"services"}


def lossy_fields(provider: str) -> frozenset[str]:
    """Return our fields of incidents that a vendor may hold as another value than was sent."""
    return frozenset(
        one.field
        for one in manifest(provider).mappings
        if one.kind is RecordKind.INCIDENT and one.is_lossy and one.values
    )


def _terms(row: IntegrationRow, rules: Mapping[str, Sequence[Rule]]) -> Terms:
    return Terms(
        integration_id=row.id,
        direction=Direction(row.direction),
        strategy=ConflictStrategy(row.conflict_strategy),
        window=timedelta(milliseconds=row.conflict_window_ms),
        mode=ConflictWindowMode(row.conflict_window_mode),
        resolution=manifest(row.provider).value_resolution,
        skew=Skew(samples=tuple(row.skew_samples)).value,
        rules=rules,
        written=written_fields(row.provider),
        lossy=lossy_fields(row.provider),
    )
