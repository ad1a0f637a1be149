import json
import re
from typing import Final

import pytest
import typer
from graphql import build_schema, parse, validate

from im.__main__ import app
from tests.docs.documents import ROOT, Block, blocks_in, documents, spans

_VERBS: Final = frozenset(typer.main.get_command(app).commands)  # type: ignore[attr-defined]  # — a group has commands, and this is one
_TARGETS: Final = frozenset(
    re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
)
_SCHEMA: Final = build_schema((ROOT / "schema.graphql").read_text("utf-8"))
_CALL: Final = re.compile(r"^(?:[A-Z_]+=\S+ )*(im|make) ([a-z]\S*)")
_BODY: Final = re.compile(r"""-d '(\{"query".*?\})'""", re.DOTALL)


@pytest.mark.parametrize("block", blocks_in("graphql"), ids=str)
def test_an_operation_fits_the_schema(block: Block) -> None:
    assert validate(_SCHEMA, parse(block.text)) == []


def test_an_operation_in_a_shell_line_fits_the_schema() -> None:
    bodies = [body for block in blocks_in("sh") for body in _BODY.findall(block.text)]
    assert bodies
    for body in bodies:
        assert validate(_SCHEMA, parse(json.loads(body)["query"])) == []


def _is_there(line: str) -> bool:
    call = _CALL.match(line)
    if call is None:
        return True
    return call[2] in (_VERBS if call[1] == "im" else _TARGETS)


@pytest.mark.parametrize("block", blocks_in("sh"), ids=str)
def test_a_shell_line_names_what_is_there(block: Block) -> None:
    assert [line for line in block.text.splitlines() if not _is_there(line)] == []


def test_a_command_in_the_prose_names_what_is_there() -> None:
    named = [span for document in documents() for span in spans(document)]
    assert [span for span in named if not _is_there(span)] == []


def test_a_verb_that_is_not_there_is_found() -> None:
    assert _is_there("im run --demo")
    assert _is_there("PORT=8010 make run")
    assert not _is_there("im fly")
    assert not _is_there("make coffee")


def test_blocks_are_in_languages_that_are_looked_at() -> None:
    known = {"", "graphql", "ini", "javascript", "json", "python", "sh", "sql"}
    looked_at = {block.language for name in known for block in blocks_in(name)}
    everything = {
        found
        for document in documents()
        for found in re.findall(r"^```(\w+)$", document.read_text("utf-8"), re.MULTILINE)
    }
    assert everything <= looked_at
