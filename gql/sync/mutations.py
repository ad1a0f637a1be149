"""Starting, pausing and stopping sync runs."""

from collections.abc import Iterable
from datetime import datetime
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
from operations.sync.pause import PauseSync, pause_sync, resume_sync
from operations.sync.start import Slot, Started, StartSync, start_sync


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


@strawberry.input(description="What to read again from some day on, beside what changes now.")
class StartBackfillInput:
    """Kinds of an integration, and from when on."""

    integration_id: strawberry.ID = strawberry.field(description="Which integration.")
    kinds: list[RecordKind] = strawberry.field(description="Which kinds of records.")
    since: datetime | None = strawberry.field(
        description="Records updated from then on, and so all created since; all when left out.",
        default=None,
    )

    def to_request(self) -> StartSync:
        """Return what the operation takes. Raises NotFound."""
        return StartSync(
            integration_id=key_in(self.integration_id, "Integration", path=("integrationId",)),
            kinds=self.kinds,
            since=self.since,
            is_full=True,
            slot=Slot.BACKFILL,
        )


@strawberry.input(description="What to count at the vendor.")
class StartCensusInput:
    """Kinds of an integration."""

    integration_id: strawberry.ID = strawberry.field(description="Which integration.")
    kinds: list[RecordKind] = strawberry.field(description="Which kinds of records.")

    def to_request(self) -> StartSync:
        """Return what the operation takes. Raises NotFound."""
        return StartSync(
            integration_id=key_in(self.integration_id, "Integration", path=("integrationId",)),
            kinds=self.kinds,
            slot=Slot.CENSUS,
        )


def _keys(run_ids: list[strawberry.ID]) -> list[str]:
    """Return the runs' own keys. Raises NotFound."""
    return [
        key_in(run_id, "SyncRun", path=("runIds", str(place)))
        for place, run_id in enumerate(run_ids)
    ]


@strawberry.input(description="Which runs to stop.")
class CancelSyncInput:
    """Runs."""

    run_ids: list[strawberry.ID] = strawberry.field(description="All of them or none is stopped.")

    def to_request(self) -> CancelSync:
        """Return what the operation takes. Raises NotFound."""
        return CancelSync(run_ids=_keys(self.run_ids))


@strawberry.input(description="Which runs to pause.")
class PauseSyncInput:
    """Runs."""

    run_ids: list[strawberry.ID] = strawberry.field(description="All of them or none is paused.")

    def to_request(self) -> PauseSync:
        """Return what the operation takes. Raises NotFound."""
        return PauseSync(run_ids=_keys(self.run_ids))


@strawberry.input(description="Which paused runs to go on with.")
class ResumeSyncInput:
    """Runs."""

    run_ids: list[strawberry.ID] = strawberry.field(description="All of them or none goes on.")

    def to_request(self) -> PauseSync:
        """Return what the operation takes. Raises NotFound."""
        return PauseSync(run_ids=_keys(self.run_ids))


@strawberry.type(description="What became of the request to read.")
class StartSyncPayload:
    """An answer."""

    runs: list[SyncRun] = strawberry.field(
        description="One for each kind and integration; none when it was refused."
    )
    user_errors: list[UserError] = strawberry.field(description="Why it was refused.")
    warnings: list[errors.Warning] = strawberry.field(description="What else to know.")


@strawberry.type(description="What became of the request to read again.")
class StartBackfillPayload:
    """An answer."""

    runs: list[SyncRun] = strawberry.field(
        description="One for each kind and integration; none when it was refused."
    )
    user_errors: list[UserError] = strawberry.field(description="Why it was refused.")
    warnings: list[errors.Warning] = strawberry.field(description="What else to know.")


@strawberry.type(description="What became of the request to count.")
class StartCensusPayload:
    """An answer."""

    runs: list[SyncRun] = strawberry.field(
        description="One for each kind and integration; none when it was refused."
    )
    user_errors: list[UserError] = strawberry.field(description="Why it was refused.")
    warnings: list[errors.Warning] = strawberry.field(description="What else to know.")


@strawberry.type(description="What became of the request to stop.")
class CancelSyncPayload:
    """An answer."""

    runs: list[SyncRun] = strawberry.field(
        description="The runs as they are now; none when it was refused."
    )
    user_errors: list[UserError] = strawberry.field(description="Why it was refused.")
    warnings: list[errors.Warning] = strawberry.field(description="What else to know.")


@strawberry.type(description="What became of the request to pause.")
class PauseSyncPayload:
    """An answer."""

    runs: list[SyncRun] = strawberry.field(
        description="The runs as they are now; none when it was refused."
    )
    user_errors: list[UserError] = strawberry.field(description="Why it was refused.")
    warnings: list[errors.Warning] = strawberry.field(description="What else to know.")


@strawberry.type(description="What became of the request to go on.")
class ResumeSyncPayload:
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
        runs, refusals, warnings = await _started(info.context, input)
        return StartSyncPayload(runs=runs, user_errors=refusals, warnings=warnings)

    @strawberry.mutation(
        description=(
            "Read records again from some day on. Changes go on arriving meanwhile; a record"
            " that is mirrored in a newer version stays."
        )
    )
    async def start_backfill(
        self, info: Info[Context, Any], input: Annotated[StartBackfillInput, Input]
    ) -> StartBackfillPayload:
        """Ask ``operations`` and show the answer."""
        runs, refusals, warnings = await _started(info.context, input)
        return StartBackfillPayload(runs=runs, user_errors=refusals, warnings=warnings)

    @strawberry.mutation(
        description="Count all records at the vendor now, and mark those that are gone."
    )
    async def start_census(
        self, info: Info[Context, Any], input: Annotated[StartCensusInput, Input]
    ) -> StartCensusPayload:
        """Ask ``operations`` and show the answer."""
        runs, refusals, warnings = await _started(info.context, input)
        return StartCensusPayload(runs=runs, user_errors=refusals, warnings=warnings)

    @strawberry.mutation(description="Stop sync runs; what they have written stays.")
    async def cancel_sync(
        self, info: Info[Context, Any], input: Annotated[CancelSyncInput, Input]
    ) -> CancelSyncPayload:
        """Ask ``operations`` and show the answer."""
        context = info.context
        cancelled, refusals = await attempt(context, cancel_sync, input.to_request)
        runs = await _shown(context, cancelled or [])
        return CancelSyncPayload(runs=runs, user_errors=refusals, warnings=[])

    @strawberry.mutation(
        description="Let sync runs rest where they are; each keeps its place until resumed."
    )
    async def pause_sync(
        self, info: Info[Context, Any], input: Annotated[PauseSyncInput, Input]
    ) -> PauseSyncPayload:
        """Ask ``operations`` and show the answer."""
        context = info.context
        paused, refusals = await attempt(context, pause_sync, input.to_request)
        runs = await _shown(context, paused or [])
        return PauseSyncPayload(runs=runs, user_errors=refusals, warnings=[])

    @strawberry.mutation(description="Let paused sync runs go on after their last page.")
    async def resume_sync(
        self, info: Info[Context, Any], input: Annotated[ResumeSyncInput, Input]
    ) -> ResumeSyncPayload:
        """Ask ``operations`` and show the answer."""
        context = info.context
        resumed, refusals = await attempt(context, resume_sync, input.to_request)
        runs = await _shown(context, resumed or [])
        return ResumeSyncPayload(runs=runs, user_errors=refusals, warnings=[])


async def _started(
    context: Context, input: StartSyncInput | StartBackfillInput | StartCensusInput
) -> tuple[list[SyncRun], list[UserError], list[errors.Warning]]:
    started, refusals = await attempt(context, start_sync, input.to_request)
    runs = await _shown(context, [one.run_id for one in started or ()])
    return runs, refusals, _warnings(started or ())


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
