"""The simulated vendors of the demo: programs of the checkout, not of the wheel."""

import asyncio
import json
import os
import secrets
import socket
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from types import MappingProxyType
from typing import Any, Final, NoReturn, Self

from im.processes.child import Program
from im.processes.data_dir import READY
from im.refusal import StartRefusedError
from im.settings import Settings

_HOST: Final = "127.0.0.1"
# Each vendor of the demo, and the option that takes what opens it.
_OPENED_BY: Final = MappingProxyType(
    {
        "servicenow": "--password",
        "jira": "--jira-token",
        "pagerduty": "--pagerduty-token",
        "slack": "--slack-token",
    }
)
# Of the updates, at the start. Of the 890 incidents that the demo replays by default,
# what follows begins on a Wednesday morning, with two busy weeks before it.
_HISTORY: Final = "0.746"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """Where a simulator listens and what opens it; the same at each start.

    An integration remembers both: a new port or password would cut it off.
    password: or a token, where the vendor calls it so.
    """

    port: int
    password: str = field(repr=False)

    @classmethod
    def kept(cls, facts: Mapping[str, Any], *, others: Collection[int] = ()) -> Self:
        """Return the seat of an earlier start, with a new port when that one is taken.

        others: ports that are promised already, though nobody listens there yet.
        """
        wanted, password = facts.get("port"), facts.get("password")
        return cls(
            port=_free_port(wanted if isinstance(wanted, int) else 0, others),
            password=password if isinstance(password, str) else secrets.token_urlsafe(18),
        )

    def facts(self) -> dict[str, object]:
        """Return what ``kept`` reads."""
        return {"port": self.port, "password": self.password}


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """Whom the simulators tell what happens.

    addresses: by vendor, the door that its deliveries go to.
    secret: what signs them all; the same at each start, as the integrations remember it.
    """

    addresses: Mapping[str, str]
    secret: str = field(repr=False)

    @classmethod
    def kept(cls, secret: object, *, addresses: Mapping[str, str]) -> Self:
        """Return the listener with the secret of an earlier start, or else a new one."""
        known = isinstance(secret, str) and secret
        return cls(addresses=addresses, secret=known or secrets.token_urlsafe(32))


def seats(kept: Mapping[str, Any]) -> dict[str, Seat]:
    """Return the seat of each vendor of the demo, new where an earlier start had none."""
    found: dict[str, Seat] = {}
    for vendor in _OPENED_BY:
        others = {seat.port for seat in found.values()}
        found[vendor] = Seat.kept(kept.get(vendor, {}), others=others)
    return found


def _free_port(wanted: int, others: Collection[int]) -> int:
    for port in (wanted, *(0 for _ in range(len(others) + 1))):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((_HOST, port))
            except (OSError, OverflowError):
                continue
            if (free := int(probe.getsockname()[1])) not in others:
                return free
    raise StartRefusedError("no free port for the demo's simulators")


class Greeting:
    """The line in which the simulators say where they listen; later lines are dropped."""

    def __init__(self) -> None:
        """Nothing was heard yet."""
        self._facts: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()

    def hear(self, line: str) -> None:
        """Take a line of the simulators' standard output."""
        if not self._facts.done() and line.startswith("{"):
            self._facts.set_result(json.loads(line))

    async def facts(self, *, seconds: float) -> dict[str, Any]:
        """Return ``simulators`` and ``mappings``; raises TimeoutError.

        simulators: by vendor its ``url``, and its credentials by name.
        mappings: by vendor and field, what the vendor's values are in our words.
        """
        async with asyncio.timeout(seconds):
            return await asyncio.shield(self._facts)


def demo(
    seats: Mapping[str, Seat], listener: Listener, greeting: Greeting, settings: Settings
) -> Program:
    """Return the demo's three vendors, its Slack and its help desk, as one program.

    The vendors keep their records in files in the data folder; the next start goes on with them.
    """
    options = {
        "--host": _HOST,
        "--speed": f"{settings.demo_speed:g}",
        "--rows": str(settings.demo_rows),
        "--history": _HISTORY,
        "--store-dir": str(settings.data_dir),
        "--webhook-secret": listener.secret,
        "--tickets-to": str(settings.data_dir / READY),
    }
    for vendor, seat in seats.items():
        options |= {f"--{vendor}-port": str(seat.port), _OPENED_BY[vendor]: seat.password}
    for vendor, address in listener.addresses.items():
        options[f"--{vendor}-webhook"] = address
    words = [word for option in options.items() for word in option]
    return Program(name="simulators", argv=command(["demo", *words]), hears=greeting.hear)


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
