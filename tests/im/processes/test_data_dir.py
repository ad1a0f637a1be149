"""The data folder: one supervisor at a time, private files, whole or not at all."""

import asyncio
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest

from im.processes.data_dir import claimed, read_private, write_private
from im.refusal import StartRefusedError
from tests.im.processes.parents import ROOT, python

_HOLDS = """
import signal, sys
from pathlib import Path
from im.processes.data_dir import claimed
with claimed(Path(sys.argv[1])):
    print("held", flush=True)
    signal.pause()
"""


async def test_a_second_supervisor_is_refused_until_the_first_is_dead(tmp_path: Path) -> None:
    first = await asyncio.create_subprocess_exec(
        *python(_HOLDS, str(tmp_path)), stdout=PIPE, cwd=ROOT
    )
    assert first.stdout is not None
    assert await first.stdout.readline() == b"held\n"
    with pytest.raises(StartRefusedError, match="already running"), claimed(tmp_path):
        pass
    first.kill()
    await first.wait()
    with claimed(tmp_path):
        pass


def test_a_folder_is_made_private(tmp_path: Path) -> None:
    with claimed(tmp_path / "a" / "b"):
        assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o700


def test_a_folder_that_cannot_be_made_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(StartRefusedError, match="cannot be written") as refused,
        claimed(tmp_path / "file" / "data"),
    ):
        pass
    assert "\n" not in str(refused.value)


def test_private_files_are_replaced_whole_and_for_the_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "ready.json"
    path.write_text("old")
    path.chmod(0o644)
    write_private(path, {"token": "t"})
    assert read_private(path) == {"token": "t"}
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff"])
def test_a_damaged_private_file_reads_as_empty(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "demo.json"
    path.write_bytes(content)
    assert read_private(path) == {}
    assert read_private(tmp_path / "absent.json") == {}
