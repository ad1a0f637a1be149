"""Read the policy file at once, because somebody asks."""

from dataclasses import dataclass

from domain.access.roles import Actor
from domain.errors import Invalid
from domain.sla.policy import SlaPolicy, version_of
from operations.access.authorise import Action, authorise
from operations.runtime import Runtime
from operations.sla.judge import judge
from operations.sla.look import at_rest
from operations.sla.take_policy import Outcome, take_policy


@dataclass(frozen=True, slots=True, kw_only=True)
class ReloadPolicy:
    """What the file has to mean to be taken: a version, or None for any policy."""

    version: str | None = None


async def reload_policy(runtime: Runtime, actor: Actor, ask: ReloadPolicy) -> Outcome:
    """Put the file's policy in force, and say what became of it; never REFUSED.

    Raises Forbidden; Invalid when the file is bad, which is noted as if a worker had found
    it, or means another version than is asked for, which changes nothing; Unavailable when
    it does not come to rest.
    Cost: the time for which a file has to stand still.
    """
    authorise(actor, Action.RELOAD_SLA)
    seen = await at_rest(runtime.policy_source)
    judged = await judge(seen)
    if ask.version is not None and isinstance(judged, SlaPolicy):
        found = version_of(judged)
        if found != ask.version:
            raise Invalid(f"the file means version {found}", path=("expectVersion",))
    verdict = await take_policy(runtime, seen, judged, by=actor.name)
    if verdict.fault is not None:
        raise Invalid(f"{seen.name}: {verdict.fault.message}")
    return verdict.outcome
