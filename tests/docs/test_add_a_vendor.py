"""The vendor of the page "Add a vendor" is built from it, in a copy of the checkout."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.architecture.tree import project, tracked
from tests.docs.documents import ROOT, blocks

_PAGE: Final = ROOT / "docs" / "how-to" / "add-a-vendor.md"
_REGISTRY: Final = "adapters/registry.py"
# What imports its own kind only, so that a vendor may stand between any two.
_PLACES: Final = ("adapters/hotline/", "simulators/hotline", "tests/adapters/")


def _files() -> dict[str, str]:
    """Return the page's Python by the file that the first line of each block names."""
    python = [block.text for block in blocks(_PAGE) if block.language == "python"]
    parts = [text.partition("\n") for text in python]
    return {named.removeprefix("# "): text for named, _, text in parts}


def _with_lines(registry: str, added: str) -> str:
    """Return the registry with each added line where the alphabet wants it, among its like."""
    lines = registry.splitlines(keepends=True)
    for line in added.splitlines(keepends=True):
        alike = ".manifest import " if line.startswith("from ") else ".key: "
        places = [place for place, old in enumerate(lines) if alike in old]
        after = [place for place in places if lines[place] > line]
        lines.insert(after[0] if after else places[-1] + 1, line)
    return "".join(lines)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of our Python with the page's vendor in it."""
    copy = tmp_path_factory.mktemp("checkout")
    needed = {*project()["tool"]["mypy"]["packages"], "policies", "pyproject.toml"}
    needed.add("sla_config.yaml")
    for path in tracked():
        name = path.relative_to(ROOT)
        if name.parts[0] in needed and not name.is_relative_to("simulators/data"):
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copy / name)
    for file, text in _files().items():
        place = copy / file
        place.parent.mkdir(exist_ok=True)
        is_list = file == _REGISTRY
        place.write_text(_with_lines(place.read_text("utf-8"), text) if is_list else text, "utf-8")
    return copy


def _run(checkout: Path, *words: str | Path) -> None:
    """Run a tool of this environment in the copy; what it says is the failure."""
    tool = Path(sys.executable).with_name(str(words[0]))
    done = subprocess.run(  # noqa: S603 — of our own environment
        [tool, *words[1:]], cwd=checkout, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_vendor_changes_no_file_but_the_registry() -> None:
    files = _files()
    assert [file for file in files if (ROOT / file).exists()] == [_REGISTRY]
    assert all(file.startswith(_PLACES) for file in files.keys() - {_REGISTRY})


def test_the_registry_is_given_one_entry_and_its_import() -> None:
    before = (ROOT / _REGISTRY).read_text("utf-8")
    after = _with_lines(before, _files()[_REGISTRY]).splitlines()
    added = _files()[_REGISTRY].splitlines()
    assert len(added) == 2
    assert [line for line in after if line not in added] == before.splitlines()


def test_the_code_of_the_page_keeps_the_rules(checkout: Path) -> None:
    files = list(_files())
    _run(checkout, "ruff", "check", "--no-cache", *files)
    _run(checkout, "ruff", "format", "--no-cache", "--check", *files)
    _run(checkout, "lint-imports", "--no-cache")


def test_the_vendor_of_the_page_keeps_the_contract_and_is_mirrored(checkout: Path) -> None:
    chosen = ("-k", "hotline and not postgres", "-p", "no:cacheprovider")
    _run(checkout, "pytest", "tests/adapters/contract", "tests/adapters/hotline", *chosen)
