"""A vendor on a port of this machine, until it is told to end. Knows no vendor."""

import json
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime

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
    app: ASGIApp, listener: socket.socket, greeting: Mapping[str, str], *, die_with_stdin: bool
) -> None:
    """Serve an application; say the greeting, as JSON, when it listens."""
    if die_with_stdin:
        threading.Thread(target=_end_with_stdin, daemon=True).start()
    # A simulator writes its own Date header, by its own clock.
    config = uvicorn.Config(app, log_level="warning", date_header=False)
    _Server(config, json.dumps(greeting)).run(sockets=[listener])


class _Server(uvicorn.Server):
    """Says when it listens, and ends at once when told to."""

    def __init__(self, config: uvicorn.Config, greeting: str) -> None:
        super().__init__(config)
        self._greeting = greeting

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        typer.echo(self._greeting)
        sys.stdout.flush()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        # Signals end the process as they are: nothing here outlives it, so
        # open connections and hanging requests need not be waited for.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        yield


def _end_with_stdin() -> None:
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)
