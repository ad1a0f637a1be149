"""What people say to conflicts."""

from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from domain.access.roles import Actor
from domain.exchange import ConflictSide
from gql import errors
from gql.attempts import attempt
from gql.conflicts.filters import ConflictFilter
from gql.conflicts.types import Conflict
from gql.context import Context
from gql.errors import UserError
from gql.nodes import key_in
from operations.conflicts.ignore import IgnoreConflict, ignore_conflict
from operations.conflicts.resolve import ResolveConflict, resolve_conflict
from operations.conflicts.resolve_many import ResolveConflicts, resolve_conflicts

_SEEN = "The conflict's version that you saw; refused when it has moved on since."


@strawberry.input(description="Which side of a conflict holds.")
class ResolveConflictInput:
    """A conflict and a side."""

    id: strawberry.ID = strawberry.field(description="The conflict.")
    keep: ConflictSide = strawberry.field(description="The side whose value stands.")
    expected_version: int | None = strawberry.field(description=_SEEN, default=None)

    def to_request(self) -> ResolveConflict:
        """Return what the operation takes. Raises NotFound."""
        return ResolveConflict(
            conflict_id=key_in(self.id, "Conflict", path=("id",)),
            keep=self.keep,
            seen_version=self.expected_version,
        )


@strawberry.input(description="Which conflict both sides may keep.")
class IgnoreConflictInput:
    """A conflict."""

    id: strawberry.ID = strawberry.field(description="The conflict.")
    expected_version: int | None = strawberry.field(description=_SEEN, default=None)

    def to_request(self) -> IgnoreConflict:
        """Return what the operation takes. Raises NotFound."""
        return IgnoreConflict(
            conflict_id=key_in(self.id, "Conflict", path=("id",)),
            seen_version=self.expected_version,
        )


@strawberry.input(description="Which side holds of many conflicts.")
class ResolveConflictsInput:
    """A filter and a side."""

    filter: ConflictFilter = strawberry.field(description="Of the open ones, only these.")
    keep: ConflictSide = strawberry.field(description="The side whose values stand.")
    limit: int = strawberry.field(
        description="How many at most, the oldest first, 1 to 1000.", default=100
    )

    def to_request(self, actor: Actor) -> ResolveConflicts:
        """Return what the operation takes. Raises Invalid."""
        return ResolveConflicts(wanted=self.filter.to_read(actor), keep=self.keep, limit=self.limit)


@strawberry.type(description="What became of the word on a conflict.")
class ResolveConflictPayload:
    """An answer."""

    conflict: Conflict | None = strawberry.field(
        description="The conflict as it is now; null when the word was refused."
    )
    user_errors: list[UserError] = strawberry.field(description="Why it was refused.")
    warnings: list[errors.Warning] = strawberry.field(description="What else to know.")


@strawberry.type(description="What became of the wish to ignore a conflict.")
class IgnoreConflictPayload:
    """An answer."""

    conflict: Conflict | None = strawberry.field(
        description="The conflict as it is now; null when the wish was refused."
    )
    user_errors: list[UserError] = strawberry.field(description="Why it was refused.")
    warnings: list[errors.Warning] = strawberry.field(description="What else to know.")


@strawberry.type(description="What became of the word on many conflicts.")
class ResolveConflictsPayload:
    """An answer."""

    conflicts: list[Conflict] = strawberry.field(
        description="Those that ended by it; empty when the word was refused."
    )
    user_errors: list[UserError] = strawberry.field(description="Why it was refused.")
    warnings: list[errors.Warning] = strawberry.field(description="What else to know.")


Input = strawberry.argument(description="What is asked for.")


@strawberry.type
class ConflictMutations:
    """Root fields."""

    @strawberry.mutation(
        description=(
            "Let one side's value stand on both. Yours goes to the vendor even where the vendor"
            " owns the field; the same word again changes nothing."
        )
    )
    async def resolve_conflict(
        self, info: Info[Context, Any], input: Annotated[ResolveConflictInput, Input]
    ) -> ResolveConflictPayload:
        """Ask ``operations`` and show the answer."""
        context = info.context
        key, refusals = await attempt(context, resolve_conflict, input.to_request)
        return ResolveConflictPayload(
            conflict=await _now(context, key), user_errors=refusals, warnings=[]
        )

    @strawberry.mutation(
        description="Let both values stand, until either side edits the field again."
    )
    async def ignore_conflict(
        self, info: Info[Context, Any], input: Annotated[IgnoreConflictInput, Input]
    ) -> IgnoreConflictPayload:
        """Ask ``operations`` and show the answer."""
        context = info.context
        key, refusals = await attempt(context, ignore_conflict, input.to_request)
        return IgnoreConflictPayload(
            conflict=await _now(context, key), user_errors=refusals, warnings=[]
        )

    @strawberry.mutation(
        description=(
            "Let one side stand in all open conflicts that a filter finds, the oldest first:"
            " in all of them, or in none where one may not be decided."
        )
    )
    async def resolve_conflicts(
        self, info: Info[Context, Any], input: Annotated[ResolveConflictsInput, Input]
    ) -> ResolveConflictsPayload:
        """Ask ``operations`` and show the answer."""
        context = info.context
        keys, refusals = await attempt(
            context, resolve_conflicts, lambda: input.to_request(context.actor)
        )
        found = await context.loaders.conflicts.by_id.load_many(keys or [])
        return ResolveConflictsPayload(
            conflicts=[Conflict.of(one) for one in found if one is not None],
            user_errors=refusals,
            warnings=[],
        )


async def _now(context: Context, key: str | None) -> Conflict | None:
    """Return the conflict as it is after the word; None when that was refused."""
    if key is None:
        return None
    found = await context.loaders.conflicts.by_id.load(key)
    return None if found is None else Conflict.of(found)
