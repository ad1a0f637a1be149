"""Runs everything on this machine: database, Valkey, API, worker, and the demo."""

import asyncio
import dataclasses
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any, Final, TypeVar

from im.address import listener, local_url
from im.processes import simulate, valkey
from im.processes.child import Program
from im.processes.data_dir import READY, claimed, read_private, write_private
from im.processes.supervise import keeping
from im.processes.waiting import pause, until
from im.refusal import StartRefusedError
from im.secret import Secret
from im.settings import Settings, child_environment

_T = TypeVar("_T")

# What a later start goes on with: the token, and the simulators' ports and passwords.
KEPT: Final = "demo.json"

_START_SECONDS: Final = 60.0
# Together below the 5 s that Ctrl-C may take: first who serves, then what they use.
_SERVERS_GRACE_SECONDS: Final = 3.5
_NEEDED_GRACE_SECONDS: Final = 1.0


def say(line: str) -> None:
    """Tell the operator; standard output stays for what is asked."""
    print(f"watchpane: {line}", file=sys.stderr, flush=True)


async def run(settings: Settings, *, demo: bool, with_parent: bool = False) -> None:
    """Run until SIGINT or SIGTERM; then stop every child within 5 s and return.

    with_parent: the end of the process that started this one is a SIGTERM too.
    Raises StartRefusedError when it cannot start, or a child refuses to.
    """
    task = asyncio.current_task()
    loop = asyncio.get_running_loop()
    if task is not None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, task.cancel)
    watching = asyncio.create_task(_outlive(os.getppid(), task)) if with_parent else None
    try:
        with claimed(settings.data_dir):
            await _run(settings, demo=demo, began=loop.time())
    except asyncio.CancelledError:
        say("stopped")
    finally:
        if watching is not None:
            watching.cancel()


async def _outlive(parent: int, task: "asyncio.Task[None] | None") -> None:
    """End the task when the parent has ended: an orphan is given another parent."""
    while os.getppid() == parent:
        await pause(1)
    if task is not None:
        task.cancel()


async def _run(settings: Settings, *, demo: bool, began: float) -> None:
    # Here, not above: it imports every layer, and the folder was to be checked first.
    from im.processes.demo import SIGNED_BY, prepare  # noqa: PLC0415 — see above

    kept = read_private(settings.data_dir / KEPT)
    listening = listener(settings.host, settings.port)
    async with _needed(settings, kept, demo=demo) as (ready, vendors):
        programs = servers(ready, socket=listening.fileno(), local_vendors=demo)
        async with keeping(programs, say=say, grace_seconds=_SERVERS_GRACE_SECONDS):
            simulators = vendors.get("simulators", {})
            kept["token"] = await prepare(
                ready,
                simulators,
                token=kept.get("token"),
                mappings=vendors.get("mappings", {}),
                webhook_secret=kept.get(SIGNED_BY, ""),
            )
            write_private(settings.data_dir / KEPT, kept)
            await _answering(settings)
            _announce(settings, kept["token"], simulators, began=began)
            try:
                await asyncio.Event().wait()
            finally:
                (settings.data_dir / READY).unlink(missing_ok=True)


@asynccontextmanager
async def _needed(
    settings: Settings, kept: dict[str, Any], *, demo: bool
) -> AsyncIterator[tuple[Settings, dict[str, Any]]]:
    """Run what the servers use; give the settings that lead there, and the vendors' greeting.

    Meanwhile the database is brought up to date.
    """
    from im import boot  # noqa: PLC0415 — it imports every layer, as above
    from im.processes.demo import SIGNED_BY  # noqa: PLC0415 — as above

    greeting = simulate.Greeting()
    programs: list[Program] = []
    with valkey.prepared(settings.data_dir) as embedded:
        if not settings.redis_url:
            programs.append(embedded.program)
        if demo:
            seats = simulate.seats(kept)
            listener = simulate.Listener.kept(kept.get(SIGNED_BY), addresses=_doors(settings))
            kept |= {vendor: seat.facts() for vendor, seat in seats.items()}
            kept[SIGNED_BY] = listener.secret
            write_private(settings.data_dir / KEPT, kept)
            programs.append(simulate.demo(seats, listener, greeting, settings))
        async with keeping(programs, say=say, grace_seconds=_NEEDED_GRACE_SECONDS):
            await boot.migrate(settings)
            if not settings.redis_url:
                await _in_time("the embedded Valkey", embedded.ready(seconds=_START_SECONDS))
                settings = dataclasses.replace(settings, redis_url=Secret(embedded.url))
            vendors = {}
            if demo:
                heard = greeting.facts(seconds=_START_SECONDS)
                vendors = await _in_time("the simulators", heard)
                hook = Secret(vendors["simulators"]["slack"]["url"])
                settings = dataclasses.replace(settings, slack_webhook_url=hook)
            yield settings, vendors


def servers(settings: Settings, *, socket: int, local_vendors: bool) -> list[Program]:
    """Return the API and worker processes; all API processes accept on one socket."""
    # What was found since the start, and stands in no file.
    found = {"REDIS_URL": settings.redis_url, "SLACK_WEBHOOK_URL": settings.slack_webhook_url}
    env = child_environment({key: secret.reveal() for key, secret in found.items()})
    # Those that were read from files are known by now; both forms would be a mistake.
    env |= {f"{key}_FILE": "" for key in found}
    if local_vendors:
        env["ALLOW_LOCAL_VENDORS"] = "yes"
    command = (sys.executable, "-m", "im")
    api = Program(
        name="api", argv=(*command, "serve", "--fd", str(socket)), env=env, sockets=(socket,)
    )
    worker = Program(name="worker", argv=(*command, "work"), env=env)
    return [api] * settings.api_processes + [worker] * settings.workers


async def _answering(settings: Settings) -> None:
    import httpx  # noqa: PLC0415 — heavy, and not needed to refuse a start

    async with httpx.AsyncClient(base_url=address(settings), trust_env=False) as client:

        async def ready() -> bool:
            try:
                return (await client.get("/readyz", timeout=2)).is_success
            except httpx.TransportError:
                return False

        await _in_time("the API", until(ready, seconds=_START_SECONDS))


async def _in_time(name: str, waiting: Awaitable[_T]) -> _T:
    try:
        return await waiting
    except TimeoutError:
        raise StartRefusedError(
            f"{name} was not ready within {_START_SECONDS:g} s: its lines above say why"
        ) from None


def _doors(settings: Settings) -> dict[str, str]:
    """Return where each vendor of the demo tells what happens."""
    from im.processes.demo import DEMO_KEYS  # noqa: PLC0415 — it imports every layer, as above

    return {
        vendor: f"{address(settings)}/webhooks/{vendor}/{key}" for vendor, key in DEMO_KEYS.items()
    }


def address(settings: Settings) -> str:
    """Return the URL of the API as seen from this machine."""
    return local_url(settings.host, settings.port)


def _announce(
    settings: Settings, token: str, simulators: dict[str, dict[str, str]], *, began: float
) -> None:
    """Write the ready file, and tell a person the same."""
    url = address(settings)
    facts = {"url": url, "graphiqlUrl": f"{url}/graphql", "token": token, "simulators": simulators}
    write_private(settings.data_dir / READY, facts)
    seconds = asyncio.get_running_loop().time() - began
    shown = {"URL": url, "GraphiQL": facts["graphiqlUrl"], "Token": token}
    shown |= {vendor: told["url"] for vendor, told in simulators.items()}
    lines = [f"Watchpane is ready after {seconds:.1f} s.", ""]
    lines += [f"  {name:<12}{text}" for name, text in shown.items()]
    lines += ["", f"Ctrl-C stops it. The data stays in {settings.data_dir}."]
    print("\n".join(["", *lines, ""]), flush=True)
