"""How each file of ours must look."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.architecture.tree import ROOT, name, sources, tracked, tree

_LONGEST_FILE: Final = 299
_LONGEST_FUNCTION: Final = 49
_VAGUE: Final = frozenset(
    ["utils", "helpers", "common", "base", "misc", "manager", "service", "handler", "processor"]
)
_EXCEPTION: Final = re.compile(r"#.*?(noqa\b|type:\s*ignore)(?P<rest>.*)")
# mypy takes nothing but another comment after its bracket.
_GRANTED: Final = re.compile(
    r"(: [A-Z]+[0-9]+(, ?[A-Z]+[0-9]+)*|\[[a-z-]+(, ?[a-z-]+)*\](  #)?) — \S.*"
)


def test_files_are_shorter_than_300_lines() -> None:
    lengths = {name(path): len(path.read_text("utf-8").splitlines()) for path in sources()}
    assert {path: count for path, count in lengths.items() if count > _LONGEST_FILE} == {}


def test_functions_are_shorter_than_50_lines() -> None:
    lengths = {
        f"{name(path)}:{node.lineno} {node.name}": (node.end_lineno or 0) - node.lineno + 1
        for path in sources()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert {where: count for where, count in lengths.items() if count > _LONGEST_FUNCTION} == {}


def test_no_file_or_folder_has_a_vague_name() -> None:
    parts = {(part, name(path)) for path in tracked() for part in path.relative_to(ROOT).parts}
    assert [path for part, path in parts if part.split(".")[0].lower() in _VAGUE] == []


def test_table_classes_end_in_row() -> None:
    tables = {
        f"{name(path)}: {node.name}"
        for path in sources()
        if path.is_relative_to(ROOT / "models" / "tables")
        for node in tree(path).body
        if isinstance(node, ast.ClassDef) and "Model" in map(_last_name, node.bases)
    }
    assert tables
    assert [table for table in tables if not table.endswith("Row")] == []


def _last_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def test_each_exception_from_a_rule_has_its_code_and_a_reason() -> None:
    assert [
        f"{name(path)}:{line}"
        for path in sources()
        for line, comment in _comments(path)
        if (found := _EXCEPTION.match(comment)) and not _GRANTED.fullmatch(found["rest"])
    ] == []


def test_an_exception_without_code_or_reason_is_found() -> None:
    granted = ["# noqa: S603 — ours", "# type: ignore[no-any-return, misc]  # — untyped"]
    refused = ["# noqa", "# noqa: S603", "# noqa: S603 - ours", "# type: ignore — untyped"]
    found = {text: _EXCEPTION.match(text) for text in granted + refused}
    assert [t for t, m in found.items() if m and _GRANTED.fullmatch(m["rest"])] == granted


def _comments(path: Path) -> Iterator[tuple[int, str]]:
    text = io.StringIO(path.read_text("utf-8"))
    for token in tokenize.generate_tokens(text.readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def test_each_package_says_in_one_line_what_it_is() -> None:
    wrong = []
    folders = {path.parent for path in sources()} - {ROOT}
    for folder in folders:
        init = folder / "__init__.py"
        text = init.read_text("utf-8").strip() if init.exists() else ""
        mark = '"""Watchpane: ' if folder.parent == ROOT else '"""'
        if not re.fullmatch(re.escape(mark) + r'[^\n"]+"""', text):
            wrong.append(name(init))
    assert sorted(wrong) == []
