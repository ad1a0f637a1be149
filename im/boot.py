"""Where the product is put together: the only giver of time, ids and randomness."""

import asyncio
import os
import random
import secrets
import socket
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

import structlog
import uvicorn
from arq.connections import RedisSettings
from starlette.applications import Starlette

from adapters.contract import Access, Vendor
from domain.access.roles import Actor
from domain.errors import Unauthenticated, Unavailable
from gql.asgi import GraphApp, graph_app
from gql.context import Context
from gql.live import Live
from gql.loaders import Loaders
from gql.options import Options
from gql.schema import schema
from im.address import local_url
from im.channels import channels_of
from im.keys import key_ring
from im.policy import need_policy, policy_source
from im.refusal import StartRefusedError
from im.server import Server
from im.settings import Settings
from im.ulids import Ulids
from im.values import Database
from models.database import DatabaseAt, PostgresAt, SqliteAt, opened
from models.migrate import migrate as migrate_database
from models.migrate import migration_fault
from models.reads.health import database_fault, worker_fault
from models.reads.sla_policy import policy_fault
from operations.access.authenticate import authenticate
from operations.runtime import Account, Connect, Runtime
from operations.sla.absence import warn_at_start
from operations.upkeep.new_kinds import add_new_kinds
from web.answered import Answers
from web.app import application
from web.graphiql import graphiql
from web.health import Probes
from web.metrics import Metrics
from web.webhooks import Door
from workers.beat import poll
from workers.budget import SharedBudget
from workers.policy import watch_policy
from workers.queue import redis_at, run_worker
from workers.wake import Waker, listen

log = structlog.get_logger()

_BEARER: Final = "bearer "
SOCKET_MESSAGE_BYTES: Final = 1024 * 1024


def now() -> datetime:
    """Return the present instant, in UTC."""
    return datetime.now(UTC)


def database_at(settings: Settings) -> DatabaseAt:
    """Return where the settings put the database."""
    if settings.db_type is Database.SQLITE:
        return SqliteAt(path=settings.db_path)
    return PostgresAt(
        host=settings.db_host,
        port=settings.db_port,
        name=settings.db_name,
        user=settings.db_user,
        password=settings.db_password.reveal() or None,
    )


def redis_of(settings: Settings) -> RedisSettings:
    """Return where Redis is; raise StartRefusedError when the settings do not say."""
    if not settings.redis_url:
        raise StartRefusedError(
            "REDIS_URL is empty: set it, or use `im run`, which starts an embedded Valkey"
        )
    return redis_at(settings.redis_url.reveal())


def _connecting(settings: Settings, budget: SharedBudget) -> Connect:
    """Return how vendors are opened: at the pace that all processes keep together."""
    deadline = timedelta(seconds=settings.vendor_timeout_seconds)

    def connect(account: Account) -> Vendor:
        key = account.integration_id
        return account.manifest.connect(
            Access(
                base_url=account.base_url,
                credentials=account.credentials,
                now=now,
                deadline=deadline,
                mappings=account.mappings,
                renew=account.renew,
                pace=partial(
                    budget.pace, key, per_minute=account.requests_per_minute, deadline=deadline
                ),
                throttled=partial(budget.throttled, key, slows_down=account.slows_down),
            )
        )

    return connect


def runtime_of(settings: Settings, waker: Waker | None, *, allows_local: bool) -> Runtime:
    """Return what operations are given in this process."""

    async def nobody(topic: str) -> None:
        """Tell nobody: there is no Redis here."""

    budget = SharedBudget(
        redis_of(settings) if settings.redis_url else None,
        processes=settings.workers + settings.api_processes,
    )
    deadline = timedelta(seconds=settings.vendor_timeout_seconds)
    new_id = Ulids(now=now, random_bytes=secrets.token_bytes)
    return Runtime(
        now=now,
        new_id=new_id,
        new_secret=lambda: secrets.token_urlsafe(32),
        chance=random.random,
        keys=key_ring(
            settings.credential_keys,
            folder=settings.data_dir,
            random_bytes=secrets.token_bytes,
        ),
        connect=_connecting(settings, budget),
        budget=budget,
        wake=nobody if waker is None else waker.wake,
        policy_source=policy_source(settings.sla_config),
        owner=f"{socket.gethostname()}-{os.getpid()}-{new_id()}",
        allows_local_vendors=allows_local,
        evaluate_every=timedelta(minutes=settings.scheduler_interval_minutes),
        channels=channels_of(partial(getattr, settings), now=now, deadline=deadline),
        public_url=settings.public_url or local_url(settings.host, settings.port),
    )


@asynccontextmanager
async def started(settings: Settings, *, is_migrated: bool = True) -> AsyncIterator[None]:
    """Open the database; raise StartRefusedError when it is away or not of this version."""
    async with AsyncExitStack() as stack:
        try:
            await stack.enter_async_context(opened(database_at(settings)))
        except Unavailable as away:
            raise StartRefusedError(
                f"{away.message}; check DATA_DIR and the DB_ settings"
            ) from None
        if is_migrated and (fault := await migration_fault()) is not None:
            raise StartRefusedError(fault)
        yield


async def migrate(settings: Settings) -> None:
    """Bring the database up to this program."""
    try:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StartRefusedError(
            f"DATA_DIR {settings.data_dir} cannot be made ({error.strerror}); set another"
        ) from None
    async with started(settings, is_migrated=False):
        pass
    await migrate_database(database_at(settings), new_epoch=lambda: secrets.token_hex(8))


class Api:
    """The API process: the web's doors with the graph behind them."""

    def __init__(self, settings: Settings) -> None:
        """Put it together; nothing is opened yet."""
        self._settings = settings
        self._redis = redis_of(settings)
        self._waker = Waker(self._redis)
        self.runtime = runtime_of(settings, self._waker, allows_local=settings.allow_local_vendors)
        self.live = Live()
        self.graph: GraphApp = graph_app(
            schema,
            authenticate=self._authenticate,
            make_context=self._context,
            new_id=self.runtime.new_id,
            options=Options(
                allowed_origins=frozenset(settings.allowed_origins),
                graphiql=graphiql,
            ),
        )
        self.app = application(
            graph=self.graph,
            door=Door(self.runtime, time.monotonic),
            probes=Probes(
                needed={"database": database_fault},
                wished={
                    "worker": lambda: worker_fault(now=now()),
                    "redis": self._waker.fault,
                    "sla_policy": policy_fault,
                },
            ),
            metrics=Metrics(who=self._who, now=now, process=str(os.getpid()), answers=Answers()),
            lifespan=self._lifespan,
        )

    @asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        async with (
            started(self._settings),
            aclosing(self.runtime),
            asyncio.TaskGroup() as tasks,
        ):
            running = [
                tasks.create_task(self.live.run()),
                tasks.create_task(self._waker.run()),
                tasks.create_task(listen(self._redis, self._hear)),
            ]
            yield
            for task in running:
                task.cancel()

    def _hear(self, topic: str) -> None:
        if topic == "events":
            self.live.nudge()

    def _context(self, actor: Actor, correlation_id: str) -> Context:
        return Context(
            runtime=self.runtime,
            actor=actor,
            correlation_id=correlation_id,
            as_of=self.runtime.now(),
            loaders=Loaders(actor),
            live=self.live,
        )

    async def _authenticate(self, token: str | None) -> Actor | None:
        try:
            return await authenticate(self.runtime, token)
        except Unauthenticated:
            return None

    async def _who(self, header: str | None) -> Actor | None:
        if header is None or not header.lower().startswith(_BEARER):
            return None
        return await self._authenticate(header[len(_BEARER) :].strip())


async def serve(settings: Settings, listening: socket.socket) -> None:
    """Answer on a listening socket until SIGINT or SIGTERM.

    Raises StartRefusedError when the database is not fit for this program, or no service
    levels are in force.
    """
    api = Api(settings)
    async with started(settings):
        await need_policy(api.runtime)
    config = uvicorn.Config(
        api.app,
        loop="uvloop",
        http="httptools",
        ws="websockets-sansio",
        ws_max_size=SOCKET_MESSAGE_BYTES,
        ws_per_message_deflate=False,
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=3,
    )
    await Server(config, api.graph).serve(sockets=[listening])


async def work(settings: Settings, stop: asyncio.Event) -> None:
    """Run the jobs until ``stop`` is set."""
    redis = redis_of(settings)
    waker = Waker(redis)
    runtime = runtime_of(settings, waker, allows_local=settings.allow_local_vendors)
    async with started(settings), aclosing(runtime):
        await need_policy(runtime)
        await add_new_kinds(runtime)
        await warn_at_start(runtime)
        async with asyncio.TaskGroup() as tasks:
            lasting = (waker.run(), watch_policy(runtime), run_worker(runtime, redis))
            running = [tasks.create_task(one) for one in lasting]
            await poll(runtime, fallback_seconds=settings.poll_fallback_seconds, stop=stop)
            for task in running:
                task.cancel()
