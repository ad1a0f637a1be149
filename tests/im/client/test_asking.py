"""Whatever goes wrong between a command and its server ends in one line and one status."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from im.client import asking
from im.client.asking import Graph, graph_of
from im.client.connection import Connection
from im.client.failure import CommandError, Exit
from im.secret import Secret
from tests import given
from tests.gql.board import TOKEN
from tests.gql.wire import served
from tests.im.client.desk import Desk, Done, im, stranger

_LIST = """
query($first: Int!, $after: String) {
  tickets(first: $first, after: $after, orderBy: {field: UPDATED_AT, direction: ASC}) {
    edges { node { id sourceId title } } pageInfo { hasNextPage endCursor }
  }
}
"""


async def _told(status: str, body: str | None, *headers: str) -> Done:
    """Ask a stranger."""
    async with stranger(status, body, *headers) as there:
        words = ("ticket", "list", "--format", "csv")
        done = await asyncio.to_thread(im, *words, IM_URL=there.url, IM_TOKEN=TOKEN)
    assert all(f"Authorization: Bearer {TOKEN}".encode() in heard for heard in there.heard)
    assert done.out == ""
    assert [line.split(":")[0] for line in done.err.splitlines()] in (["error"], ["error", "hint"])
    return done


def _refusal(code: str) -> str:
    return json.dumps({"errors": [{"message": f"No:\n{code}", "extensions": {"code": code}}]})


async def test_a_wrong_token_is_told_with_what_to_do(desk: Desk) -> None:
    done = await desk.list(IM_TOKEN="wp_wrong")  # noqa: S106 — opens nothing
    assert (done.code, done.out) == (4, "")
    assert done.err.startswith("error: Send a valid access token")
    assert "hint: the token is wrong, revoked or expired" in done.err
    assert "wp_wrong" not in done.err


@pytest.mark.parametrize(
    ("code", "exit_code"),
    [
        ("INTERNAL", 1),
        ("GRAPHQL_VALIDATION_FAILED", 1),
        ("A_NEW_ONE", 1),
        ("BAD_INPUT", 2),
        ("NOT_FOUND", 3),
        ("FORBIDDEN", 4),
        ("TIMEOUT", 6),
        ("UNAVAILABLE", 6),
    ],
)
async def test_a_refusal_has_its_status(code: str, exit_code: int) -> None:
    done = await _told("200 OK", _refusal(code))
    assert done.code == exit_code
    assert done.err.splitlines()[0] == f"error: No: {code}"


@pytest.mark.parametrize(
    ("status", "body", "exit_code"),
    [
        ("200 OK", "<html>Welcome</html>", 1),
        ("404 Not Found", "{}", 1),
        ("200 OK", '["data"]', 1),
        ("302 Found", "", 1),
        ("500 Internal Server Error", "", 1),
        ("429 Too Many Requests", "later", 1),
        ("502 Bad Gateway", "<html>Nobody</html>", 6),
        ("200 OK", '{"data": {}, "errors": ["odd"]}', 1),
    ],
)
async def test_what_is_no_graph_is_told(status: str, body: str, exit_code: int) -> None:
    done = await _told(status, body, "Retry-After: 9999", "Location: http://a.test")
    assert done.code == exit_code
    assert f"answered {status[:3]}, and not as a graph does" in done.err


async def test_a_server_that_is_away_is_told() -> None:
    async with stranger("200 OK", "") as there:
        pass
    done = im("ticket", "list", IM_URL=there.url, IM_TOKEN=TOKEN)
    assert done.code == 6
    assert f"error: {there.url} cannot be reached" in done.err
    assert "hint: look whether Watchpane runs there" in done.err


async def test_a_server_that_says_nothing_is_not_waited_for_without_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(asking, "TIMEOUT_SECONDS", 0.1)
    done = await _told("200 OK", None)
    assert (done.code, "did not answer within 0.1 s" in done.err) == (6, True)


def _asked(url: str, use: Callable[[Graph], Any], **options: Any) -> Any:  # noqa: ANN401 — any answer
    with graph_of(Connection(url=url, token=Secret(TOKEN)), **options) as graph:
        return use(graph)


async def test_a_spent_allowance_is_waited_for(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    seconds = [0.0]

    def pause(waited: float) -> None:
        seconds.append(seconds[-1] + waited)

    for number in range(150):
        await given.ticket(source_id=f"T-{number}")
    # enough for one page a minute
    door = desk.pane.graph.door(cost_per_minute=150, monotonic=lambda: seconds[-1])
    async with served(door) as wire:
        found, has_more = await asyncio.to_thread(
            _asked,
            f"http://127.0.0.1:{wire.port}",
            lambda graph: graph.rows(_LIST, {}, limit=None),
            pause=pause,
        )
    assert (len(found), has_more) == (150, False)
    assert seconds == [0.0, 22.0]
    assert capsys.readouterr().err == "waiting 22 s: the server takes no more until then\n"


def test_a_failure_is_told_in_single_lines() -> None:
    failure = CommandError(Exit.REFUSED, "two\n  lines", hint="")
    assert failure.lines() == ["error: two lines"]
