"""The query page: complete, and asking no other host for anything."""

import re
from pathlib import Path

import httpx
import pytest

from web.graphiql import graphiql

ROOT = Path(__file__).parents[2]
FILES = ROOT / "web" / "static" / "graphiql"


@pytest.fixture
async def page() -> httpx.Response:
    transport = httpx.ASGITransport(graphiql)
    async with httpx.AsyncClient(transport=transport, base_url="http://watchpane.test") as client:
        return await client.get("/graphql")


def test_the_page_is_html_and_never_old(page: httpx.Response) -> None:
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["cache-control"] == "no-cache"
    assert page.headers["vary"] == "Accept, Authorization"


@pytest.mark.parametrize(
    "rule",
    ["default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'"],
)
def test_the_page_may_reach_its_own_host_only(page: httpx.Response, rule: str) -> None:
    policy = page.headers["content-security-policy"]
    assert rule in policy.split("; ")
    assert "//" not in policy


def test_the_page_has_no_script_of_its_own(page: httpx.Response) -> None:
    assert re.findall(r"<script[^>]*>(.+?)</script>", page.text) == []
    assert not re.search(r"https?://", page.text)


def test_every_file_that_is_named_is_there(page: httpx.Response) -> None:
    named = set(re.findall(r'"/static/graphiql/([^"]+)"', page.text))
    assert {Path(name).suffix for name in named} == {".js", ".css"}
    for name in list(named):
        text = (FILES / name).read_text()
        named |= set(re.findall(r"/static/graphiql/([\w.-]+)", text))
        named |= set(re.findall(r"\./([\w-]+\.ttf)", text))
    assert len(named) >= 6
    assert [name for name in named if not (FILES / name).is_file()] == []


def test_files_are_named_after_their_contents() -> None:
    built = [path for path in FILES.iterdir() if path.suffix in (".js", ".css", ".ttf")]
    assert all(re.search(r"-[A-Z0-9]{8}\.\w+$", path.name) for path in built)
    assert len(built) == len({path.name.partition("-")[0] + path.suffix for path in built})


def test_the_examples_are_the_documented_ones_separated_by_titles() -> None:
    text = (FILES / "examples.graphql").read_text()
    documented = (ROOT / "docs" / "reference" / "examples.graphql").read_text()
    assert text == documented, "run `make schema`"
    titles = re.findall(r"^# --- \S.*$", text, flags=re.MULTILINE)
    operations = re.findall(r"^(?:query|mutation|subscription) \w+", text, flags=re.MULTILINE)
    assert 0 < len(titles) <= len(operations)


def test_the_lock_file_names_no_place_to_download_from() -> None:
    lock = (ROOT / "tools" / "graphiql" / "package-lock.json").read_text()
    assert '"resolved"' not in lock
    assert '"integrity"' in lock
