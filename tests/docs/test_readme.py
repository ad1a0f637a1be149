import json
from typing import Any, Final

from graphql import FieldNode, OperationDefinitionNode, SelectionSetNode, parse

from tests.docs.documents import ROOT, blocks

_BLOCKS: Final = blocks(ROOT / "README.md")


def _of(language: str) -> list[str]:
    return [block.text for block in _BLOCKS if block.language == language]


def test_the_two_commands_come_first() -> None:
    assert [block.text for block in _BLOCKS[:2]] == ["make run\n", "make test\n"]


def _check(selection_set: SelectionSetNode, answer: Any) -> None:  # noqa: ANN401 — JSON
    """Fail unless the answer has the selected fields, in their order, at every depth."""
    if isinstance(answer, list):
        assert answer
        for item in answer:
            _check(selection_set, item)
        return
    fields = [field for field in selection_set.selections if isinstance(field, FieldNode)]
    assert list(answer) == [(field.alias or field.name).value for field in fields]
    for field, value in zip(fields, answer.values(), strict=True):
        if field.selection_set is not None:
            _check(field.selection_set, value)


def test_the_first_answer_has_the_shape_of_the_first_query() -> None:
    (operation,) = parse(_of("graphql")[0]).definitions
    assert isinstance(operation, OperationDefinitionNode)
    answer = json.loads(_of("json")[0])
    _check(operation.selection_set, answer["data"])
    assert "errors" not in answer


def test_the_counts_of_the_first_answer_add_up() -> None:
    counts = json.loads(_of("json")[0])["data"]["overview"]["incidents"]
    assert sum(entry["count"] for entry in counts["bySeverity"]) == counts["open"]


def test_the_log_is_attributed() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    assert "10.24432/C57S4H" in text
    assert "CC BY 4.0" in text
