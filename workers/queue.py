"""arq, set up: where Redis is, how jobs are written, and the worker itself."""

import asyncio
from dataclasses import replace
from typing import Final, cast

import orjson
import structlog
from arq.connections import ArqRedis, RedisSettings
from arq.cron import CronJob, cron
from arq.typing import WorkerCoroutine
from arq.worker import Function, Worker, func
from redis.exceptions import RedisError

from operations.runtime import Runtime
from workers.beat import BEATS, Beat

log = structlog.get_logger()

QUEUE: Final = "watchpane:jobs"
# A pull may be a backfill of days; its lease, not arq, says whether it lives.
_LONGEST_JOB_SECONDS: Final = 7 * 24 * 3600
_REST_SECONDS: Final = 1.0


def redis_at(url: str) -> RedisSettings:
    """Return arq's settings for a URL, with short time-outs: a slow Redis is a lost one."""
    return replace(RedisSettings.from_dsn(url), conn_timeout=2, conn_retries=0)


def worker(runtime: Runtime, redis: RedisSettings) -> Worker:
    """Return the arq worker that runs the table of ``beat.py``.

    Jobs are JSON, never pickles: what is in Redis is data. Nothing is kept of a
    finished job, or its id would block the next hint.
    """
    return Worker(
        functions=[_function(beat) for beat in BEATS],
        cron_jobs=[_cron(beat) for beat in BEATS],
        redis_settings=redis,
        queue_name=QUEUE,
        ctx={"runtime": runtime},
        handle_signals=False,
        poll_delay=0.1,
        keep_result=0,
        max_tries=1,
        max_jobs=20,
        job_timeout=_LONGEST_JOB_SECONDS,
        job_serializer=orjson.dumps,
        job_deserializer=orjson.loads,
        log_results=False,
    )


async def run_worker(runtime: Runtime, redis: RedisSettings) -> None:
    """Run arq until cancelled; when it loses Redis, start it again (it cannot itself)."""
    while True:
        arq = worker(runtime, redis)
        try:
            await arq.async_run()
        except (RedisError, OSError, TimeoutError) as error:
            log.warning("redis_lost", operation="arq", detail=type(error).__name__)
        finally:
            await _close(arq)
        try:
            async with asyncio.timeout(_REST_SECONDS):
                await asyncio.Event().wait()
        except TimeoutError:
            continue


async def _close(arq: Worker) -> None:
    """Stop the jobs, wait for their ends, and let go of Redis.

    arq's own ``close`` does not get past a job that was cancelled: it would leave
    the others running and the connections open.
    """
    for task in arq.tasks.values():
        task.cancel()
    await asyncio.gather(*arq.tasks.values(), return_exceptions=True)
    # There is none when Redis never answered, whatever arq's types say.
    pool = cast("ArqRedis | None", arq.pool)
    if pool is None:
        return
    try:
        await pool.delete(arq.health_check_key)
    except (RedisError, OSError, TimeoutError) as error:
        log.warning("redis_lost", operation="arq", detail=type(error).__name__)
    finally:
        await pool.aclose(close_connection_pool=True)


def _function(beat: Beat) -> Function:
    return func(_typed(beat), name=beat.name, keep_result=0, max_tries=1)


def _cron(beat: Beat) -> CronJob:
    seconds = set(range(0, 60, beat.every_seconds))
    return cron(
        _typed(beat),
        name=f"cron:{beat.name}",
        second=seconds,
        keep_result=0,
        max_tries=1,
        timeout=_LONGEST_JOB_SECONDS,
    )


def _typed(beat: Beat) -> WorkerCoroutine:
    # arq types its context as a plain dict.
    return cast("WorkerCoroutine", beat.job)
