"""Channels that a policy names and that are not open in this process."""

from contextlib import suppress

import structlog

from adapters.channels.registry import absence
from domain.errors import Unavailable
from domain.sla.policy import SlaPolicy
from operations.runtime import Runtime
from operations.sla.policy_in_force import policy_in_force

log = structlog.get_logger()


def warn_of_absent(runtime: Runtime, policy: SlaPolicy) -> list[str]:
    """Tell which channels of a policy cannot be used, and what to do; return their names."""
    absent = [channel for channel in policy.channels if channel not in runtime.channels]
    for channel in absent:
        log.warning(
            "channel_not_set", operation="sla.notify", channel=channel, detail=absence(channel)
        )
    return absent


async def warn_at_start(runtime: Runtime) -> None:
    """Do the same for the policy that is in force, if this program can read it."""
    with suppress(Unavailable):
        warn_of_absent(runtime, (await policy_in_force(runtime)).policy)
