"""A real Valkey for the tests: the one that the product embeds."""

import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import redis

from im.processes import valkey
from im.processes.child import leash

_START_SECONDS: Final = 10.0


class CannotStartError(Exception):
    """There is no Valkey here; the message says why."""


@contextmanager
def running() -> Iterator[str]:
    """Run a server of our own and give its URL; it dies with this process.

    Raises CannotStartError, and StartRefusedError where there is no binary.
    """
    with (
        tempfile.TemporaryDirectory(prefix="wp-valkey-") as folder,
        valkey.prepared(Path(folder)) as server,
    ):
        held = leash()
        process = subprocess.Popen(  # noqa: S603 — the product's own program
            [*held.prefix, *server.program.argv],
            stdin=subprocess.DEVNULL,
            pass_fds=held.inherited,
            start_new_session=True,
        )
        held.started()
        try:
            _await_answer(server.url, process)
            yield server.url
        finally:
            process.kill()
            process.wait()
            held.close()


def _await_answer(url: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _START_SECONDS
    with redis.Redis.from_url(url) as client:
        while time.monotonic() < deadline:
            try:
                client.ping()
            except redis.ConnectionError:
                try:
                    process.wait(0.02)
                except subprocess.TimeoutExpired:
                    continue
                break
            return
    raise CannotStartError(f"valkey ended or gave no answer: {process.poll()}")
