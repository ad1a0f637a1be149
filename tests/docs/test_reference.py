import re
from typing import Final

import pytest
import typer

from domain.errors import Refused
from gql.declined import Code
from gql.errors import _SHOWN_AS, UserErrorCode, WarningCode
from gql.options import Options
from gql.protocol import Close
from im.__main__ import app
from im.settings import KEYS, SECRETS
from tests.docs.documents import ROOT, first_cells, table

_SETTINGS: Final = "docs/reference/settings.md"
_GRAPH: Final = "docs/reference/graph.md"
_LOGS: Final = "docs/reference/logs.md"
_CODE: Final = ("im", "gql", "web", "workers", "operations", "adapters", "models")


def _read(path: str) -> str:
    return (ROOT / path).read_text("utf-8")


def _sources(*folders: str) -> str:
    files = (file for folder in folders for file in sorted((ROOT / folder).rglob("*.py")))
    return "\n".join(file.read_text("utf-8") for file in files)


def test_every_setting_is_told_with_its_default() -> None:
    # the example's defaults are checked against the settings themselves
    defaults = dict(re.findall(r"^([A-Z_]+)=(.*)$", _read(".env.example"), re.MULTILINE))
    told = {cells[0].strip("`"): cells[1].strip("`") for cells in table(_SETTINGS, head="setting")}
    assert told == defaults
    assert set(told) == set(KEYS)


@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_is_told_as_one_that_a_file_may_hold(secret: str) -> None:
    (row,) = [row for row in table(_SETTINGS, head="setting") if row[0] == f"`{secret}`"]
    assert "secret" in row[2]
    assert f"`{secret}_FILE`" in _read(_SETTINGS)


def test_every_error_code_is_told() -> None:
    refusals = {one.code for one in Refused.__subclasses__()}
    shown = {_SHOWN_AS.get(code, code) for code in refusals} | set(Code)
    assert set(first_cells(_GRAPH, head="code")) == shown


def test_every_user_error_is_told() -> None:
    told = first_cells(_GRAPH, head="`userErrors { code }`")
    assert set(told) == set(UserErrorCode.__members__)


def test_every_warning_is_told() -> None:
    told = first_cells(_GRAPH, head="`warnings { code }`")
    assert set(told) == set(WarningCode.__members__)


def test_every_close_code_of_ours_is_told() -> None:
    told = {int(code) for code in first_cells(_GRAPH, head="close code")}
    assert {int(code) for code in Close} - told == set()


@pytest.mark.parametrize(
    ("limit", "figures"),
    [
        ("body", [f"{Options().body_bytes >> 20} MiB"]),
        ("depth", [f"{Options().limits.depth}"]),
        ("aliases", [f"{Options().limits.aliases}"]),
        ("fields, fragments expanded", [f"{Options().limits.fields:,}"]),
        ("pairs of equal response names", [f"{Options().limits.merge_pairs:,}"]),
        ("cost of one operation", [f"{Options().cost:,}"]),
        ("cost of a token in a minute", [f"{Options().cost_per_minute:,}"]),
        ("operations on a socket", [f"{Options().operations_per_socket}"]),
        (
            "document",
            [
                f"{Options().limits.characters:,} characters",
                f"{Options().limits.tokens:,} tokens",
                f"{Options().limits.definitions} definitions",
                f"{Options().limits.directives} directives",
            ],
        ),
        (
            "time",
            [
                f"{Options().query_time.total_seconds():g} s a query",
                f"{Options().mutation_time.total_seconds():g} s a mutation",
            ],
        ),
        (
            "sockets",
            [
                f"{Options().sockets:,} a process",
                f"{Options().sockets_per_caller} a token",
            ],
        ),
    ],
)
def test_a_limit_is_told_as_it_is(limit: str, figures: list[str]) -> None:
    (row,) = [row for row in table(_GRAPH, head="limit") if row[0] == limit]
    assert row[1].split(", ") == figures


def test_every_verb_is_told() -> None:
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]  # — a group has commands, and this is one
    shown = {f"im {name}" for name, command in commands.items() if not command.hidden}
    assert set(first_cells("docs/reference/command-line.md", head="verb")) == shown


def test_every_event_of_the_log_is_told() -> None:
    written = re.findall(
        r"\blog\.(?:debug|info|warning|error|exception)\(\s*\"(\w+)\"", _sources(*_CODE)
    )
    told = {
        name.strip("` ") for cells in table(_LOGS, head="event") for name in cells[0].split(",")
    }
    assert written
    assert told == set(written)


def test_every_rule_that_a_docstring_names_is_told() -> None:
    groups = re.findall(
        r"\brules? ([A-Z]\d+[a-z]?(?:(?:, | and )[A-Z]\d+)*)", _sources(*_CODE, "domain")
    )
    named = {rule for group in groups for rule in re.findall(r"[A-Z]\d+[a-z]?", group)}
    pages = ("merge", "events", "drift", "service-levels")
    told = "".join(_read(f"docs/explanation/{page}.md") for page in pages)
    assert named
    assert {rule for rule in named if not re.search(rf"\b{rule}\b", told)} == set()
