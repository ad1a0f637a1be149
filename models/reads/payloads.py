"""What deliveries that failed for good say."""

from collections.abc import Collection, Mapping
from typing import Any

from domain.exchange import WriteKind
from domain.records import FieldValue
from models.coding import dumps, loads
from models.reads.conditions import Conditions
from models.reads.incident_values import SELECTED, values_of
from models.reads.scope import Scope
from models.reads.statement import one_of, rows


async def payloads(scope: Scope, ids: Collection[str]) -> dict[str, object]:
    """Return what deliveries say, as JSON data, secrets and all; None when it is not kept.

    Cost: two index probes an id, and the bodies, of a mebibyte at most.
    """
    return await _outbound(scope, ids) | await _inbound(scope, ids)


async def _outbound(scope: Scope, ids: Collection[str]) -> dict[str, object]:
    """Return what was sent last; where nothing is kept of it, what would be sent now."""
    conditions = Conditions()
    conditions.add(one_of("o.id", conditions.put(dumps(sorted(ids)))))
    conditions.see(scope, "l.integration_id")
    found = await rows(
        f"""
        SELECT o.id, o.payload, o.kind, o.fields, n.body, n.visibility, {SELECTED}
        FROM outbox o JOIN lane l ON l.id = o.lane_id JOIN incident i ON i.id = l.incident_id
        LEFT JOIN note n ON n.id = o.note_id WHERE {conditions.where}
        """,  # noqa: S608 — names and places
        *conditions.values,
    )
    return {
        row["id"]: _would_send(row) if row["payload"] is None else loads(row["payload"])
        for row in found
    }


def _would_send(row: Mapping[str, Any]) -> dict[str, FieldValue]:
    if row["kind"] == WriteKind.NOTE:
        return {"body": row["body"], "visibility": row["visibility"]}
    values = values_of(row)
    names: list[str] = loads(row["fields"])
    return {name: value for name, value in values.items() if name in names or not names}


async def _inbound(scope: Scope, ids: Collection[str]) -> dict[str, object]:
    conditions = Conditions()
    conditions.add(one_of("d.id", conditions.put(dumps(sorted(ids)))))
    conditions.see(scope, "d.integration_id")
    found = await rows(
        f"""
        SELECT d.id, d.headers, d.body, f.payload
        FROM inbound d LEFT JOIN faulty_record f ON f.id = d.id WHERE {conditions.where}
        """,  # noqa: S608 — names and places
        *conditions.values,
    )
    return {row["id"]: _told(row) for row in found}


def _told(row: Mapping[str, Any]) -> object:
    """Return a delivery as it came, or the vendor's row that could not be read."""
    if row["body"] is not None:
        return {"headers": loads(row["headers"]), "body": _parsed(row["body"])}
    return None if row["payload"] is None else loads(row["payload"])


def _parsed(body: str) -> object:
    try:
        return loads(body)
    except ValueError:
        return body
