"""What migrations make is what the tables say, on both databases."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tortoise import Tortoise
from tortoise.backends.base.executor import EXECUTOR_CACHE
from tortoise.connection import get_connection
from tortoise.migrations.api import migrate as run_migrations

from models.database import DatabaseAt, PostgresAt, SqliteAt, configuration, opened
from models.migrate import known_migrations, migrate, migration_fault
from models.reads.incident import INCIDENTS
from models.reads.incident_page import BY_UPDATE, IncidentFilter
from models.reads.keyset import Keyset
from models.reads.page import page
from models.reads.scope import Scope
from models.reads.statement import rows
from models.transaction import Transaction, commit

_COLUMNS = """
    SELECT table_name, column_name, data_type, character_maximum_length, is_nullable,
        column_default
    FROM information_schema.columns
    WHERE table_schema = 'public' AND table_name <> 'tortoise_migrations'
"""
_INDEXES = """
    SELECT t.relname AS table_name, i.indisunique AS is_unique, i.indisprimary AS is_primary,
        (SELECT string_agg(a.attname, ',' ORDER BY k.place)
         FROM unnest(i.indkey) WITH ORDINALITY k(number, place)
         JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.number) AS columns
    FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid
    JOIN pg_namespace n ON n.oid = t.relnamespace
    WHERE n.nspname = 'public' AND t.relname <> 'tortoise_migrations' AND i.indexprs IS NULL
"""
_WORDS = "SELECT tablename FROM pg_indexes WHERE indexname LIKE 'idx_%_words' ORDER BY 1"
_KEYS = """
    SELECT conrelid::regclass::text AS table_name, pg_get_constraintdef(oid) AS definition
    FROM pg_constraint WHERE contype = 'f'
"""
Schema = list[tuple[Any, ...]]


@asynccontextmanager
async def made_by_models(at: DatabaseAt) -> AsyncIterator[None]:
    """Open a database whose tables come from the models, without a migration."""
    EXECUTOR_CACHE.clear()
    await Tortoise.init(config=configuration(at), _enable_global_fallback=True)
    try:
        await get_connection("default").create_connection(with_db=True)
        await Tortoise.generate_schemas()
        await get_connection("reads").create_connection(with_db=True)
        yield
    finally:
        await Tortoise.close_connections()


async def schema(at: DatabaseAt) -> Schema:
    """Return columns, indexes and foreign keys, in an order of their own."""
    if isinstance(at, PostgresAt):
        found = [await rows(query) for query in (_COLUMNS, _INDEXES, _KEYS)]
        return sorted((tuple(row.values()) for part in found for row in part), key=str)
    with sqlite3.connect(at.path) as file:
        return sorted(_sqlite_schema(file), key=str)


def _sqlite_schema(file: sqlite3.Connection) -> Iterator[tuple[Any, ...]]:
    tables = file.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table'"
        " AND name NOT LIKE 'sqlite_%' AND name <> 'tortoise_migrations'"
        # What search adds; no model speaks of it.
        " AND name NOT LIKE '%_words' AND name NOT LIKE '%_words_%'"
    ).fetchall()
    for (table,) in tables:
        for _, name, kind, is_required, default, is_primary in file.execute(
            "SELECT * FROM pragma_table_info(?)", (table,)
        ):
            yield (table, name, kind, is_required, default, is_primary)
        for _, index, is_unique, *_ in file.execute("SELECT * FROM pragma_index_list(?)", (table,)):
            columns = file.execute("SELECT name FROM pragma_index_info(?)", (index,)).fetchall()
            yield (table, "index", is_unique, *(name for (name,) in columns))
        for _, _, other, column, to, _, on_delete, _ in file.execute(
            "SELECT * FROM pragma_foreign_key_list(?)", (table,)
        ):
            yield (table, "refers", other, column, to, on_delete)


async def test_migrations_make_the_tables_of_the_models(
    database: DatabaseAt, empty_at: DatabaseAt
) -> None:
    migrated = await schema(database)
    await Tortoise.close_connections()
    async with made_by_models(empty_at):
        assert await schema(empty_at) == migrated
    assert len(migrated) > 100


async def searched_tables(at: DatabaseAt) -> list[str]:
    """Return the tables whose records can be searched."""
    if isinstance(at, PostgresAt):
        return [row["tablename"] for row in await rows(_WORDS)]
    found = await rows("SELECT name FROM sqlite_master WHERE sql LIKE '%USING fts5%' ORDER BY 1")
    return [row["name"].removesuffix("_words") for row in found]


async def test_migrations_make_the_records_of_all_kinds_searchable(database: DatabaseAt) -> None:
    assert await searched_tables(database) == ["asset", "change", "event", "incident", "ticket"]


async def _an_incident_of_then(tx: Transaction) -> None:
    """Write an incident as the tables were then."""
    line: dict[str, object] = {
        "id": "I7",
        "number": "INC7",
        "title": "The printer burns",
        "status": "NEW",
        "severity": "SEV3",
        "labels": "[]",
        "extra": "{}",
        "started_at": 1_000,
        "created_at": 1_000,
        "updated_at": 1_000,
        "version": 1,
    }
    await tx.upsert("incident", [line], key=("id",))


async def test_records_from_before_search_are_found(empty_at: DatabaseAt) -> None:
    # given a database of the migration before, with an incident in it
    await run_migrations(config=configuration(empty_at), target="models.0002_all_kinds")
    await Tortoise.close_connections()
    async with opened(empty_at):
        await commit(_an_incident_of_then)

    # when it is migrated
    await migrate(empty_at, new_epoch=lambda: "e1")

    # then it is found
    keyset = Keyset(limit=2, position=None, is_descending=True)
    async with opened(empty_at):
        for search in ("inc7", "printer bur"):
            wanted = IncidentFilter(search=search)
            found = await page(Scope(keys=None), INCIDENTS, wanted, BY_UPDATE, keyset)
            assert [incident.title for incident in found] == ["The printer burns"]


async def _a_ticket_of_then(tx: Transaction) -> None:
    """Write a ticket as the tables were then."""
    line: dict[str, object] = {
        "id": "T7",
        "source_id": "OPS-7",
        "title": "I cannot pay",
        "status": "OPEN",
        "priority": "P2",
        "tier": "PREMIUM",
        "extra": "{}",
        "created_at": 1_000,
        "updated_at": 2_000,
        "version": 1,
    }
    await tx.upsert("ticket", [line], key=("id",))


async def test_tickets_from_before_histories_begin_as_they_stand(empty_at: DatabaseAt) -> None:
    await run_migrations(config=configuration(empty_at), target="models.0007_sla_policy")
    await Tortoise.close_connections()
    async with opened(empty_at):
        await commit(_a_ticket_of_then)

    await migrate(empty_at, new_epoch=lambda: "e1")

    async with opened(empty_at):
        (step,) = await rows("SELECT s.* FROM ticket_step s")
    told = ("ticket_id", "at", "status", "priority", "tier")
    assert [step[name] for name in told] == ["T7", 2_000, "OPEN", "P2", "PREMIUM"]


async def test_migrating_again_changes_nothing(database_at: DatabaseAt) -> None:
    async def head() -> list[dict[str, Any]]:
        async with opened(database_at):
            return await rows("SELECT * FROM event_head")

    before = await head()
    await migrate(database_at, new_epoch=lambda: "another")
    assert await head() == before


async def test_a_migrated_database_is_fit(database: DatabaseAt) -> None:
    assert database
    assert await migration_fault() is None


async def test_an_empty_database_asks_to_be_migrated(empty_at: DatabaseAt) -> None:
    async with opened(empty_at):
        assert await migration_fault() == "the database has no tables yet; run `im migrate`"


async def test_a_database_of_a_newer_program_is_refused(database: DatabaseAt) -> None:
    assert database

    async def write(tx: Transaction) -> None:
        await tx.rows(
            "UPDATE tortoise_migrations SET name = $1 WHERE name = $2 RETURNING id",
            "9999_from_tomorrow",
            known_migrations()[-1],
        )

    await commit(write)
    fault = await migration_fault()
    assert fault is not None
    assert "newer than this program (9999_from_tomorrow)" in fault


async def test_a_failed_migration_closes_what_it_opened(tmp_path: Path) -> None:
    path = tmp_path / "torn.db"
    path.write_bytes(b"This is no database." * 1_000)
    with pytest.raises(Exception, match="not a database"):
        await migrate(SqliteAt(path=path), new_epoch=lambda: "e1")
    assert len(asyncio.all_tasks()) == 1
