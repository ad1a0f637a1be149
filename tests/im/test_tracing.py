"""Sync operations are traced, and the spans go where the settings say."""

import asyncio
import json
import re
import sys
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from im.tracing import EXPORT_SECONDS
from tests.im.processes.parents import ROOT

# The brief's names of what each sync operation tells of itself.
ATTRIBUTES = {"sync.integration_id", "sync.integration_type", "sync.direction"}
ALL = ATTRIBUTES | {"sync.incident_id", "sync.external_id"}
_MAKES_A_SPAN = """
import sys
from im.tracing import exported
from operations.span import span
from domain.exchange import FlowDirection
with exported(endpoint=sys.argv[1], file=None, process="worker"):
    with span("x", integration_id="i", integration_type="t", direction=FlowDirection.INBOUND):
        pass
"""


async def run(*words: str) -> None:
    """Run Python in a process of its own: it can have its spans exported once only."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "error", *words), cwd=ROOT, stderr=asyncio.subprocess.PIPE
    )
    _, told = await process.communicate()
    assert process.returncode == 0, told.decode()


@asynccontextmanager
async def collector(paths: list[str]) -> AsyncIterator[str]:
    """Give the address of what takes spans, and notes at which paths they came."""

    async def answer(reader: StreamReader, writer: StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = re.search(r"content-length: (\d+)", head)
        assert length is not None
        await reader.readexactly(int(length[1]))
        paths.append(head.split()[1])
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def test_sync_operations_are_traced_with_the_briefs_attributes(tmp_path: Path) -> None:
    file, paths = tmp_path / "spans.jsonl", list[str]()
    async with collector(paths) as endpoint:
        await run("-m", "tests.im.traced", str(file), str(tmp_path / "watchpane.db"), endpoint)
    text = file.read_text()
    spans = [json.loads(line) for line in text.splitlines()]
    told = [(span["name"], set(span["attributes"])) for span in spans]
    assert told == [
        ("sync.pull", ATTRIBUTES),
        ("sync.push", ALL),
        ("sync.webhook", ALL),
        ("sync.apply", ALL),
        # A record that is not mirrored yet is no incident at the door.
        ("sync.webhook", ALL - {"sync.incident_id"}),
        ("sync.apply", ALL),
    ]
    about = [span["attributes"] for span in spans]
    inbound, outbound = ["inbound"], ["outbound"]
    assert [one["sync.direction"] for one in about] == inbound + outbound + inbound * 4
    assert {one["sync.integration_type"] for one in about} == {"servicenow"}
    assert len({one["sync.incident_id"] for one in about[1:4]}) == 1
    assert len({one["sync.external_id"] for one in about[1:4]}) == 1
    resource = spans[1]["resource"]["attributes"]
    assert (resource["service.name"], resource["watchpane.process"]) == ("watchpane", "worker")
    # What is left at the end is sent, too.
    assert set(paths) == {"/v1/traces"}
    for said in ("open sesame", "It burns", "It is slow"):
        assert said not in text


async def test_a_collector_that_is_away_holds_the_end_up_for_a_moment_only() -> None:
    async with collector([]) as endpoint:
        pass
    loop = asyncio.get_running_loop()
    began = loop.time()
    await run("-c", _MAKES_A_SPAN, endpoint)
    # Starting Python takes most of it on a busy machine.
    assert loop.time() - began < EXPORT_SECONDS + 10
