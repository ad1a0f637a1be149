"""What is where, and that the lists of it agree."""

import ast
import re
from typing import Final

import pytest

from im import origin
from tests.architecture.tree import ROOT, name, project, sources, tracked, tree

_TOP_LEVEL: Final = (
    "pyproject.toml",
    "schema.graphql",
    "Makefile",
    "docker-compose.yml",
    "Dockerfile",
    ".env.example",
    ".ci/run",
    ".githooks/pre-commit",
    "README.md",
    "CHANGELOG.md",
    "LICENSE",
)
# Folders of the checkout that are not in the wheel.
_CHECKOUT_ONLY: Final = frozenset({"simulators", "tests", "tools"})
_CHOSEN: Final = frozenset(
    {
        "strawberry",
        "starlette",
        "uvicorn",
        "tortoise",
        "aiosqlite",
        "asyncpg",
        "arq",
        "redis",
        "httpx",
        "pytest_asyncio",
    }
)
# Written in pieces, so that this file passes its own rule.
_REGISTRIES: Final = tuple(
    f"{host}.{end}"
    for host, end in [
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("crates", "io"),
    ]
)
_SLASH: Final = "/"
_HOME: Final = re.compile(r"(?<![\w.~}])/(?:home|Users|root|work)/[\w.-]+")


def test_wheel_contracts_origin_and_folders_are_one_list() -> None:
    tool = project()["tool"]
    wheel = set(tool["hatch"]["build"]["targets"]["wheel"]["packages"])
    folders = {path.parent.name for path in sources() if path.parent.parent == ROOT}
    assert folders - _CHECKOUT_ONLY == wheel
    assert set(tool["importlinter"]["root_packages"]) == wheel | {"simulators"}
    assert set(origin.PACKAGES) == wheel


@pytest.mark.parametrize("file", _TOP_LEVEL)
def test_the_top_level_is_complete(file: str) -> None:
    assert (ROOT / file).is_file()


def test_each_chosen_library_is_used() -> None:
    used = {
        module.split(".")[0]
        for path in sources()
        for node in ast.walk(tree(path))
        for module in _imported(node)
    }
    assert _CHOSEN - used == set()


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [node.module or ""]
    return []


def test_no_file_names_a_package_registry_or_somebodys_folder() -> None:
    found = []
    for path in tracked():
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{name(path)}: {host}" for host in _REGISTRIES if host in text]
        found += [f"{name(path)}: {match[0]}" for match in _HOME.finditer(text)]
    assert found == []


@pytest.mark.parametrize(
    ("text", "is_found"),
    [(f"cd {_SLASH}home/ann/x", True), (f'"{_SLASH}root/.cache"', True), ("~/home/x", False)],
)
def test_somebodys_folder_is_found(text: str, is_found: bool) -> None:
    assert bool(_HOME.search(text)) is is_found
