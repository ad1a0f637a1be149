"""Why a field of an incident has its value, as the graph shows it."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from strawberry.types import Info

from domain.errors import Invalid, NotFound
from domain.records import FieldValue as FieldOf
from domain.records import MergeReason, Owner, RecordKind
from domain.sync.explain import alike
from domain.sync.sentences import explain
from gql.conflicts import types as conflict_types
from gql.context import Context
from gql.incidents.parts import Edit, field_values, shown
from gql.integrations.types import Integration, shown_integration
from gql.records.types import ExternalLink
from gql.scalars import FieldValue
from models.reads import incident as reads
from models.reads import link as link_reads
from models.reads.explain import Held
from operations.incidents.explain import Recorded

if TYPE_CHECKING:
    from gql.conflicts.types import Conflict

OneConflict = Annotated["Conflict", strawberry.lazy("gql.conflicts.types")]


@strawberry.type(description="What we last knew a vendor to hold of a field.")
class FieldSide:
    """A field at one vendor."""

    link: ExternalLink = strawberry.field(description="The record there.")
    value: FieldValue | None = strawberry.field(description="Its value there; null when empty.")
    known_at: datetime = strawberry.field(
        description="The vendor's time of the record's version that was last read there."
    )
    seen_version: int = strawberry.field(
        description="The field's greatest version of here that the vendor is known to have had."
    )
    equal: bool = strawberry.field(description="Whether both sides hold the same.")
    accepted_divergence: bool = strawberry.field(
        description="Whether somebody let both values stand, and neither has changed since."
    )

    @classmethod
    def of(cls, link: link_reads.Link, there: Held, ours: FieldOf, version: int) -> "FieldSide":
        """Show what a vendor holds beside our value and its version."""
        return cls(
            link=ExternalLink.of(link),
            value=shown(there.value),
            known_at=there.known_at,
            seen_version=there.seen,
            equal=alike(ours, there.value),
            accepted_divergence=there.accepted == (version, there.value),
        )


@strawberry.type(description="Why a field has its value: edits, owner, rule, and what comes next.")
class Explanation:
    """An explanation."""

    field: str = strawberry.field(description="The field's name.")
    value: FieldValue | None = strawberry.field(description="What it is now; null when empty.")
    version: int = strawberry.field(
        description="How often it has changed; 0 while nobody but its one vendor has changed it."
    )
    sentence: str = strawberry.field(
        description="Why it has this value, for a person. Times are UTC."
    )
    rule: MergeReason = strawberry.field(
        description="How the last change of it was judged; of a first copy, why it was taken."
    )
    decided_at: datetime = strawberry.field(
        description="When that change was made, by the clock of the side that made it."
    )
    owner: Owner | None = strawberry.field(
        description="Which side decides the field; null when both do."
    )
    edits: list[Edit] = strawberry.field(
        description="The last 20 changes of it, taken or not, the latest first."
    )
    next_action: str | None = strawberry.field(
        description="What happens next to it, by itself or by a person; null for nothing."
    )
    facts: strawberry.Private[Recorded]
    dispute_key: strawberry.Private[str | None]
    ours: strawberry.Private[FieldOf]
    incident_key: strawberry.Private[str]

    @strawberry.field(
        description="The vendor that owns it; null for this side, for nobody, and when out of "
        "your sight."
    )
    async def owned_by(self, info: Info[Context, Any]) -> Integration | None:
        """Read it together with the others."""
        return await shown_integration(info.context, self.facts.owned.by)

    @strawberry.field(
        description="The conflict over it that is open, else the one by which the last change "
        "was judged; null for neither."
    )
    async def conflict(self, info: Info[Context, Any]) -> OneConflict | None:
        """Read it together with the others."""
        if self.dispute_key is None:
            return None
        found = await info.context.loaders.conflicts.by_id.load(self.dispute_key)
        return None if found is None else conflict_types.Conflict.of(found)

    @strawberry.field(description="What each vendor holds, the oldest link first.")
    async def sides(self, info: Info[Context, Any]) -> list[FieldSide]:
        """Read the links together with the others."""
        found = await info.context.loaders.links[RecordKind.INCIDENT].load(self.incident_key)
        links = {link.integration_id: link for link in found or ()}
        return [
            FieldSide.of(links[there.integration_id], there, self.ours, self.version)
            for there in self.facts.held
            if there.integration_id in links
        ]


async def explanation(context: Context, incident: reads.Incident, field: str) -> Explanation:
    """Return why a field has its value. Raises Invalid, naming those that there are."""
    values = field_values(incident)
    if field not in values:
        raise Invalid(f'no field "{field[:100]}"; there are {", ".join(values)}', path=("field",))
    facts = await context.loaders.recorded[field].load(incident.id)
    if facts is None:
        raise NotFound("incident", incident.id)
    case = facts.case(values[field], made_at=incident.created_at)
    told = explain(case, now=context.runtime.now())
    return Explanation(
        field=field,
        value=shown(values[field]),
        version=facts.version,
        sentence=told.sentence,
        rule=told.rule,
        decided_at=told.decided_at,
        owner=facts.owned.owner,
        edits=[Edit.of(edit) for edit in facts.shown_edits],
        next_action=told.next_action,
        facts=facts,
        dispute_key=None if case.dispute is None else case.dispute.id,
        ours=values[field],
        incident_key=incident.id,
    )
