"""The documents, and what stands in them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]

_FENCE: Final = re.compile(
    r"^(?P<mark>`{3,})(?P<language>\w*)\n(?P<text>.*?)^(?P=mark)$", re.MULTILINE | re.DOTALL
)
_SPAN: Final = re.compile(r"`([^`\n]+)`")
_RULE: Final = re.compile(r":?-+:?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A fenced block: its document, its language, its text."""

    document: Path
    language: str
    text: str

    def __str__(self) -> str:
        """Name it in a failure by its document and first line."""
        return f"{self.document.relative_to(ROOT)}: {self.text.partition(chr(10))[0]}"


@cache
def documents() -> tuple[Path, ...]:
    """Return all Markdown files of ours."""
    return (ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md")))


def blocks(document: Path) -> list[Block]:
    """Return the fenced blocks of a document, in order."""
    return [
        Block(document=document, language=found["language"], text=found["text"])
        for found in _FENCE.finditer(document.read_text("utf-8"))
    ]


def blocks_in(language: str) -> list[Block]:
    """Return the blocks in one language, of all documents."""
    found = (block for document in documents() for block in blocks(document))
    return [block for block in found if block.language == language]


def prose(document: Path) -> str:
    """Return a document without its fenced blocks."""
    return _FENCE.sub("", document.read_text("utf-8"))


def spans(document: Path) -> list[str]:
    """Return what stands in backticks in the prose."""
    return _SPAN.findall(prose(document))


def first_cells(document: str, *, head: str) -> list[str]:
    """Return the backticked names in the first column of the table with this first heading."""
    return [cells[0].strip("`") for cells in table(document, head=head)]


def table(document: str, *, head: str) -> list[list[str]]:
    """Return the rows of the table whose first heading is ``head``. Raises ValueError."""
    for rows in _tables((ROOT / document).read_text("utf-8")):
        if rows[0][0] == head:
            return rows[2:]
    raise ValueError(f"{document} has no table with the first heading {head!r}")


def _tables(text: str) -> Iterator[list[list[str]]]:
    rows: list[list[str]] = []
    for line in [*text.splitlines(), ""]:
        if line.startswith("|"):
            rows.append([cell.strip() for cell in line.strip("|").split("|")])
            continue
        if len(rows) > 1 and all(_RULE.fullmatch(cell) for cell in rows[1]):
            yield rows
        rows = []
