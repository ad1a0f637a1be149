"""See to it that service levels are in force before anything goes by them."""

from domain.errors import Unavailable
from operations.runtime import Runtime
from operations.sla.judge import judge
from operations.sla.look import look
from operations.sla.policy_in_force import policy_in_force
from operations.sla.take_policy import take_policy


async def first_policy(runtime: Runtime) -> str | None:
    """Take the file when nothing is in force yet; return why that cannot be, or None.

    A policy that is in force already stays so, whatever has become of the file: the
    worker that watches it will tell.
    """
    try:
        await policy_in_force(runtime)
    except Unavailable:
        seen = look(runtime.policy_source)
        verdict = await take_policy(runtime, seen, await judge(seen), by="the first start")
        if verdict.fault is not None:
            return f"no service levels are in force, and {seen.name}: {verdict.fault.message}"
    return None
