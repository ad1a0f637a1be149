"""The simulated vendors of the demo: programs of the checkout, not of the wheel."""

import asyncio
import json
import os
import secrets
import socket
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, NoReturn, Self

from im.processes.child import Program
from im.refusal import StartRefusedError

_HOST: Final = "127.0.0.1"
# Of the updates, at the start. Of the 890 incidents that the demo replays by default,
# what follows begins on a Wednesday morning, with two busy weeks before it.
_HISTORY: Final = "0.746"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """Where a simulator listens and what opens it; the same at each start.

    An integration remembers both: a new port or password would cut it off.
    """

    port: int
    password: str = field(repr=False)

    @classmethod
    def kept(cls, facts: Mapping[str, Any]) -> Self:
        """Return the seat of an earlier start, with a new port when that one is taken."""
        wanted, password = facts.get("port"), facts.get("password")
        return cls(
            port=_free_port(wanted if isinstance(wanted, int) else 0),
            password=password if isinstance(password, str) else secrets.token_urlsafe(18),
        )

    def facts(self) -> dict[str, object]:
        """Return what ``kept`` reads."""
        return {"port": self.port, "password": self.password}


def _free_port(wanted: int) -> int:
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((_HOST, port))
            except (OSError, OverflowError):
                continue
            return int(probe.getsockname()[1])
    raise StartRefusedError("no free port for the demo's simulator")


class Greeting:
    """The line in which a simulator says where it listens; later lines are dropped."""

    def __init__(self) -> None:
        """Nothing was heard yet."""
        self._facts: asyncio.Future[dict[str, str]] = asyncio.get_running_loop().create_future()

    def hear(self, line: str) -> None:
        """Take a line of the simulator's standard output."""
        if self._facts.done() or not line.startswith("{"):
            return
        facts = json.loads(line)
        self._facts.set_result({name: str(value) for name, value in facts.items()})

    async def facts(self, *, seconds: float) -> dict[str, str]:
        """Return ``vendor``, ``url``, ``user`` and ``password``; raises TimeoutError."""
        async with asyncio.timeout(seconds):
            return await asyncio.shield(self._facts)


def servicenow(seat: Seat, greeting: Greeting, *, speed: float, rows: int, store: Path) -> Program:
    """Return the demo's ServiceNow.

    speed: seconds of the recorded log that pass in one second.
    rows: how much of the log it holds.
    store: the file that keeps its rows, so that the next start goes on with them.
    """
    options = {
        "--host": _HOST,
        "--port": str(seat.port),
        "--speed": f"{speed:g}",
        "--rows": str(rows),
        "--history": _HISTORY,
        "--password": seat.password,
        "--store": str(store),
    }
    words = [word for option in options.items() for word in option]
    return Program(
        name="servicenow simulator",
        argv=command(["servicenow", *words]),
        hears=greeting.hear,
    )


def command(arguments: Sequence[str]) -> tuple[str, ...]:
    """Return the command line of the simulators; raises StartRefusedError without a checkout."""
    if find_spec("simulators") is None:
        raise StartRefusedError(
            "the simulators are not installed: run this in a checkout of watchpane"
        )
    return (sys.executable, "-m", "simulators", *arguments)


def simulate(arguments: Sequence[str]) -> NoReturn:
    """Become a simulator, with its own options."""
    words = command(arguments)
    os.execv(words[0], words)  # noqa: S606 — an argument list needs no shell
