"""The service levels that all processes go by."""

from dataclasses import dataclass

from domain.errors import Unavailable
from domain.sla.document import BadPolicy
from domain.sla.policy import SlaPolicy
from models.reads.sla_policy import PolicyFile, policy_content, policy_file
from operations.runtime import Runtime
from operations.sla.policy_text import read_policy


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """A policy, and what became of the file that it stood in."""

    policy: SlaPolicy
    file: PolicyFile


async def policy_in_force(runtime: Runtime) -> InForce:
    """Return the policy that is in force now, whichever process has put it there.

    Raises Unavailable when none is, or none that this program can read.
    Cost: one row by its key; when the version has changed, another, and the parsing.
    """
    file = await policy_file()
    if file is None:
        raise Unavailable("no service levels are in force yet; start a worker with `im work`")
    if file.version not in runtime.policies:
        try:
            policy = read_policy(await policy_content(file.version))
        except BadPolicy as bad:
            raise Unavailable(
                f"the service levels in force are of another program: {bad.message}"
            ) from None
        runtime.policies.clear()
        runtime.policies[file.version] = policy
    return InForce(policy=runtime.policies[file.version], file=file)
