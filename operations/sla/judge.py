"""What a file is worth that was seen: a policy, or the reason why it is none."""

import asyncio
from dataclasses import dataclass

from domain.sla.document import BadPolicy, Place
from domain.sla.policy import SlaPolicy
from operations.sla.look import Seen
from operations.sla.policy_text import read_policy


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyFault:
    """Why a file is refused, and what to write; ``message`` names the place as well."""

    message: str
    place: Place | None = None


async def judge_text(text: str) -> SlaPolicy | PolicyFault:
    """Judge a text as if it stood in a file. Cost: as that of a file."""
    # What is no character of Unicode stays wrong, and is told with its place.
    return await asyncio.to_thread(_judged, text.encode(errors="surrogatepass"))


async def judge(seen: Seen) -> SlaPolicy | PolicyFault:
    """Return the policy that the whole file means, or what is wrong with it.

    Cost: 0.2 s at most, beside the event loop.
    """
    return await asyncio.to_thread(judged, seen)


def judged(seen: Seen) -> SlaPolicy | PolicyFault:
    """Do the same at once."""
    if seen.fault is not None:
        return PolicyFault(message=seen.fault)
    return _judged(seen.content)


def _judged(content: bytes) -> SlaPolicy | PolicyFault:
    try:
        return read_policy(content)
    except BadPolicy as bad:
        return PolicyFault(message=bad.message, place=bad.place)
