"""The page on reports of service levels does what it says, in a shell."""

import asyncio
import csv
import json
import shlex
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest
from structlog.testing import capture_logs

from im.client.failure import Exit
from im.client.tickets import COLUMNS
from im.settings import child_environment
from models.database import DatabaseAt
from tests.docs.documents import ROOT, blocks, spans, table
from tests.gql.board import TOKEN
from tests.gql.sla.pane import Pane
from tests.gql.wire import served
from tests.operations.sla.watched import POLICY, Watched

_NAME: Final = "docs/how-to/report-service-levels.md"
_PAGE: Final = ROOT / _NAME


@pytest.fixture
async def url(database: DatabaseAt, tmp_path: Path) -> AsyncIterator[str]:
    """A server with a ticket that is late, one that will be, and one that waits."""
    watched = Watched(database=database, path=tmp_path / "watched.yaml")
    with capture_logs():
        await watched.go_by(POLICY)
        await watched.send("10:00", "OPEN", "P1", key="LATE")
        await watched.send("10:01", "OPEN", "P2", key="SOON")
        await watched.send("10:00", "PENDING", "P1", key="WAITS")
        await watched.look("14:20")
        pane = Pane(watched=watched)
        pane.graph.now = watched.clock.at
        async with served(pane.graph.door()) as wire:
            yield f"http://127.0.0.1:{wire.port}"


def commands() -> list[str]:
    """Return the page's lines that ask."""
    lines = [
        line
        for block in blocks(_PAGE)
        if block.language == "sh"
        for line in block.text.splitlines()
    ]
    return [line for line in lines if line.startswith("im ")]


async def said(line: str, folder: Path, url: str) -> str:
    """Run a line of the page in a folder; return what it prints."""
    here = shlex.quote(str(Path(sys.executable).parent))
    shell = await asyncio.create_subprocess_shell(
        f"PATH={here}:$PATH; {line}",
        cwd=folder,
        env=child_environment({"IM_URL": url, "IM_TOKEN": TOKEN}),
        stdout=PIPE,
        stderr=PIPE,
    )
    out, err = await shell.communicate()
    assert (shell.returncode, err) == (0, b""), (line, err)
    return out.decode()


# A page says the same whatever the database.
@pytest.mark.parametrize("database_at", ["sqlite"], indirect=True)
async def test_the_pages_lines_print_what_it_says(url: str, tmp_path: Path) -> None:
    printed = [await said(line, tmp_path, url) for line in commands()]
    with (tmp_path / "tickets.csv").open(newline="", encoding="utf-8") as file:
        exported = list(csv.DictReader(file))
    assert {row["sourceId"]: row["resolutionRemaining"] for row in exported} == {
        "LATE": "'-PT20M",
        "SOON": "PT3H40M",
        "WAITS": "PT4H",
    }
    read = json.loads((tmp_path / "tickets.json").read_text("utf-8"))
    assert [row["sourceId"] for row in read] == [row["sourceId"] for row in exported]
    assert [row["resolutionRemaining"] for row in read if row["sourceId"] == "LATE"] == ["-PT20M"]
    assert printed[:2] == ["", ""]
    assert [[line.split("\t")[0] for line in text.splitlines()] for text in printed[2:]] == [
        ["sourceId", "LATE"],
        ["sourceId", "SOON", "WAITS"],
        ["sourceId", "WAITS"],
        ["SOON", "LATE"],
    ]


def test_the_page_names_every_column() -> None:
    told = [name.strip("`") for row in table(_NAME, head="column") for name in row[0].split(", ")]
    assert sorted(told) == sorted(COLUMNS)
    assert set(told) <= set(spans(_PAGE))


def test_the_reference_names_every_status() -> None:
    told = {int(row[0]) for row in table("docs/reference/command-line.md", head="status")}
    assert told == {0, 130} | {int(one) for one in Exit}
