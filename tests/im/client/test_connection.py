"""A command finds the Watchpane of this machine, and shows its token to no other."""

from pathlib import Path

import pytest

from im.client.connection import connection
from im.processes.data_dir import READY, write_private
from tests.gql.board import TOKEN
from tests.im.client.desk import Desk, im, stranger

_CUT = ("--columns", "sourceId", "--no-headers", "--format", "csv")


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand where no settings are."""
    monkeypatch.chdir(tmp_path)


def _runs(folder: Path, url: str) -> str:
    write_private(folder / READY, {"url": url, "token": TOKEN, "simulators": {}})
    return str(folder)


async def test_without_an_address_the_one_of_this_machine_is_asked(
    desk: Desk, tmp_path: Path
) -> None:
    await desk.alerted()
    local = {"IM_URL": "", "IM_TOKEN": "", "DATA_DIR": _runs(tmp_path, desk.url)}
    for words, env in (([], local), (["--url", f"{desk.url}/"], local)):
        done = await desk.list(*_CUT, *words, **env)
        assert (done.code, sorted(done.out.split())) == (0, ["T-1", "T-2"]), done.err


async def test_an_option_goes_before_the_environment(desk: Desk) -> None:
    away = {"IM_URL": "http://127.0.0.1:1", "IM_TOKEN": "wp_wrong"}
    done = await desk.list(*_CUT, "--url", desk.url, "--token", TOKEN, **away)
    assert (done.code, done.err) == (0, "")


async def test_the_token_of_this_machine_is_not_shown_to_another(tmp_path: Path) -> None:
    async with stranger("200 OK", "{}") as there:
        done = im("ticket", "list", "--url", there.url, DATA_DIR=_runs(tmp_path, "http://a.test"))
    assert (done.code, there.heard) == (4, [])
    assert f"error: there is no token for {there.url}" in done.err
    assert "hint: set IM_TOKEN" in done.err


def test_nothing_that_runs_here_cannot_be_reached(tmp_path: Path) -> None:
    done = im("ticket", "list", DATA_DIR=str(tmp_path))
    assert done.code == 6
    assert "error: no Watchpane runs on this machine" in done.err


@pytest.mark.parametrize("url", ["localhost:8000", "ftp://a.test", "http://ann:secret@a.test", "?"])
def test_what_is_no_address_is_a_wrong_use_and_is_not_repeated(url: str) -> None:
    done = im("ticket", "list", IM_URL=url, IM_TOKEN=TOKEN)
    assert done.code == 2
    assert "error: --url must be such as https://watchpane.example.com" in done.err
    assert url not in done.err


@pytest.mark.parametrize("url", ["http://a:x", "http://[::1", "http://a..test"])
def test_an_address_that_leads_nowhere_is_a_wrong_use(url: str) -> None:
    done = im("ticket", "list", IM_URL=url, IM_TOKEN=TOKEN)
    assert (done.code, "address" in done.err) == (2, True)


@pytest.mark.parametrize("token", ["wp_a b", "wp_ü", "wp_a\nX-Other: b"])
def test_what_is_no_token_is_a_wrong_use_and_is_not_repeated(token: str) -> None:
    done = im("ticket", "list", IM_URL="http://a.test", IM_TOKEN=token)
    assert (done.code, "wp_" in done.err) == (2, False)
    assert "error: --token has characters that no token has" in done.err


def test_the_line_end_of_a_file_is_no_part_of_its_token() -> None:
    at = connection("https://a.test/", f"{TOKEN}\n")
    assert (at.url, at.token.reveal()) == ("https://a.test", TOKEN)
    assert TOKEN not in repr(at)
