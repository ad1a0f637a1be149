"""Tell what other strategies would have made of an integration's recorded changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from domain.access.roles import Actor
from domain.errors import NotFound
from domain.exchange import ConflictStrategy
from domain.sync.explain import CLASHES, Dispute
from domain.sync.shadow import REPLAYED, Met, Shadow, happened, shadows
from models.reads.explain import disputes
from models.reads.judged import JudgedChange, judged_changes
from models.reads.ownership import linked_integrations
from models.reads.scope import Scope
from models.tables.integration import IntegrationRow
from operations.access.authorise import Action, authorise
from operations.access.scope import scope_of
from operations.sync.terms import Terms, terms_of_all

# The oldest first.
MOST: Final = 50_000
# Read and judged between two turns of others: some ten milliseconds.
_PAGE: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowStrategies:
    """Which integration's changes, from when on by the vendor's time, and how many at most."""

    integration_id: str
    since: datetime
    most: int = MOST


@dataclass(frozen=True, slots=True, kw_only=True)
class Shadowed:
    """What each strategy would have made of them.

    in_force: the strategy of now. cut_at: when the last change was made that was
    replayed, where the limit was reached; else None.
    """

    shadows: Sequence[Shadow]
    in_force: ConflictStrategy
    cut_at: datetime | None = None


async def shadow_strategies(actor: Actor, ask: ShadowStrategies) -> Shadowed:
    """Replay the changes that an integration's vendor made, under each strategy.

    Each change is judged on its own, as both sides stood when it came, by the owners
    and the window of now. Nothing is written. Raises NotFound and Forbidden.
    Cost: some 10 ms for each 1,000 changes.
    """
    scope = scope_of(actor)
    integration = await IntegrationRow.get_or_none(id=ask.integration_id)
    if integration is None or not scope.has(integration.key):
        raise NotFound("integration", ask.integration_id, path=("integrationId",))
    authorise(actor, Action.COMPARE_STRATEGIES, integration_key=integration.key)
    terms = (await terms_of_all())[integration.id]
    found, after, cut_at = shadows(), "", None
    for left in range(ask.most, 0, -_PAGE):
        limit = min(left, _PAGE)
        page = await judged_changes(
            integration.id, since=ask.since, reasons=REPLAYED, after=after, limit=limit
        )
        await _replay(page, found, terms, Scope(keys=frozenset({integration.key})))
        if len(page) < limit:
            return Shadowed(shadows=list(found.values()), in_force=terms.strategy)
        after, cut_at = page[-1].id, page[-1].at
    return Shadowed(shadows=list(found.values()), in_force=terms.strategy, cut_at=cut_at)


async def _replay(
    page: Sequence[JudgedChange],
    found: Mapping[ConflictStrategy, Shadow],
    terms: Terms,
    scope: Scope,
) -> None:
    """Judge a page; a change whose conflict is not kept any more is left out."""
    clashed = [change for change in page if change.reason in CLASHES]
    for shadow in found.values():
        shadow.agree(len(page) - len(clashed))
    incidents = {change.incident_id for change in clashed}
    if not incidents:
        return
    kept = await disputes(scope, incidents)
    linked = await linked_integrations(incidents)
    for change in clashed:
        met = _met(change, kept[change.incident_id], terms)
        if met is not None:
            policy = terms.policy(change.field, linked[change.incident_id])
            for shadow in found.values():
                shadow.meet(met, policy)


def _met(change: JudgedChange, kept: Sequence[Dispute], terms: Terms) -> Met | None:
    """Return what a change met: the conflict that was stored with it or before it."""
    earlier = [one for one in kept if one.field == change.field and one.id < change.id]
    if not earlier:
        return None
    dispute = max(earlier, key=lambda one: one.id)
    is_same = dispute.theirs == change.value
    return Met(
        incident_id=change.incident_id,
        field=change.field,
        ours=dispute.ours,
        ours_at=dispute.ours_at,
        theirs=change.value,
        theirs_at=dispute.theirs_at if is_same else change.at - terms.skew,
        theirs_by=change.by,
        reason=change.reason,
        happened=happened(change.reason, dispute, accepted=change.accepted),
    )
