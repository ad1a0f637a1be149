"""Fills a database with a made-up year of work, the same for the same seed."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import count, islice
from random import Random
from typing import Any, Final

from tortoise.connection import get_connection

from domain.records import (
    ENDED,
    ChangeRisk,
    ChangeStatus,
    EventSeverity,
    EventStatus,
    IncidentStatus,
    Priority,
    RecordKind,
    RelationName,
    ServiceCriticality,
    Severity,
    TicketStatus,
)
from models import bulk
from models.coding import dumps, to_milliseconds
from models.dialect import is_sqlite
from tests.bench.seed_clocks import seed_clocks

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
    """Insert one integration, its services, and records of all kinds with what belongs to them.

    For ten incidents two changes, five events and two tickets.
    """
    at = to_milliseconds(now)
    await _insert("integration", iter([_integration(at)]))
    services = [_service(number, at, chance) for number in range(SERVICES)]
    await _insert("asset", iter(services))
    lines = incident_lines(incidents, now=now, chance=chance)
    others = {
        "change": [_change(number, now, chance) for number in range(incidents // 5)],
        "event": [_event(number, now, chance) for number in range(incidents // 2)],
        "ticket": [_ticket(number, now, chance) for number in range(incidents // 5)],
    }
    await _insert("incident", iter(lines))
    await _insert("edit", (_edit(line, place) for line in lines for place in range(EDITS_EACH)))
    for table, records in others.items():
        await _insert(table, iter(records))
    for table, records in {"incident": lines, **others}.items():
        await _insert(f"{table}_link", (_link(table, line) for line in records))
        await _insert(f"{table}_asset", (_affects(table, line, chance) for line in records))
    await _insert("asset_link", (_link("asset", line) for line in services))
    await _insert("relation", _relations(lines, others, chance))
    await seed_clocks(others["ticket"], now=now, chance=Random(2))  # noqa: S311 — the same work each time
    connection = get_connection("default")
    if not is_sqlite(connection):
        # What autovacuum does for a server; without it every count reads the whole table.
        for table in ("asset", "incident", *others, "edit", "relation", "asset_link"):
            await connection.execute_query(f"VACUUM ANALYZE {table}")
        for table in ("incident", *others):
            await connection.execute_query(f"VACUUM ANALYZE {table}_link")
            await connection.execute_query(f"VACUUM ANALYZE {table}_asset")


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


def _change(number: int, now: datetime, chance: Random) -> Line:
    starts = to_milliseconds(now - chance.random() * _SPAN)
    return {
        "id": key(6, number),
        "number": f"CHG{number:07d}",
        "title": f"Replace part {number}",
        "description": "As it was done before. " * 5,
        "status": chance.choice(list(ChangeStatus)),
        "risk": chance.choice(list(ChangeRisk)),
        "assignee": f"person{number % 200}",
        "starts_at": starts,
        "ends_at": starts + 7_200_000,
        "extra": dumps({}),
        "created_at": starts,
        "updated_at": starts,
        "deleted_at": None,
        "version": 1,
    }


def _event(number: int, now: datetime, chance: Random) -> Line:
    at = to_milliseconds(now - chance.random() * _SPAN)
    return {
        "id": key(7, number),
        "title": f"Disk{number} is full",
        "severity": chance.choice(list(EventSeverity)),
        "status": chance.choice([EventStatus.CLEARED] * 9 + [EventStatus.FIRING]),
        "source": f"monitor{number % 9}",
        "dedup_key": f"disk{number}",
        "occurred_at": at,
        "extra": dumps({}),
        "created_at": at,
        "updated_at": at,
        "deleted_at": None,
        "version": 1,
    }


def _ticket(number: int, now: datetime, chance: Random) -> Line:
    at = to_milliseconds(now - chance.random() * _SPAN)
    return {
        "id": key(8, number),
        "source_id": f"OPS-{number}",
        "title": f"I need chair {number}",
        "description": "Mine is gone. " * 5,
        "status": chance.choice(list(TicketStatus)),
        "priority": chance.choice(list(Priority)),
        "tier": ("gold", "silver", "standard")[number % 3],
        "assignee": f"person{number % 200}",
        "resolved_at": None,
        "extra": dumps({}),
        "created_at": at,
        "updated_at": at,
        "deleted_at": None,
        "version": 1,
    }


def _link(table: str, record: Line) -> Line:
    return {
        "id": record["id"],
        f"{table}_id": record["id"],
        "integration_id": key(1, 1),
        "external_id": f"sys{record['id']}",
        "external_key": record.get("number", record.get("source_id", "")),
        "url": f"https://example.service-now.com/{table}",
        "known_at": record["updated_at"],
        "known_sequence": 1,
        "base": dumps({}),
        "last_seen_at": record["updated_at"],
    }


def _affects(table: str, record: Line, chance: Random) -> Line:
    return {f"{table}_id": record["id"], "asset_id": key(2, chance.randrange(SERVICES))}


def _relations(
    incidents: Sequence[Line], others: Mapping[str, Sequence[Line]], chance: Random
) -> Iterator[Line]:
    """Each service depends on two, each event and ticket is part of an incident, a few changes
    have caused one."""
    numbers = count()

    def relation(
        name: RelationName, source: RecordKind, of: str, target: RecordKind, to: str
    ) -> Line:
        return {
            "id": key(9, next(numbers)),
            "integration_id": key(1, 1),
            "name": name,
            "from_kind": source,
            "from_id": of,
            "to_kind": target,
            "to_external_id": f"sys{to}",
        }

    service, incident = RecordKind.SERVICE, RecordKind.INCIDENT
    for number in range(SERVICES):
        for step in (1, 2):
            other = key(2, (number + step) % SERVICES)
            yield relation(RelationName.DEPENDS_ON, service, key(2, number), service, other)
    for table, kind in {"event": RecordKind.EVENT, "ticket": RecordKind.TICKET}.items():
        for record in others[table]:
            to = chance.choice(incidents)["id"]
            yield relation(RelationName.PART_OF, kind, record["id"], incident, to)
    for record in others["change"][::10]:
        of = chance.choice(incidents)["id"]
        yield relation(RelationName.CAUSED_BY, incident, of, RecordKind.CHANGE, record["id"])


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
