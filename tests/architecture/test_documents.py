"""Documents that must agree with the code."""

import re
from typing import Final

import pytest

from tests.architecture.tree import ROOT, project

_NAMED_TEST: Final = re.compile(r"`(tests/[\w/.]+\.py)::(\w+)`")
_NAME: Final = re.compile(r"[A-Za-z0-9._-]+")


def _read(path: str) -> str:
    file = ROOT / path
    assert file.is_file(), f"{path} is missing"
    return file.read_text("utf-8")


def _proofs() -> list[str]:
    """Return the last cell of each row of the feature tables."""
    rows = [line.strip() for line in _read("docs/features.md").splitlines()]
    cells = [row.strip("|").split("|")[-1].strip() for row in rows if row.startswith("|")]
    heads = {number for number, cell in enumerate(cells) if re.fullmatch(r":?-+:?", cell)}
    heads |= {number - 1 for number in heads}
    return [cell for number, cell in enumerate(cells) if number not in heads]


def test_each_feature_names_its_tests_or_says_not_yet() -> None:
    proofs = _proofs()
    assert proofs
    assert [cell for cell in proofs if cell != "not yet" and not _NAMED_TEST.search(cell)] == []


def test_the_tests_that_features_name_exist() -> None:
    missing = []
    for path, test in _NAMED_TEST.findall("\n".join(_proofs())):
        file = ROOT / path
        text = file.read_text("utf-8") if file.is_file() else ""
        if not re.search(rf"^(async )?def {test}\(", text, re.MULTILINE):
            missing.append(f"{path}::{test}")
    assert missing == []


def _direct() -> list[str]:
    written = project()
    entries = written["project"]["dependencies"] + written["dependency-groups"]["dev"]
    return [match[0] for entry in entries if (match := _NAME.match(entry))]


@pytest.mark.parametrize("library", _direct())
def test_each_direct_dependency_is_accounted_for(library: str) -> None:
    assert re.search(rf"`{re.escape(library)}`", _read("docs/dependencies.md"))


def test_the_written_schema_is_the_printed_one() -> None:
    from gql.schema import sdl  # noqa: PLC0415 — it takes a second; only this test needs it

    assert _read("schema.graphql") == sdl(), "run: make schema"
