"""A Valkey that can go away and come back under the same address."""

import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from im.processes import valkey
from im.processes.child import leash


class Restartable:
    """A server of one test; not started at first."""

    def __init__(self, server: valkey.Valkey) -> None:
        self._server = server
        self._process: subprocess.Popen[bytes] | None = None
        self._held = leash()
        self.url = server.url

    async def start(self) -> None:
        self._held = leash()
        self._process = subprocess.Popen(  # noqa: ASYNC220, S603 — returns at once; our program
            [*self._held.prefix, *self._server.program.argv],
            stdin=subprocess.DEVNULL,
            pass_fds=self._held.inherited,
            start_new_session=True,
        )
        self._held.started()
        await self._server.ready()

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._held.close()
            self._process = None


@asynccontextmanager
async def restartable() -> AsyncIterator[Restartable]:
    """Run a server that the test may stop and start again."""
    with (
        tempfile.TemporaryDirectory(prefix="wp-valkey-") as folder,
        valkey.prepared(Path(folder)) as server,
    ):
        redis = Restartable(server)
        await redis.start()
        try:
            yield redis
        finally:
            redis.stop()
