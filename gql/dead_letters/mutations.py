"""What people do with dead letters."""

from collections.abc import Sequence
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from gql import errors
from gql.attempts import attempt
from gql.context import Context
from gql.dead_letters.types import DeadLetter
from gql.errors import UserError, WarningCode
from gql.nodes import key_in
from operations.sync.discard_dead_letter import DiscardDeadLetter, discard_dead_letter
from operations.sync.retry_dead_letter import (
    RetryDeadLetter,
    RetryDeadLetters,
    retry_dead_letter,
    retry_dead_letters,
)

Input = strawberry.argument(description="What is asked for.")


@strawberry.input(description="Which dead letter to deliver after all.")
class RetryDeadLetterInput:
    """A dead letter."""

    id: strawberry.ID = strawberry.field(description="Which one.")

    def to_request(self) -> RetryDeadLetter:
        """Return what the operation takes. Raises NotFound."""
        return RetryDeadLetter(id=key_in(self.id, "DeadLetter", path=("id",)))


@strawberry.input(description="Which dead letters of an integration to deliver after all.")
class RetryDeadLettersInput:
    """Dead letters."""

    integration_id: strawberry.ID = strawberry.field(description="Whose.")
    ids: list[strawberry.ID] | None = strawberry.field(
        description="Which ones, at most 1,000, all of them or none; left out, all that are dead, "
        "the oldest 1,000 at once.",
        default=None,
    )

    def to_request(self) -> RetryDeadLetters:
        """Return what the operation takes. Raises NotFound."""
        return RetryDeadLetters(
            integration_id=key_in(self.integration_id, "Integration", path=("integrationId",)),
            ids=None
            if self.ids is None
            else [
                key_in(one, "DeadLetter", path=("ids", str(place)))
                for place, one in enumerate(self.ids)
            ],
        )


@strawberry.input(description="Which dead letter to give up, and why.")
class DiscardDeadLetterInput:
    """A dead letter and a reason."""

    id: strawberry.ID = strawberry.field(description="Which one.")
    reason: str = strawberry.field(description="Why nobody needs it, 1 to 1,000 characters.")

    def to_request(self) -> DiscardDeadLetter:
        """Return what the operation takes. Raises NotFound."""
        return DiscardDeadLetter(id=key_in(self.id, "DeadLetter", path=("id",)), reason=self.reason)


@strawberry.type(description="What became of the retry.")
class RetryDeadLetterPayload:
    """An answer."""

    dead_letter: DeadLetter | None = strawberry.field(
        description="The dead letter as it is now; null when the retry was refused."
    )
    user_errors: list[UserError] = strawberry.field(description="Why it was refused.")
    warnings: list[errors.Warning] = strawberry.field(description="What else to know.")


@strawberry.type(description="What became of the retries.")
class RetryDeadLettersPayload:
    """An answer."""

    dead_letters: list[DeadLetter] = strawberry.field(
        description="The dead letters as they are now; none when they were refused."
    )
    user_errors: list[UserError] = strawberry.field(description="Why they were refused.")
    warnings: list[errors.Warning] = strawberry.field(description="What else to know.")


@strawberry.type(description="What became of giving up.")
class DiscardDeadLetterPayload:
    """An answer."""

    dead_letter: DeadLetter | None = strawberry.field(
        description="The dead letter as it is now; null when it was refused."
    )
    user_errors: list[UserError] = strawberry.field(description="Why it was refused.")
    warnings: list[errors.Warning] = strawberry.field(
        description="NOT_SENT for a create: the incident stays unknown there, and what is written "
        "of it later waits."
    )


@strawberry.type
class DeadLetterMutations:
    """Root fields."""

    @strawberry.mutation(
        description="Deliver a dead letter after all, at once and with all attempts before it. A "
        "write takes the values that hold when it is sent; a create lets the incident's later "
        "writes go on. Nothing happens to one that is under way or has arrived."
    )
    async def retry_dead_letter(
        self, info: Info[Context, Any], input: Annotated[RetryDeadLetterInput, Input]
    ) -> RetryDeadLetterPayload:
        """Ask ``operations`` and show the answer."""
        context = info.context
        key, refusals = await attempt(context, retry_dead_letter, input.to_request)
        letters = await _shown(context, [key])
        return RetryDeadLetterPayload(
            dead_letter=_first(letters), user_errors=refusals, warnings=[]
        )

    @strawberry.mutation(
        description="Deliver all dead letters of an integration after all, or those named."
    )
    async def retry_dead_letters(
        self, info: Info[Context, Any], input: Annotated[RetryDeadLettersInput, Input]
    ) -> RetryDeadLettersPayload:
        """Ask ``operations`` and show the answer."""
        context = info.context
        keys, refusals = await attempt(context, retry_dead_letters, input.to_request)
        letters = await _shown(context, keys or ())
        return RetryDeadLettersPayload(dead_letters=letters, user_errors=refusals, warnings=[])

    @strawberry.mutation(
        description="Give a dead letter up, with a reason; a retry takes it up again. The first "
        "reason stays when it is given up twice."
    )
    async def discard_dead_letter(
        self, info: Info[Context, Any], input: Annotated[DiscardDeadLetterInput, Input]
    ) -> DiscardDeadLetterPayload:
        """Ask ``operations`` and show the answer."""
        context = info.context
        done, refusals = await attempt(context, discard_dead_letter, input.to_request)
        letters = await _shown(context, [None if done is None else done.id])
        return DiscardDeadLetterPayload(
            dead_letter=_first(letters),
            user_errors=refusals,
            warnings=[_waiting()] if done is not None and done.is_create else [],
        )


def _waiting() -> errors.Warning:
    return errors.Warning(
        message="the vendor gets no record of the incident: what is written of it later waits "
        "until the create is retried",
        code=WarningCode.NOT_SENT,
        path=["id"],
    )


async def _shown(context: Context, keys: Sequence[str | None]) -> list[DeadLetter]:
    named = [key for key in keys if key is not None]
    found = await context.loaders.letters.by_id.load_many(named)
    return [DeadLetter.of(record) for record in found if record is not None]


def _first(letters: Sequence[DeadLetter]) -> DeadLetter | None:
    return letters[0] if letters else None
