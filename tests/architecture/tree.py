"""What is in the checkout, read once."""

import ast
import subprocess
import tomllib
from functools import cache
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]


@cache
def tracked() -> tuple[Path, ...]:
    """Return the files that git holds, and those that it would add."""
    words = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603 — a literal command
    return tuple(sorted(ROOT / name for name in done.stdout.split("\0") if (ROOT / name).is_file()))


@cache
def sources() -> tuple[Path, ...]:
    """Return our Python files; migrations are generated."""
    return tuple(
        path for path in tracked() if path.suffix == ".py" and "migrations" not in path.parts
    )


@cache
def tree(path: Path) -> ast.Module:
    """Return a file's syntax tree."""
    return ast.parse(path.read_bytes())


@cache
def project() -> dict[str, Any]:
    """Return ``pyproject.toml``."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def name(path: Path) -> str:
    """Return a path as it is told in a failure."""
    return path.relative_to(ROOT).as_posix()
