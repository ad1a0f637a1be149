"""The policies of the lives: each is put in force by what its file says."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from domain.sla.policy import SlaPolicy, version_of
from operations.sla.judge import PolicyFault, judged
from operations.sla.look import Seen
from tests.operations.sla.watched import POLICY

_RESPONDING: Final = POLICY.replace(
    "    resolution: {target: 240m, calendar: always}",
    "    response: {target: 60m, calendar: always}\n"
    "    resolution: {target: 240m, calendar: always}",
)
_TEXTS: Final = (
    _RESPONDING,
    _RESPONDING.replace("240m", "230m").replace("60m", "20m"),
    _RESPONDING.replace("resume", "restart").replace("[1.5]", "[1.2, 1.5, 2]"),
    POLICY.replace("resume", "count").replace("240m", "120m").replace("15m", "0m"),
    POLICY.replace("priority: [P2]", "tier: [GOLD]").replace("0.85", "0.5"),
    POLICY.replace("[PENDING, ON_HOLD]", "[ON_HOLD]").replace("[RESOLVED, CLOSED]", "[CLOSED]"),
    POLICY.replace(
        "always: {always: true}", "always: {timezone: UTC, weekly: {mon: [09:00-15:00]}}"
    ),
    # no policy at all: the last good one stays
    POLICY.removesuffix("end: sla_config\n"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """A file as it is seen, and what it is worth."""

    seen: Seen
    judged: SlaPolicy | PolicyFault


@dataclass(frozen=True, slots=True, kw_only=True)
class Force:
    """A policy since it is in force."""

    policy: SlaPolicy
    version: str
    since_ms: int


def _law(text: str) -> Law:
    content = text.encode()
    seen = Seen(name="sla_config.yaml", digest=sha256(content).hexdigest(), content=content)
    return Law(seen=seen, judged=judged(seen))


LAWS: Final = tuple(map(_law, _TEXTS))


def first(law: Law, now_ms: int) -> Force:
    """Return what is in force when the first file has been taken, a good one."""
    assert isinstance(law.judged, SlaPolicy)
    return Force(policy=law.judged, version=version_of(law.judged), since_ms=now_ms)


def after(before: Force, law: Law, now_ms: int) -> Force:
    """Return what is in force when a file has been taken."""
    if isinstance(law.judged, PolicyFault) or version_of(law.judged) == before.version:
        return before
    return first(law, now_ms)
