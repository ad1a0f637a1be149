"""Fills a database with a made-up year of work, the same for the same seed."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from random import Random
from typing import Any, Final

from tortoise.connection import get_connection

from domain.records import ENDED, IncidentStatus, Priority, ServiceCriticality, Severity
from models import bulk
from models.coding import dumps, to_milliseconds
from models.dialect import is_sqlite

Line = dict[str, Any]

SERVICES: Final = 500
EDITS_EACH: Final = 3
_BATCH: Final = 5_000
_ENDED: Final = sorted(ENDED)
_OPEN: Final = [status for status in IncidentStatus if status not in ENDED]
# As a year of one help desk has it: few are bad, one in ten is open.
_SEVERITIES: Final = [Severity.SEV1] + [Severity.SEV2] * 4 + [Severity.SEV3] * 90
_SPAN: Final = timedelta(days=365)


def key(kind: int, number: int) -> str:
    """Return an id of 26 characters."""
    return f"{kind}{number:025d}"


async def seed(incidents: int, *, now: datetime, chance: Random) -> None:
    """Insert one integration, its services, and incidents with links and edits."""
    at = to_milliseconds(now)
    await _insert("integration", iter([_integration(at)]))
    await _insert("asset", (_service(number, at, chance) for number in range(SERVICES)))
    lines = incident_lines(incidents, now=now, chance=chance)
    await _insert("incident", iter(lines))
    await _insert("incident_link", (_link(line) for line in lines))
    await _insert("incident_asset", (_affects(line, chance) for line in lines))
    await _insert("edit", (_edit(line, place) for line in lines for place in range(EDITS_EACH)))
    connection = get_connection("default")
    if not is_sqlite(connection):
        # What autovacuum does for a server; without it every count reads the whole table.
        for table in ("asset", "incident", "incident_link", "incident_asset", "edit"):
            await connection.execute_query(f"VACUUM ANALYZE {table}")


def incident_lines(incidents: int, *, now: datetime, chance: Random) -> list[Line]:
    """Return the rows of the table ``incident``."""
    return [_incident(number, now, chance) for number in range(incidents)]


async def _insert(table: str, lines: Iterator[Line]) -> None:
    while batch := list(islice(lines, _BATCH)):
        await bulk.insert(get_connection("default"), table, batch)


def _integration(at: int) -> Line:
    return {
        "id": key(1, 1),
        "key": "prod-snow",
        "name": "Production",
        "provider": "servicenow",
        "base_url": "https://example.service-now.com",
        "is_enabled": True,
        "direction": "BIDIRECTIONAL",
        "poll_interval_ms": 60_000,
        "state": "HEALTHY",
        "skew_samples": "[]",
        "created_at": at,
        "updated_at": at,
    }


def _service(number: int, at: int, chance: Random) -> Line:
    return {
        "id": key(2, number),
        "name": f"Service {number}",
        "criticality": chance.choice(list(ServiceCriticality)),
        "is_configuration_item": number % 2 == 0,
        "extra": dumps({}),
        "created_at": at,
        "updated_at": at,
        "version": 1,
    }


def _incident(number: int, now: datetime, chance: Random) -> Line:
    started = now - chance.random() * _SPAN
    is_open = chance.random() < 0.1
    ended = min(started + timedelta(hours=chance.expovariate(1 / 48)), now)
    updated = to_milliseconds(now - chance.random() * (now - started) if is_open else ended)
    began = to_milliseconds(started)
    return {
        "id": key(3, number),
        "number": f"INC{number:07d}",
        "title": f"Something is broken, the {number}th time",
        "description": "It did not work, and then it still did not work. " * 5,
        "status": chance.choice(_OPEN if is_open else _ENDED),
        "severity": chance.choice(_SEVERITIES),
        "priority": chance.choice(list(Priority)),
        "assignee": f"person{chance.randrange(200)}" if chance.random() < 0.8 else None,
        "escalation_policy": f"group{number % 20}",
        "labels": dumps(["web"]),
        "extra": dumps({"category": "software", "subcategory": "os", "location": "Berlin"}),
        "started_at": began,
        "resolved_at": None if is_open else to_milliseconds(ended),
        "created_at": began,
        "updated_at": updated,
        "deleted_at": None,
        "version": 1 + EDITS_EACH,
    }


def _link(incident: Line) -> Line:
    return {
        "id": key(4, int(incident["id"][1:])),
        "incident_id": incident["id"],
        "integration_id": key(1, 1),
        "external_id": f"sys{incident['id']}",
        "external_key": incident["number"],
        "url": "https://example.service-now.com/incident",
        "known_at": incident["updated_at"],
        "known_sequence": 1,
        "base": dumps({"title": incident["title"]}),
        "last_seen_at": incident["updated_at"],
    }


def _affects(incident: Line, chance: Random) -> Line:
    return {"incident_id": incident["id"], "asset_id": key(2, chance.randrange(SERVICES))}


def _edit(incident: Line, place: int) -> Line:
    return {
        "id": key(5, int(incident["id"][1:]) * EDITS_EACH + place),
        "incident_id": incident["id"],
        "integration_id": key(1, 1),
        "external_id": f"audit{incident['id']}{place}",
        "field": ("title", "status", "assignee")[place % 3],
        "before": dumps("before"),
        "after": dumps("after"),
        "version": 2 + place,
        "at": incident["started_at"] + place,
        "sequence": place,
        "by": "ada",
        "source": "PULL",
        "accepted": True,
        "reason": "NEWER",
    }
