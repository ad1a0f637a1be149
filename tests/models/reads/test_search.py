"""Records that are found by their words, few of them or many."""

import pytest

from domain.records import RecordKind
from models.reads.conditions import Conditions
from models.reads.search import MANY, keep_found
from models.reads.statement import rows
from tests import given


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("many", [MANY, 4, 3, 1])
async def test_the_same_is_found_whether_few_are_named_or_many_are_walked(many: int) -> None:
    for number in range(6):
        title = f"Printer {number}" if number % 2 else f"Chair {number}"
        await given.incident(title, number=f"INC{9 - number}")
    conditions = Conditions()
    await keep_found(conditions, RecordKind.INCIDENT, "print", many=many)
    found = await rows(
        f"SELECT title FROM incident r WHERE {conditions.where} ORDER BY r.number LIMIT 2",  # noqa: S608 — places only
        *conditions.values,
    )
    assert [row["title"] for row in found] == ["Printer 5", "Printer 3"]
