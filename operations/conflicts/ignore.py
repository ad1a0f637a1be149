"""Let both sides of a conflict be as they are."""

from dataclasses import dataclass

from domain.access.roles import Actor
from domain.sync.conflict import Word
from operations.conflicts.settle import settle_one
from operations.runtime import Runtime


@dataclass(frozen=True, slots=True, kw_only=True)
class IgnoreConflict:
    """Which conflict, and which version of it was seen, if that matters."""

    conflict_id: str
    seen_version: int | None = None


async def ignore_conflict(runtime: Runtime, actor: Actor, ask: IgnoreConflict) -> str:
    """Let both values stand; return the conflict's id.

    The difference counts as accepted until either side edits the field again.
    Ignoring it again changes nothing.
    Raises NotFound, Forbidden, AlreadyResolved and Stale.
    """
    word = Word(keep=None, seen=ask.seen_version, at=runtime.now())
    await settle_one(runtime, actor, ask.conflict_id, word)
    return ask.conflict_id
