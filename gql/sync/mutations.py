"""Starting and stopping sync runs."""

from collections.abc import Iterable
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from domain.records import RecordKind
from gql import errors
from gql.attempts import attempt
from gql.context import Context
from gql.errors import UserError, WarningCode
from gql.nodes import key_in
from gql.sync.types import SyncRun
from operations.sync.cancel import CancelSync, cancel_sync
from operations.sync.start import Started, StartSync, start_sync


@strawberry.input(description="What to read now.")
class StartSyncInput:
    """Kinds of an integration."""

    integration_id: strawberry.ID | None = strawberry.field(
        description="Which integration; all that are enabled when left out.", default=None
    )
    kinds: list[RecordKind] = strawberry.field(description="Which kinds of records.")
    full: bool = strawberry.field(
        description="Whether to read all records instead of what changed.", default=False
    )

    def to_request(self) -> StartSync:
        """Return what the operation takes. Raises NotFound."""
        return StartSync(
            integration_id=None
            if self.integration_id is None
            else key_in(self.integration_id, "Integration", path=("integrationId",)),
            kinds=self.kinds,
            is_full=self.full,
        )


@strawberry.input(description="Which runs to stop.")
class CancelSyncInput:
    """Runs."""

    run_ids: list[strawberry.ID] = strawberry.field(description="All of them or none is stopped.")

    def to_request(self) -> CancelSync:
        """Return what the operation takes. Raises NotFound."""
        return CancelSync(
            run_ids=[
                key_in(run_id, "SyncRun", path=("runIds", str(place)))
                for place, run_id in enumerate(self.run_ids)
            ]
        )


@strawberry.type(description="What became of the request to read.")
class StartSyncPayload:
    """An answer."""

    runs: list[SyncRun] = strawberry.field(
        description="One for each kind and integration; none when it was refused."
    )
    user_errors: list[UserError] = strawberry.field(description="Why it was refused.")
    warnings: list[errors.Warning] = strawberry.field(
        description="Which runs were under way already."
    )


@strawberry.type(description="What became of the request to stop.")
class CancelSyncPayload:
    """An answer."""

    runs: list[SyncRun] = strawberry.field(
        description="The runs as they are now; none when it was refused."
    )
    user_errors: list[UserError] = strawberry.field(description="Why it was refused.")
    warnings: list[errors.Warning] = strawberry.field(description="What else to know.")


Input = strawberry.argument(description="What is asked for.")


@strawberry.type
class SyncMutations:
    """Root fields."""

    @strawberry.mutation(
        description="Ask for a sync run now; one that is under way already is returned instead."
    )
    async def start_sync(
        self, info: Info[Context, Any], input: Annotated[StartSyncInput, Input]
    ) -> StartSyncPayload:
        """Ask ``operations`` and show the answer."""
        context = info.context
        started, refusals = await attempt(
            context, lambda: start_sync(context.runtime, context.actor, input.to_request())
        )
        return StartSyncPayload(
            runs=await _shown(context, [one.run_id for one in started or ()]),
            user_errors=refusals,
            warnings=_warnings(started or ()),
        )

    @strawberry.mutation(description="Stop sync runs; what they have written stays.")
    async def cancel_sync(
        self, info: Info[Context, Any], input: Annotated[CancelSyncInput, Input]
    ) -> CancelSyncPayload:
        """Ask ``operations`` and show the answer."""
        context = info.context
        cancelled, refusals = await attempt(
            context, lambda: cancel_sync(context.runtime, context.actor, input.to_request())
        )
        runs = await _shown(context, cancelled or [])
        return CancelSyncPayload(runs=runs, user_errors=refusals, warnings=[])


async def _shown(context: Context, keys: list[str]) -> list[SyncRun]:
    found = await context.loaders.runs.load_many(keys)
    return [SyncRun.of(run) for run in found if run is not None]


def _warnings(started: Iterable[Started]) -> list[errors.Warning]:
    return [
        errors.Warning(
            message="this run was under way already",
            code=WarningCode.ALREADY_RUNNING,
            path=["runs", str(place)],
        )
        for place, one in enumerate(started)
        if one.is_already_running
    ]
