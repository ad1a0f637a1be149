"""Prints rows as a table, as plain lines, as CSV or as JSON."""

import csv
import json
import sys
from collections.abc import Mapping, Sequence
from enum import StrEnum
from io import TextIOWrapper
from typing import Annotated, Any, Final

import typer

from im.client.failure import CommandError, Exit
from im.client.words import one_of, words

Row = Mapping[str, Any]

# A longer cell of a table is cut; other forms cut nothing.
WIDEST: Final = 40
# With which a spreadsheet takes a cell for a formula.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


class Format(StrEnum):
    """How rows are printed."""

    TABLE = "table"
    TSV = "tsv"
    CSV = "csv"
    JSON = "json"

    @property
    def is_report(self) -> bool:
        """Whether a program reads it, so that it is to be complete."""
        return self in (Format.CSV, Format.JSON)


FormatWord = Annotated[
    str,
    typer.Option(
        "--format",
        metavar="FORMAT",
        show_default=False,
        help=f"One of {words(Format)}; without it a table on a terminal, else tsv: plain lines "
        "with tabs between.",
    ),
]
ColumnNames = Annotated[
    str, typer.Option("--columns", metavar="A,B", show_default=False, help="These, in this order.")
]
NoHeaders = Annotated[bool, typer.Option("--no-headers", help="Without the names of columns.")]


def format_of(word: str) -> Format:
    """Return the form that a word means, or that fits where standard output goes."""
    if word:
        return one_of(Format, "--format", word)
    return Format.TABLE if sys.stdout.isatty() else Format.TSV


def columns_of(text: str, known: Sequence[str]) -> tuple[str, ...]:
    """Return the columns that a text names. Raises CommandError."""
    names = tuple(name.strip() for name in text.split(","))
    for name in names:
        if name not in known:
            hint = f"there are {', '.join(known)}"
            raise CommandError(Exit.USAGE, f'--columns has no "{name}"', hint=hint)
    return names


def show(
    rows: Sequence[Row], columns: Sequence[str], form: Format, *, has_headers: bool = True
) -> None:
    """Print columns of rows to standard output; a column that a row lacks is null.

    CSV is that of RFC 4180, in UTF-8 as JSON is. A cell with which a spreadsheet would compute
    gets an apostrophe in front.
    """
    _take_any_letter(form)
    if form is Format.JSON:
        shown = [{name: row.get(name) for name in columns} for row in rows]
        print(json.dumps(shown, indent=2, ensure_ascii=False))
        return
    lines = [list(columns)] if has_headers else []
    lines += [[_text(row.get(name)) for name in columns] for row in rows]
    match form:
        case Format.CSV:
            csv.writer(sys.stdout).writerows([_inert(cell) for cell in line] for line in lines)
        case Format.TSV:
            for line in lines:
                print("\t".join(_printable(cell) for cell in line))
        case Format.TABLE:
            _print_table([[_cut(_printable(cell)) for cell in line] for line in lines])


def _take_any_letter(form: Format) -> None:
    """Write a report in UTF-8, whatever the locale; show a person what his terminal can."""
    if isinstance(sys.stdout, TextIOWrapper):
        encoding = "utf-8" if form.is_report else sys.stdout.encoding
        sys.stdout.reconfigure(encoding=encoding, errors="replace")


def _print_table(lines: Sequence[Sequence[str]]) -> None:
    widths = [max(map(len, cells)) for cells in zip(*lines, strict=True)]
    for line in lines:
        padded = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        print("  ".join(padded).rstrip())


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _inert(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _printable(cell: str) -> str:
    """Take away what could move a terminal's cursor, or end a line or cell."""
    return "".join(letter if letter.isprintable() else " " for letter in cell)


def _cut(cell: str) -> str:
    return cell if len(cell) <= WIDEST else f"{cell[: WIDEST - 1]}…"
