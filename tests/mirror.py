"""What is mirrored, read in forms that two databases, runs or vendors can be compared by."""

from collections.abc import Mapping
from typing import Any, Final

from models.coding import loads
from models.reads.statement import rows

# What no sync without a change may touch.
UNTOUCHED: Final = (
    "incident",
    "incident_link",
    "edit",
    "directory",
    "note",
    "relation",
    "alias",
    "asset",
    "asset_link",
    "incident_asset",
    "unmapped_value",
    "faulty_record",
)
_JSON: Final = frozenset({"base", "labels", "extra", "before", "after", "payload"})
# Ids, and times of ours, which depend on when and by whom something was read.
_OURS: Final = frozenset(
    {
        "id",
        "incident_id",
        "asset_id",
        "record_id",
        "from_id",
        "integration_id",
        "last_seen_at",
        "seen_at",
    }
)
_CREATED: Final = {"asset": "created_at"}


async def rows_of(table: str) -> list[dict[str, Any]]:
    """Return all rows of a table, by id."""
    found = await rows(f"SELECT * FROM {table} ORDER BY 1")  # noqa: S608 — a test's own words
    return [_plain(row) for row in found]


async def mirror() -> dict[str, list[dict[str, Any]]]:
    """Return all that is mirrored, with the vendor's ids in place of ours."""
    links = {
        row["incident_id"]: row["external_id"]
        for row in await rows("SELECT incident_id, external_id FROM incident_link")
    }
    tables = {table: await rows_of(table) for table in UNTOUCHED}
    assets = {row["asset_id"]: row["external_id"] for row in tables["asset_link"]}
    for table in ("edit", "incident_asset", "incident_link", "note"):
        for row in tables[table]:
            row["of"] = links[row["incident_id"]]
    for row in tables["incident"]:
        row["of"] = links[row["id"]]
    for row in tables["relation"]:
        row["of"] = links.get(row["from_id"], "")
    for row in tables["incident_asset"]:
        row["asset"] = assets[row["asset_id"]]
    return {table: sorted(map(_foreign(table), found), key=str) for table, found in tables.items()}


def _foreign(table: str) -> Any:  # noqa: ANN401 — a function
    left_out = _OURS | {_CREATED.get(table, "")}
    return lambda row: {name: row[name] for name in sorted(row.keys() - left_out)}


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row with its JSON read and its truth values as such, on both databases."""
    return {
        name: loads(value)
        if name in _JSON and isinstance(value, str)
        else int(value)
        if isinstance(value, bool)
        else value
        for name, value in row.items()
    }


async def told() -> list[tuple[str, str, list[str]]]:
    """Return what was told of incidents, in order: kind, incident, ids of edits."""
    found = await rows(
        "SELECT kind, record_id, edit_ids FROM event_log WHERE topic = 'INCIDENT' ORDER BY number"
    )
    return [(row["kind"], row["record_id"], list(loads(row["edit_ids"]))) for row in found]


async def numbers() -> list[int]:
    """Return the numbers of the event log."""
    return [row["number"] for row in await rows("SELECT number FROM event_log ORDER BY number")]
