"""Many rows at once."""

import pytest

from models.coding import dumps
from models.reads.statement import one_of, rows
from models.transaction import Transaction, commit
from tests import given

pytestmark = pytest.mark.usefixtures("database")


def line(key: str, of: str, **columns: object) -> dict[str, object]:
    plain = {"id": given.new_id(), "integration_id": of, "table": "sys_user", "external_id": key}
    return plain | {"name": key, "email": None, "seen_at": 0} | columns


async def upsert(*lines: dict[str, object], overwrite: bool = True, guard: str = "") -> None:
    async def write(tx: Transaction) -> None:
        key = ("integration_id", "table", "external_id")
        await tx.upsert("directory", lines, key=key, overwrite=overwrite, guard=guard)

    await commit(write)


async def names() -> list[str]:
    return [row["name"] for row in await rows("SELECT name FROM directory ORDER BY external_id")]


async def test_a_row_of_a_known_key_is_overwritten_and_keeps_its_id() -> None:
    of = (await given.integration()).id
    first = line("a", of)
    await upsert(first, line("b", of))
    await upsert(line("a", of, name="A"))
    assert await names() == ["A", "b"]
    (kept,) = await rows("SELECT id FROM directory WHERE name = 'A'")
    assert kept["id"] == first["id"]


async def test_without_overwriting_a_known_row_stays_as_it_is() -> None:
    of = (await given.integration()).id
    await upsert(line("a", of))
    await upsert(line("a", of, name="A"), line("b", of), overwrite=False)
    assert await names() == ["a", "b"]


async def test_a_guard_keeps_what_it_does_not_let_through() -> None:
    of = (await given.integration()).id
    await upsert(line("a", of, seen_at=5))
    guard = "excluded.seen_at > directory.seen_at"
    await upsert(line("a", of, name="older", seen_at=4), guard=guard)
    assert await names() == ["a"]
    await upsert(line("a", of, name="newer", seen_at=6), guard=guard)
    assert await names() == ["newer"]


async def test_of_two_rows_of_one_key_in_one_call_the_later_wins() -> None:
    of = (await given.integration()).id
    await upsert(line("a", of, name="first"), line("a", of, name="second"))
    assert await names() == ["second"]


async def test_no_rows_are_no_statement() -> None:
    await upsert()
    assert await names() == []


@pytest.mark.parametrize(
    "name", ["O'Hara", 'a"b', "$1", "?1", "\\", "雪", "'); DROP TABLE edit; --"]
)
async def test_values_are_never_read_as_words_of_a_statement(name: str) -> None:
    of = (await given.integration()).id
    await upsert(line(name, of), line("other", of))
    condition = one_of("external_id", "$1")
    found = await rows(
        f"SELECT name FROM directory WHERE {condition}",  # noqa: S608 — the inserted text is ours
        dumps([name]),
    )
    assert [row["name"] for row in found] == [name]
