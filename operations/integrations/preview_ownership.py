"""Say what a rule would do to the values that both sides hold, before it is set."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from domain.access.roles import Actor
from domain.errors import NotFound
from domain.records import Direction, FieldValue, Owner, RecordKind
from domain.sync.ownership import Claim, Rule, owned
from domain.sync.rule_preview import RuleEffect, differs, effect_of
from models.coding import loads
from models.reads.ownership import sides
from models.tables.integration import IntegrationRow
from operations.access.authorise import Action, authorise
from operations.integrations.ownership import SetFieldOwnership, check_priority, field_of
from operations.integrations.rulings import claims_of_all
from operations.sync.shapes import SHAPES
from operations.sync.terms import written_fields

MOST_EXAMPLES: Final = 10
PAGE: Final = 2_000
_INCIDENT: Final = SHAPES[RecordKind.INCIDENT]


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """An incident whose field differs, and what would become of it."""

    incident_id: str
    ours: FieldValue
    theirs: FieldValue
    effect: RuleEffect


@dataclass(slots=True, kw_only=True)
class Preview:
    """How many incidents were compared, and of those that differ how many have which effect."""

    compared: int = 0
    effects: Counter[RuleEffect] = field(default_factory=Counter)
    examples: list[Example] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """A rule that is not set yet, at one link of a record.

    rivals: integrations whose claim would stand above it.
    """

    name: str
    owner: Owner
    direction: Direction
    is_written: bool
    rivals: Collection[str]

    def effect(self, *, is_rivalled: bool) -> RuleEffect:
        owner = Owner.PLATFORM if is_rivalled else self.owner
        return effect_of(owner, self.direction, is_written=self.is_written)


async def preview_ownership(actor: Actor, ask: SetFieldOwnership, *, page: int = PAGE) -> Preview:
    """Compare what both sides hold of a field, in all incidents of the integration.

    Reads only. The vendor's side is what it last told. Raises NotFound, Forbidden
    and Invalid as setting the rule would.
    Cost: one statement for each ``page`` of incidents; 100,000 take about 2 s.
    """
    integration = await IntegrationRow.get_or_none(id=ask.integration_id)
    if integration is None:
        raise NotFound("integration", ask.integration_id, path=("integrationId",))
    authorise(actor, Action.CONFIGURE_INTEGRATION, integration_key=integration.key)
    name = field_of(integration, ask.field)
    check_priority(ask.priority)
    rule = Rule(field=name, owner=ask.owner, priority=ask.priority)
    case = _Case(
        name=name,
        owner=ask.owner,
        direction=Direction(integration.direction),
        is_written=name in written_fields(integration.provider),
        rivals=_rivals(rule, integration.id, await claims_of_all()),
    )
    preview = Preview()
    after = ""
    while read := await _read(integration.id, case, after, limit=page):
        for row in read:
            _count(preview, case, row)
        after = read[-1]["external_id"]
    return preview


def _rivals(rule: Rule, integration_id: str, claims: Sequence[Claim]) -> set[str]:
    """Return the integrations to which the field would belong on a record of both."""
    own = Claim(integration_id=integration_id, since=integration_id, rule=rule)
    others = {one.integration_id for one in claims} - {integration_id}
    return {
        other
        for other in others
        if owned(
            rule.field, integration_id, [own, *(c for c in claims if c.integration_id == other)]
        ).by
        == other
    }


async def _read(
    integration_id: str, case: _Case, after: str, *, limit: int
) -> list[dict[str, Any]]:
    column = _INCIDENT.columns.get(case.name, "extra")
    return await sides(integration_id, column, rivals=case.rivals, after=after, limit=limit)


def _count(preview: Preview, case: _Case, row: Mapping[str, Any]) -> None:
    preview.compared += 1
    theirs: FieldValue = loads(row["base"]).get(case.name)
    ours = _ours(case.name, row["ours"], theirs)
    if not differs(ours, theirs):
        return
    effect = case.effect(is_rivalled=bool(row["is_rivalled"]))
    preview.effects[effect] += 1
    if len(preview.examples) < MOST_EXAMPLES:
        preview.examples.append(
            Example(incident_id=row["incident_id"], ours=ours, theirs=theirs, effect=effect)
        )


def _ours(name: str, stored: Any, theirs: FieldValue) -> FieldValue:  # noqa: ANN401 — a column
    """Return our value; of what is kept as another type, or elsewhere, the vendor's."""
    if name in _INCIDENT.instants:
        return theirs
    if name not in _INCIDENT.columns:
        extra: dict[str, FieldValue] = loads(stored)
        return extra.get(name, theirs)
    value: FieldValue = loads(stored) if name in _INCIDENT.lists else stored
    return value
