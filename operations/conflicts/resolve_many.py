"""Say which side holds of many conflicts at once."""

from dataclasses import dataclass
from typing import Final

from domain.access.roles import Actor
from domain.errors import Invalid
from domain.exchange import ConflictSide, ConflictStatus
from domain.sync.conflict import Word
from models.reads.conflicts import ConflictFilter, conflict_page
from models.reads.keyset import Keyset
from models.transaction import Transaction, commit
from operations.access.scope import scope_of
from operations.conflicts.ending import Ending
from operations.conflicts.settle import locked, settle
from operations.runtime import Runtime
from operations.sync.terms import terms_of_all

MOST: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveConflicts:
    """Which conflicts, which side's value stands, and how many of them at most."""

    wanted: ConflictFilter
    keep: ConflictSide
    limit: int


async def resolve_conflicts(runtime: Runtime, actor: Actor, ask: ResolveConflicts) -> list[str]:
    """End the open conflicts that a filter finds, the oldest first; return their ids.

    All or none: one that the actor may not decide, or whose vendor takes nothing of
    ours, refuses them all. One that somebody else ends meanwhile is left out.
    Raises Invalid, Forbidden and DirectionForbids.
    """
    if not 1 <= ask.limit <= MOST:
        raise Invalid(f"a limit is between 1 and {MOST}", path=("limit",))
    oldest = Keyset(limit=ask.limit, position=None, is_descending=False)
    found = await conflict_page(scope_of(actor), ask.wanted.of_open_ones(), oldest)
    ids = [one.id for one in found]
    word = Word(keep=ask.keep, seen=None, at=runtime.now())
    terms = await terms_of_all()

    async def write(tx: Transaction) -> list[str]:
        ending = Ending(runtime=runtime, tx=tx, actor=actor, terms=terms)
        standing = [
            row
            for row in await locked(tx, actor, ids)
            if ConflictStatus(row["status"]) is ConflictStatus.OPEN
        ]
        for row in standing:
            await settle(ending, row, word)
        return [row["id"] for row in standing]

    ended = await commit(write)
    await runtime.wake("push")
    await runtime.wake("events")
    return ended
