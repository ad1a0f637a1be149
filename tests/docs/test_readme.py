import json
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, Final

import pytest
from graphql import (
    FieldNode,
    InlineFragmentNode,
    NamedTypeNode,
    OperationDefinitionNode,
    SelectionSetNode,
    parse,
)

from tests.docs.documents import ROOT, blocks

_BLOCKS: Final = blocks(ROOT / "README.md")


def _of(language: str) -> list[str]:
    return [block.text for block in _BLOCKS if block.language == language]


def test_the_two_commands_come_first() -> None:
    assert [block.text for block in _BLOCKS[:2]] == ["make run\n", "make test\n"]


def _fields(selection_set: SelectionSetNode, type_name: str | None) -> Iterator[FieldNode]:
    """Yield what is selected of an object, fragments on other types left out."""
    for selection in selection_set.selections:
        match selection:
            case FieldNode():
                yield selection
            case InlineFragmentNode(type_condition=NamedTypeNode(name=on)) if on.value == type_name:
                yield from _fields(selection.selection_set, type_name)


def _check(selection_set: SelectionSetNode, answer: Any) -> None:  # noqa: ANN401 — JSON
    """Fail unless the answer has the selected fields, in their order, at every depth."""
    if isinstance(answer, list):
        assert answer
        for item in answer:
            _check(selection_set, item)
        return
    fields = list(_fields(selection_set, answer.get("__typename")))
    assert list(answer) == [(field.alias or field.name).value for field in fields]
    for field, value in zip(fields, answer.values(), strict=True):
        if field.selection_set is not None:
            _check(field.selection_set, value)


def _answered() -> list[tuple[str, str]]:
    """Return each operation that an answer follows, and the answer."""
    return [
        (asked.text, told.text)
        for asked, told in pairwise(_BLOCKS)
        if (asked.language, told.language) == ("graphql", "json")
    ]


def test_every_answer_follows_what_was_asked() -> None:
    assert [answer for _, answer in _answered()] == _of("json")


@pytest.mark.parametrize("place", [0, 1], ids=["query", "subscription"])
def test_an_answer_has_the_shape_of_what_was_asked(place: int) -> None:
    asked, told = _answered()[place]
    (operation,) = parse(asked).definitions
    assert isinstance(operation, OperationDefinitionNode)
    answer = json.loads(told)
    _check(operation.selection_set, answer["data"])
    assert "errors" not in answer


def test_an_answer_of_another_shape_is_found() -> None:
    (operation,) = parse("{ a { b } }").definitions
    assert isinstance(operation, OperationDefinitionNode)
    with pytest.raises(AssertionError):
        _check(operation.selection_set, {"a": [{"b": 1, "c": 2}]})


def test_the_counts_of_the_first_answer_add_up() -> None:
    counts = json.loads(_of("json")[0])["data"]["overview"]["incidents"]
    assert sum(entry["count"] for entry in counts["bySeverity"]) == counts["open"]


def test_the_log_is_attributed() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    assert "10.24432/C57S4H" in text
    assert "CC BY 4.0" in text
