"""The ownership rules that hold: what people have set, over what the vendors' manifests say."""

from collections.abc import Collection
from dataclasses import dataclass

from domain.sync.ownership import Claim, Rule, owned, rules_of
from models.reads.ownership import Claimant, claimants, linked_integrations, rules_set
from models.reads.scope import Scope
from operations.sync.terms import default_rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """A rule of an integration.

    is_effective: no other integration's claim stands above it, on a record of both.
    """

    rule: Rule
    is_effective: bool


async def claims_of_all() -> list[Claim]:
    """Return the rules of all integrations. Cost: two small reads."""
    return _claims(await claimants(), await rules_set())


async def rulings_of(scope: Scope, integration_ids: Collection[str]) -> dict[str, list[Ruling]]:
    """Return the rules of integrations, by field. Cost: two small reads."""
    known = await claimants()
    claims = _claims(known, await rules_set())
    seen = {one.id for one in known if scope.has(one.key)}
    return {
        one: sorted(
            (_ruling(claim, claims) for claim in claims if claim.integration_id == one),
            key=lambda ruling: ruling.rule.field,
        )
        for one in integration_ids
        if one in seen
    }


async def claims_on(_: Scope, incident_ids: Collection[str]) -> dict[str, list[Claim]]:
    """Return the rules that bear on incidents: those of all integrations they are linked to.

    Cost: three statements.
    """
    claims = await claims_of_all()
    linked = await linked_integrations(incident_ids)
    return {
        incident: [claim for claim in claims if claim.integration_id in integrations]
        for incident, integrations in linked.items()
    }


def _claims(known: Collection[Claimant], set_by_people: dict[str, list[Rule]]) -> list[Claim]:
    return [
        # Ids rise with time.
        Claim(integration_id=one.id, since=one.id, rule=rule)
        for one in known
        for rule in rules_of(set_by_people.get(one.id, ()), default_rules(one.provider)).values()
    ]


def _ruling(claim: Claim, claims: Collection[Claim]) -> Ruling:
    stands = owned(claim.rule.field, claim.integration_id, claims)
    return Ruling(rule=claim.rule, is_effective=stands.owner is claim.rule.owner)
