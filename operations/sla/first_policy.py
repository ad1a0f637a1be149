"""See to it that service levels are in force before anything goes by them."""

from contextlib import suppress

from domain.errors import Unavailable
from domain.sla.policy import SlaPolicy
from operations.runtime import Runtime
from operations.sla.judge import PolicyFault, judge
from operations.sla.look import Seen, look
from operations.sla.policy_in_force import policy_in_force
from operations.sla.take_policy import take_policy


async def first_policy(runtime: Runtime) -> str | None:
    """Take the file when nothing is in force yet; return why that cannot be, or None.

    A policy that is in force already stays so, whatever has become of the file: the
    worker that watches it will tell.
    """
    with suppress(Unavailable):
        await policy_in_force(runtime)
        return None
    seen = look(runtime.policy_source)
    match await judge(seen):
        case PolicyFault() as fault:
            return _none(seen, fault)
        case SlaPolicy() as policy:
            verdict = await take_policy(runtime, seen, policy, by="the first start")
            return None if verdict.fault is None else _none(seen, verdict.fault)


def _none(seen: Seen, fault: PolicyFault) -> str:
    return f"no service levels are in force, and {seen.name}: {fault.message}"
