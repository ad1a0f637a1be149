"""Vendors on ports of this machine, until they are told to end. Knows no vendor."""

import asyncio
import json
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import typer
import uvicorn
from starlette.types import ASGIApp


def now() -> datetime:
    """Return the machine's time, in UTC."""
    return datetime.now(UTC)  # noqa: TID251 — the one place where the machine's clock enters


def listen(host: str, port: int) -> tuple[socket.socket, str]:
    """Return a listening socket and its URL; 0 takes a free port.

    Raises typer.Exit with one line of explanation.
    """
    try:
        listener = socket.create_server((host, port))
    except OSError as refused:
        reason, _, _ = str(refused.strerror).partition(" (")
        typer.echo(f"cannot listen on {host}:{port}: {reason}", err=True)
        raise typer.Exit(1) from refused
    return listener, f"http://{host}:{listener.getsockname()[1]}"


def serve(
    app: ASGIApp, listener: socket.socket, greeting: Mapping[str, object], *, die_with_stdin: bool
) -> None:
    """Serve an application; say the greeting, as JSON, when it listens."""
    serve_all([(app, listener)], greeting, die_with_stdin=die_with_stdin)


def serve_all(
    doors: Sequence[tuple[ASGIApp, socket.socket]],
    greeting: Mapping[str, object],
    *,
    die_with_stdin: bool,
    beside: Sequence[Coroutine[Any, Any, None]] = (),
) -> None:
    """Serve several applications in one process; say the greeting when all listen.

    beside: what else is to run as long.
    """
    if die_with_stdin:
        threading.Thread(target=_end_with_stdin, daemon=True).start()
    # A simulator writes its own Date header, by its own clock.
    configs = [uvicorn.Config(app, log_level="warning", date_header=False) for app, _ in doors]
    with asyncio.Runner(loop_factory=configs[0].get_loop_factory()) as runner:
        listeners = [listener for _, listener in doors]
        runner.run(_serve(configs, listeners, json.dumps(greeting), beside))


async def _serve(
    configs: Sequence[uvicorn.Config],
    listeners: Sequence[socket.socket],
    greeting: str,
    beside: Sequence[Coroutine[Any, Any, None]],
) -> None:
    starting = len(configs)

    def started() -> None:
        nonlocal starting
        starting -= 1
        if not starting:
            typer.echo(greeting)
            sys.stdout.flush()

    async with asyncio.TaskGroup() as group:
        for config, listener in zip(configs, listeners, strict=True):
            group.create_task(_Server(config, started).serve(sockets=[listener]))
        for work in beside:
            group.create_task(work)


class _Server(uvicorn.Server):
    """Says when it listens, and ends at once when told to."""

    def __init__(self, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._started = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._started()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        # Signals end the process as they are: nothing here outlives it, so
        # open connections and hanging requests need not be waited for.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        yield


def _end_with_stdin() -> None:
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)
