"""Say which side of a conflict holds."""

from dataclasses import dataclass

from domain.access.roles import Actor
from domain.exchange import ConflictSide
from domain.sync.conflict import Word
from operations.conflicts.settle import settle_one
from operations.runtime import Runtime


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveConflict:
    """Which conflict, whose value stands, and which version of it was seen, if that matters."""

    conflict_id: str
    keep: ConflictSide
    seen_version: int | None = None


async def resolve_conflict(runtime: Runtime, actor: Actor, ask: ResolveConflict) -> str:
    """Let one side's value stand on both; return the conflict's id.

    Ours goes to the vendor, whoever owns the field. The vendor's becomes ours and
    goes to the incident's other vendors; where a write of ours had replaced it, it
    goes back to its own. The same word again changes nothing.
    Raises NotFound, Forbidden, AlreadyResolved, Stale, and DirectionForbids where
    the field does not go to the vendor.
    """
    word = Word(keep=ask.keep, seen=ask.seen_version, at=runtime.now())
    await settle_one(runtime, actor, ask.conflict_id, word)
    return ask.conflict_id
