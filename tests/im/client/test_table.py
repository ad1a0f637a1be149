"""Forms in which rows are printed, and what people wrote into them."""

import csv
import io
import sys

import pytest

from im.client.table import Format, Row, show


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_a_cell_that_a_spreadsheet_would_compute_is_text(
    first: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = f"{first}HYPERLINK(1)"
    show([{"title": text}, {"title": f"a{text}"}], ["title"], Format.CSV, has_headers=False)
    read = list(csv.reader(io.StringIO(capsys.readouterr().out, newline="")))
    assert read == [[f"'{text}"], [f"a{text}"]]


def test_csv_is_that_of_rfc_4180(capsys: pytest.CaptureFixture[str]) -> None:
    rows: list[Row] = [{"a": 'say "no", twice', "b": "two\nlines"}, {"a": None, "b": 3}]
    show(rows, ["a", "b"], Format.CSV)
    assert capsys.readouterr().out == 'a,b\r\n"say ""no"", twice","two\nlines"\r\n,3\r\n'


@pytest.mark.parametrize(("form", "between"), [(Format.TSV, "\t"), (Format.TABLE, "  ")])
def test_a_title_moves_no_cursor_and_ends_no_line(
    form: Format, between: str, capsys: pytest.CaptureFixture[str]
) -> None:
    show([{"a": "\x1b[2Jgone\tor\nnot\u202e", "b": "x"}], ["a", "b"], form, has_headers=False)
    assert capsys.readouterr().out == f" [2Jgone or not {between}x\n"


@pytest.mark.parametrize(
    ("form", "printed"),
    [(Format.CSV, "“Grüße” €\r\n".encode()), (Format.TSV, b"?Gr\xfc\xdfe? ?\n")],
)
def test_any_letter_is_printed_in_any_locale(
    form: Format, printed: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(written, encoding="latin-1", newline="\n"))
    show([{"a": "“Grüße” €"}], ["a"], form, has_headers=False)
    sys.stdout.flush()
    assert written.getvalue() == printed


def test_only_a_table_cuts_a_long_cell(capsys: pytest.CaptureFixture[str]) -> None:
    long = "x" * 41
    show([{"a": long}], ["a"], Format.TABLE, has_headers=False)
    assert capsys.readouterr().out == "x" * 39 + "…\n"
    show([{"a": long}], ["a"], Format.TSV, has_headers=False)
    assert capsys.readouterr().out == f"{long}\n"


def test_a_table_is_as_wide_as_its_widest_cells(capsys: pytest.CaptureFixture[str]) -> None:
    show([{"a": "longer", "b": 1}, {"a": "x"}], ["a", "b"], Format.TABLE)
    assert capsys.readouterr().out == "a       b\nlonger  1\nx\n"
    show([], ["a"], Format.TABLE, has_headers=False)
    assert capsys.readouterr().out == ""
