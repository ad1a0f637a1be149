"""``python -m simulators servicenow``: a vendor on a port of this machine."""

import json
import os
import secrets
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from simulators.servicenow.instance import ServiceNow
from simulators.servicenow.login import Account
from simulators.servicenow.replay import MAX, Plan

cli = typer.Typer(add_completion=False, no_args_is_help=True)


def _pace(text: str) -> float:
    return MAX if text == "max" else float(text)


@cli.callback()
def simulators() -> None:
    """Run vendors that behave as the real ones do."""


@cli.command()
def servicenow(  # noqa: PLR0913 — each is an option of the command line
    *,
    port: Annotated[int, typer.Option(help="0 takes a free one.")] = 0,
    host: str = "127.0.0.1",
    speed: Annotated[float, typer.Option(parser=_pace, help="Log seconds a second, or max.")] = 0,
    rows: Annotated[int, typer.Option(help="Rows of the log, from its start; 0 is all.")] = 5_998,
    history: Annotated[float, typer.Option(help="Share of them loaded at the start.")] = 0.9,
    copies: Annotated[int, typer.Option(help="How often the log is repeated.")] = 1,
    world: Annotated[
        bool, typer.Option("--world/--bare", help="Services, changes, alerts and cases too.")
    ] = True,
    user: str = "admin",
    password: Annotated[str, typer.Option(help="Generated when empty.")] = "",
    store: Annotated[
        Path | None, typer.Option(help="Keep the rows in this file, and go on with them.")
    ] = None,
    die_with_stdin: Annotated[bool, typer.Option(help="End when stdin closes.")] = False,
) -> None:
    """Run a ServiceNow instance that replays a recorded incident log."""
    listener = _listen(host, port)
    account = Account(user=user, password=password or secrets.token_urlsafe(12))
    instance = ServiceNow(
        now=_now,
        account=account,
        plan=Plan(rows=rows, history=history, copies=copies, speed=speed, world=world),
        lowest_priority="4",
        store=store,
    )
    url = f"http://{host}:{listener.getsockname()[1]}"
    greeting = {
        "vendor": "servicenow",
        "url": url,
        "user": account.user,
        "password": account.password,
    }
    if die_with_stdin:
        threading.Thread(target=_end_with_stdin, daemon=True).start()
    # The instance writes its own Date header, by its own clock.
    config = uvicorn.Config(instance.app, log_level="warning", date_header=False)
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


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port))
    except OSError as refused:
        reason, _, _ = str(refused.strerror).partition(" (")
        typer.echo(f"cannot listen on {host}:{port}: {reason}", err=True)
        raise typer.Exit(1) from refused


def _end_with_stdin() -> None:
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 — the one place where the machine's clock enters


if __name__ == "__main__":
    cli()
