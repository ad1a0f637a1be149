"""Pull what changed at the vendors: queue what is due, run what is free."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Final

import structlog
from structlog.contextvars import bound_contextvars

from adapters.contract import Manifest, Vendor
from adapters.exchange import Failed, PageAsk
from adapters.registry import manifest
from domain.events.entry import NewEntry, SyncEventKind, Topic
from domain.exchange import FlowDirection
from domain.records import RunPhase
from domain.sync.retry import Fault
from domain.sync.watermark import Skew, lower_bound
from models.claims import (
    ClaimedRun,
    Slot,
    claim_run,
    due_sources,
    give_back,
    has_work,
    hold_run,
)
from models.coding import to_milliseconds
from models.sealed import CannotOpen
from models.tables.integration import IntegrationRow
from models.tables.sync_run import WatermarkRow
from models.transaction import Transaction, commit
from operations.runtime import Runtime
from operations.span import span
from operations.sync.census import Census
from operations.sync.connect import connect
from operations.sync.finish import Ending
from operations.sync.gather import Gatherer
from operations.sync.holding import held
from operations.sync.progress import Progress
from operations.sync.start import queue_run
from operations.sync.store import PageWriter

log = structlog.get_logger()

# One in so many pulls looks for what a vendor's own list of changes leaves out.
THOROUGH_EVERY: Final = 10
# A run that was started so often without an end is what ends its workers.
MOST_STARTS: Final = 20
SCHEDULER: Final = "scheduler"


async def pull_due(runtime: Runtime) -> int:
    """Queue a run for each source that is due, and run all that nobody holds.

    Returns the number of runs that ended here. Safe to call from any number of
    workers at once, and as often as one likes: a lease in the database arbitrates.
    Cost when nothing is due: two index probes, no lock.
    """
    if not await has_work(now=runtime.now()):
        return 0

    async def queue(tx: Transaction) -> None:
        for due in await due_sources(tx, now=runtime.now()):
            await queue_run(runtime, tx, due, requested_by=SCHEDULER)

    async def claim(tx: Transaction) -> ClaimedRun | None:
        return await claim_run(tx, now=runtime.now(), owner=runtime.owner, lease=runtime.lease)

    await commit(queue)
    ended = 0
    while (run := await commit(claim)) is not None:
        with bound_contextvars(correlation_id=run.id):
            await pull(runtime, run)
        ended += 1
    return ended


async def pull(runtime: Runtime, run: ClaimedRun) -> None:
    """Run one claimed run to its end, or until another worker has it."""
    integration = await IntegrationRow.get(id=run.integration_id)
    facts = {"run_id": run.id, "integration_id": integration.id, "kind": run.kind}
    began = runtime.now()
    traced = span(
        "sync.pull",
        integration_id=integration.id,
        integration_type=integration.provider,
        direction=FlowDirection.INBOUND,
    )
    try:
        async with held(runtime, partial(_hold, runtime=runtime, run=run)):
            with traced:
                failed = await _read(runtime, run, integration)
    except asyncio.CancelledError:
        # The worker stops: another may go on at once, from the last page.
        await commit(partial(give_back, run=run))
        raise
    ending = Ending(runtime=runtime, run=run)
    if failed is None:
        is_ours = await commit(ending.succeed)
    else:
        is_ours = await commit(partial(ending.fail, failed=failed))
    await runtime.wake("events")
    latency = round((runtime.now() - began) / timedelta(milliseconds=1))
    if not is_ours:
        log.warning("run_lost", operation="sync.pull", latency_ms=latency, **facts)
    elif failed is None:
        log.info("run_succeeded", operation="sync.pull", latency_ms=latency, **facts)
    else:
        log.warning(
            "run_failed",
            operation="sync.pull",
            latency_ms=latency,
            fault=failed.fault,
            detail=failed.detail,
            **facts,
        )


async def _read(runtime: Runtime, run: ClaimedRun, integration: IntegrationRow) -> Failed | None:
    """Read the vendor to the end; return why it could not be read, if so."""
    if run.fence > MOST_STARTS:
        detail = f"this run was started {run.fence - 1} times and never ended; see the log"
        return Failed(fault=Fault.BAD_ANSWER, detail=detail)
    try:
        # A run opens its own: it begins with the vendor's words as they are now.
        vendor = await connect(runtime, integration)
    except CannotOpen as error:
        return Failed(fault=Fault.UNAUTHORISED, detail=str(error))
    try:
        return await _read_from(vendor, runtime, run, integration)
    finally:
        await vendor.close()


async def _read_from(
    vendor: Vendor, runtime: Runtime, run: ClaimedRun, integration: IntegrationRow
) -> Failed | None:
    about = manifest(integration.provider)
    run = await commit(partial(_begin, runtime=runtime, run=run, about=about))
    source = await WatermarkRow.get(integration_id=run.integration_id, kind=run.kind)
    progress = Progress(
        runtime=runtime,
        run=run,
        skew=Skew(samples=tuple(integration.skew_samples)),
        last=Skew(samples=() if source.last_skew_ms is None else (source.last_skew_ms,)),
    )
    if run.phase is RunPhase.CENSUS:
        census = Census(
            runtime=runtime,
            run=run,
            vendor=vendor,
            about=about,
            progress=progress,
        )
        return await census.take()
    writer = PageWriter(
        runtime=runtime,
        run=run,
        provider=about.key,
        progress=progress,
    )
    is_thorough = source.pulls % THOROUGH_EVERY == 0
    return await _pages(vendor, writer, about, is_thorough=is_thorough)


async def _begin(
    tx: Transaction, *, runtime: Runtime, run: ClaimedRun, about: Manifest
) -> ClaimedRun:
    """Settle from where the run reads; one that goes on has settled it before."""
    if run.pages:
        return run
    since = run.since
    if run.slot is Slot.CURRENT:
        source = await WatermarkRow.get(integration_id=run.integration_id, kind=run.kind)
        since = lower_bound(
            None if run.is_full else source.watermark,
            overlap=about.overlap,
            resolution=about.operand_resolution,
        )
    await tx.rows(
        "UPDATE sync_run SET since = $2 WHERE id = $1 RETURNING id",
        run.id,
        None if since is None else to_milliseconds(since),
    )
    tx.tell(
        NewEntry(
            topic=Topic.SYNC,
            kind=SyncEventKind.RUN_STARTED,
            occurred_at=runtime.now(),
            integration_id=run.integration_id,
            run_id=run.id,
        )
    )
    return replace(run, since=since)


async def _pages(
    vendor: Vendor, writer: PageWriter, about: Manifest, *, is_thorough: bool
) -> Failed | None:
    """Read and write page after page until the vendor has no more, or fails."""
    run, runtime = writer.run, writer.runtime
    gatherer = Gatherer(
        vendor=vendor,
        about=about,
        integration_id=run.integration_id,
        kind=run.kind,
        is_full=run.is_full,
    )
    position = run.position
    while True:
        page = await vendor.page(
            PageAsk(
                kind=run.kind,
                since=run.since,
                position=position,
                size=about.page_size,
                is_thorough=is_thorough,
            )
        )
        if isinstance(page, Failed):
            return page
        clock_step = writer.progress.step(page, overlap=about.overlap)
        if clock_step is not None:
            gatherer.follow(clock_step)
        gathered = await gatherer.gather(page)
        if isinstance(gathered, Failed):
            return gathered
        counts = await commit(partial(writer.store, gathered=gathered, clock_step=clock_step))
        if counts is None:
            return None
        if counts.written or page.position is not None:
            await runtime.wake("events")
        position = page.position
        if position is None:
            return None


async def _hold(tx: Transaction, *, runtime: Runtime, run: ClaimedRun) -> bool:
    return await hold_run(tx, run, until=runtime.now() + runtime.lease)
