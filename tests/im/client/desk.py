"""Tickets behind a real server, and the command that asks for them."""

import asyncio
import csv
import io
import json
import re
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from typing import Any

import pytest

from im.__main__ import main
from tests.gql.board import TOKEN
from tests.gql.sla.pane import Pane
from tests.operations.sla.watched import at


class Screen(io.StringIO):
    """A terminal."""

    def isatty(self) -> bool:
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str

    def rows(self) -> list[dict[str, str]]:
        """Return what was printed as CSV."""
        return list(csv.DictReader(io.StringIO(self.out, newline="")))

    def column(self, name: str) -> list[Any]:
        """Return a column of what was printed as JSON."""
        assert self.code == 0, self.err
        return [row[name] for row in json.loads(self.out)]


def im(*words: str, **settings: str) -> Done:
    """Run a command in a pipe; none says its token, and none shows a traceback."""
    return _run(io.StringIO(), words, settings)


def _run(out: io.StringIO, words: Sequence[str], settings: Mapping[str, str]) -> Done:
    err = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "argv", ["im", *words])
        for name in ("IM_URL", "IM_TOKEN", "DATA_DIR"):
            patch.delenv(name, raising=False)
        for name, value in settings.items():
            patch.setenv(name, value)
        with pytest.raises(SystemExit) as ended:
            main()
    done = Done(code=int(ended.value.code or 0), out=out.getvalue(), err=err.getvalue())
    assert TOKEN not in done.out + done.err
    assert "Traceback" not in done.err
    return done


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A server of the whole graph, and the world behind it."""

    pane: Pane
    url: str

    async def list(self, *words: str, **settings: str) -> Done:
        """Run ``im ticket list`` in a pipe, at the time at which the watch looked last."""
        return await self.run(io.StringIO(), "ticket", "list", *words, **settings)

    async def shown(self, *words: str) -> Done:
        """Run it on a terminal."""
        return await self.run(Screen(), "ticket", "list", *words)

    async def run(self, out: io.StringIO, *words: str, **settings: str) -> Done:
        """Run any command, which knows of this server unless settings say otherwise."""
        self.pane.graph.now = self.pane.watched.clock.at
        known = {"IM_URL": self.url, "IM_TOKEN": TOKEN}
        return await asyncio.to_thread(_run, out, words, known | settings)

    async def alerted(self) -> None:
        """Have a ticket that is alerted since 13:24 and breaches at 14:00, and one that is not."""
        await self.pane.watched.send("10:00", "OPEN", key="T-1")
        await self.pane.watched.send("10:00", "PENDING", "P2", key="T-2")
        await self.pane.watched.look("13:30")
        assert self.pane.watched.clock.at == at("13:30")


@dataclass(slots=True, kw_only=True)
class Stranger:
    """A server that says one thing to all, or nothing, and remembers what it was told."""

    url: str = ""
    heard: list[bytes] = field(default_factory=list)


@asynccontextmanager
async def stranger(status: str, body: str | None, *headers: str) -> AsyncIterator[Stranger]:
    """Serve an answer; without a body there is none."""
    lines = [f"HTTP/1.1 {status}", "Connection: close", *headers, "", body or ""]
    answer = None if body is None else "\r\n".join(lines).encode()
    there = Stranger()
    talks: list[asyncio.Task[None] | None] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talks.append(asyncio.current_task())
        head = await reader.readuntil(b"\r\n\r\n")
        there.heard.append(head)
        # Its body too: what is left unread would be answered by a reset.
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        await reader.readexactly(int(length[1]) if length else 0)
        if answer is None:
            await reader.read()
        else:
            writer.write(answer)
        writer.close()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        there.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield there
        await asyncio.gather(*filter(None, talks))
