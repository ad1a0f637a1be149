"""A database of the first version goes on under the present one, with all its rows."""

from tortoise import Tortoise
from tortoise.migrations.api import migrate as run_migrations

from models.coding import dumps, loads
from models.database import DatabaseAt, configuration, opened
from models.migrate import migrate, migration_fault
from models.reads.statement import rows
from models.transaction import Transaction, commit
from tests.database import EPOCH

# A row of each table whose form has changed since the first version, in the order of
# their references: columns as they were then.
_FIRST: dict[str, dict[str, object]] = {
    "integration": {
        "id": "G1",
        "key": "prod-snow",
        "name": "ServiceNow",
        "provider": "servicenow",
        "base_url": "https://example.service-now.com",
        "is_enabled": True,
        "direction": "INBOUND",
        "poll_interval_ms": 60_000,
        "state": "HEALTHY",
        "skew_samples": "[]",
        "created_at": 1_000,
        "updated_at": 2_000,
    },
    "incident": {
        "id": "I1",
        "number": "INC0000045",
        "title": "Checkout is slow",
        "status": "IN_PROGRESS",
        "severity": "SEV2",
        "labels": '["shop"]',
        "extra": '{"category":"software"}',
        "started_at": 1_000,
        "created_at": 1_000,
        "updated_at": 2_000,
        "version": 3,
    },
    "incident_link": {
        "id": "L1",
        "incident_id": "I1",
        "integration_id": "G1",
        "external_id": "abc",
        "external_key": "INC0000045",
        "url": "https://example.service-now.com/abc",
        "known_at": 2_000,
        "known_sequence": 7,
        "base": '{"title":"Checkout is slow"}',
        "history_through": 2_000,
        "last_seen_at": 3_000,
    },
    "asset": {
        "id": "A1",
        "integration_id": "G1",
        "external_id": "ci-1",
        "name": "Web Shop",
        "criticality": "TIER1",
        "is_configuration_item": False,
        "created_at": 1_500,
    },
    "incident_asset": {"incident_id": "I1", "asset_id": "A1"},
    "watermark": {
        "id": "W1",
        "integration_id": "G1",
        "kind": "INCIDENT",
        "watermark": 2_000,
        "as_of": 3_000,
        "next_pull_at": 4_000,
        "failures": 2,
    },
    "event_log": {
        "number": 1,
        "topic": "INCIDENT",
        "kind": "CREATED",
        "occurred_at": 2_000,
        "integration_id": "G1",
        "incident_id": "I1",
        "edit_ids": "[]",
    },
}
# Where a column went that is no longer where it was: its table and name now.
_MOVED = {
    ("asset", "integration_id"): ("asset_link", "integration_id"),
    ("asset", "external_id"): ("asset_link", "external_id"),
    ("event_log", "incident_id"): ("event_log", "record_id"),
}
# What the first version did not know, and what it is for rows from then.
_ADDED: dict[str, dict[str, object]] = {
    "integration": {"census_interval_ms": 86_400_000, "requests_per_minute": None},
    "incident_link": {"fingerprint": "", "gone_at": None},
    "asset": {"extra": "{}", "updated_at": 1_500, "version": 1, "deleted_at": None},
    "asset_link": {"asset_id": "A1", "known_at": 0, "last_seen_at": 1_500},
    # The first copy was made, as the run that read to the end shows.
    "watermark": {"backfilled_at": 3_000, "censused_at": None, "pulls": 0},
    "event_log": {"changed": None},
}


async def _write_as_in_the_first_version(at: DatabaseAt) -> None:
    try:
        await run_migrations(config=configuration(at), target="models.0001_initial")

        async def write(tx: Transaction) -> None:
            head = {"id": 1, "epoch": EPOCH, "newest": 1, "oldest": 1}
            for table, row in {"event_head": head, **_FIRST}.items():
                places = ", ".join(f"${number}" for number in range(1, len(row) + 1))
                await tx.rows(
                    f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places}) RETURNING 1",  # noqa: S608 — names of this file
                    *row.values(),
                )

        await commit(write)
    finally:
        await Tortoise.close_connections()


def _as_written(value: object, like: object) -> object:
    """Return a value as it was written: PostgreSQL spaces JSON, SQLite has no truth values."""
    if isinstance(like, str) and isinstance(value, str) and like[:1] in {"{", "["}:
        return dumps(loads(value))
    return bool(value) if isinstance(like, bool) else value


async def test_rows_of_the_first_version_migrate_without_loss(empty_at: DatabaseAt) -> None:
    await _write_as_in_the_first_version(empty_at)
    await migrate(empty_at, new_epoch=lambda: "another")
    expected: dict[str, dict[str, object]] = {}
    for table, row in _FIRST.items():
        for column, value in row.items():
            to, name = _MOVED.get((table, column), (table, column))
            expected.setdefault(to, {})[name] = value
    for table, values in _ADDED.items():
        expected[table] |= values
    async with opened(empty_at):
        assert await migration_fault() is None
        assert await rows("SELECT epoch, newest FROM event_head") == [{"epoch": EPOCH, "newest": 1}]
        for table, values in expected.items():
            (found,) = await rows(f"SELECT * FROM {table}")  # noqa: S608 — names of this file
            kept = {name: _as_written(found[name], like) for name, like in values.items()}
            assert (table, kept) == (table, values)
