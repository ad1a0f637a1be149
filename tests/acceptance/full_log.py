"""A mirror of the incident log equals the log.

By hand, over all 24,918 incidents: ``python -m tests.acceptance.full_log``.
"""

import asyncio
import sys
import tempfile
import time
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from models.coding import EPOCH, loads
from models.database import SqliteAt, opened
from models.migrate import migrate
from models.reads.statement import rows
from tests.acceptance.incident_log import (
    DERIVED,
    Change,
    Row,
    changes,
    columns_changed,
    incidents,
    last_moment,
    moment,
    shown,
)
from tests.clock import Clock
from tests.mirror import rows_of
from tests.world import World, simulated

_COLUMNS = {
    "status": "status",
    "severity": "severity",
    "priority": "priority",
    "assignee": "assignee",
    "escalationPolicy": "escalation_policy",
}
# The log's one state that means nothing to us; such incidents were open.
_UNKNOWN_STATE = "-100"


async def compared(log: list[list[Row]], clock: Clock) -> int:
    """Compare the opened database with the log; return how many changes it holds.

    The log's newest version is expected at ``clock``'s whole second.
    """
    shift = clock.now().replace(microsecond=0) - last_moment(log)
    await _compare_records(log, shift)
    found = await _edits()
    expected = changes(log, shift)
    assert found - expected == Counter()
    assert expected - found == Counter()
    assert columns_told(found) == columns_changed(log)
    return found.total()


def columns_told(found: Counter[Change]) -> int:
    """Return how many of the log's columns changed, as the mirrored changes tell it.

    One column, the state, is told by two fields.
    """
    states = {
        (edit.number, edit.at, edit.sequence)
        for edit in found
        if edit.field in ("status", "hold_reason")
    }
    others = [edit for edit in found if edit.field not in DERIVED | {"status", "hold_reason"}]
    return len(states) + len(others)


async def _compare_records(log: list[list[Row]], shift: timedelta) -> None:
    mirrored = {row["number"]: row for row in await rows_of("incident")}
    services = await _services()
    assert mirrored.keys() == {versions[0]["number"] for versions in log}
    for versions in log:
        last = versions[-1]
        expected = shown(last, shift)
        row = mirrored[last["number"]]
        assert services.get(row["id"], []) == expected.pop("services")
        assert row["started_at"] == _milliseconds(moment(last["opened_at"]) + shift)
        assert _iso(row["resolved_at"]) == expected.pop("resolvedAt")
        for name, column in _COLUMNS.items():
            assert row[column] == expected.pop(name), (last["number"], name)
        assert expected.items() <= row["extra"].items(), last["number"]


async def _services() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in await rows(
        """
        SELECT l.incident_id, a.name FROM incident_asset l JOIN asset a ON a.id = l.asset_id
        ORDER BY a.name
        """
    ):
        found.setdefault(row["incident_id"], []).append(row["name"])
    return found


async def _edits() -> Counter[Change]:
    found = await rows(
        """
        SELECT i.number, e.at, e.sequence, e.by, e.field, e.before, e.after, e.accepted
        FROM edit e JOIN incident i ON i.id = e.incident_id
        """
    )
    assert all(row["accepted"] for row in found)
    return Counter(_change(row) for row in found)


def _change(row: dict[str, Any]) -> Change:
    told = {name: row[name] for name in ("number", "at", "sequence", "by", "field")}
    return Change(before=str(loads(row["before"])), after=str(loads(row["after"])), **told)


def _milliseconds(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def _iso(milliseconds: int | None) -> str | None:
    if milliseconds is None:
        return None
    return f"{EPOCH + timedelta(milliseconds=milliseconds):%Y-%m-%dT%H:%M:%S}.000Z"


async def _main(rows_read: int) -> None:
    clock = Clock()
    with tempfile.TemporaryDirectory() as folder:
        at = SqliteAt(path=Path(folder) / "watchpane.db")
        await migrate(at, new_epoch=lambda: "e1")
        async with opened(at):
            world = World(at=at, clock=clock, servicenow=simulated(clock, rows=rows_read))
            await world.register()
            began = time.monotonic()
            run = await world.sync()
            took = time.monotonic() - began
            log = incidents(rows_read)
            found = await compared(log, clock)
            said = (
                f"{run['read']} incidents in {took:.1f} s: {columns_changed(log)} changes of"
                f" imported columns, {found} of mirrored fields; all equal\n"
            )
            sys.stdout.write(said)


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1]) if len(sys.argv) > 1 else 0))
