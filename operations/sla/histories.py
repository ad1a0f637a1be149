"""What subjects went through, read from where it is stored (rules S1, S13)."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any, Final

from domain.records import IncidentStatus, Priority, ServiceCriticality
from domain.sla.history import COUNTS_AS, History, Step
from domain.sla.terms import SlaSubjectKind
from models.coding import dumps, loads
from models.reads.statement import Reading
from operations.tickets.steps import stored_steps

Line = Mapping[str, Any]

_TIERS: Final = tuple(ServiceCriticality)


async def histories(
    reading: Reading, kind: SlaSubjectKind, ids: Sequence[str]
) -> dict[str, History]:
    """Return the histories of records that are there; one that is deleted has none.

    Cost: two statements for tickets, three for incidents, which read all steps of these
    tickets, or all changes of status and priority of these incidents.
    """
    if not ids:
        return {}
    match kind:
        case SlaSubjectKind.TICKET:
            return await _of_tickets(reading, ids)
        case SlaSubjectKind.INCIDENT:
            return await _of_incidents(reading, ids)


async def _of_tickets(reading: Reading, ids: Sequence[str]) -> dict[str, History]:
    # The comparison keeps SQLite from reading all that is not deleted, by the column's own index.
    found = await reading.rows(
        f"""
        SELECT id, created_at FROM ticket
        WHERE (deleted_at IS NULL) = TRUE AND {reading.one_of("id", "$1")}
        """,  # noqa: S608 — names are ours
        dumps(ids),
    )
    steps = await stored_steps(reading, [row["id"] for row in found])
    return {
        row["id"]: History(created_ms=row["created_at"], steps=tuple(steps[row["id"]]))
        for row in found
        if steps[row["id"]]
    }


async def _of_incidents(reading: Reading, ids: Sequence[str]) -> dict[str, History]:
    found = await reading.rows(
        f"""
        SELECT id, status, priority, started_at, updated_at FROM incident
        WHERE (deleted_at IS NULL) = TRUE AND {reading.one_of("id", "$1")}
        """,  # noqa: S608 — names are ours
        dumps(ids),
    )
    known = dumps([row["id"] for row in found])
    edits = await reading.rows(
        f"""
        SELECT incident_id, field, before, at FROM edit
        WHERE accepted AND field IN ('status', 'priority') AND {reading.one_of("incident_id", "$1")}
        ORDER BY incident_id, version DESC, at DESC, sequence DESC, id DESC
        """,  # noqa: S608 — names are ours
        known,
    )
    services = await reading.rows(
        f"""
        SELECT r.incident_id, a.criticality FROM incident_asset r JOIN asset a ON a.id = r.asset_id
        WHERE a.deleted_at IS NULL AND {reading.one_of("r.incident_id", "$1")}
        ORDER BY r.incident_id
        """,  # noqa: S608 — names are ours
        known,
    )
    changes = _grouped(edits)
    tiers = {
        one: min((row["criticality"] for row in rows), key=_TIERS.index)
        for one, rows in _grouped(services).items()
    }
    return {
        row["id"]: _of_incident(row, changes.get(row["id"], []), tiers.get(row["id"], ""))
        for row in found
    }


def _grouped(rows: Iterable[Line]) -> dict[str, list[Line]]:
    """Return rows by their incident; they come in the order of their incidents."""
    return {one: list(of) for one, of in groupby(rows, key=lambda row: str(row["incident_id"]))}


def _of_incident(row: Line, changes: Sequence[Line], tier: str) -> History:
    """Go back from how an incident stands, change by change, the last first.

    A change counts as no later than the one that came after it here: the sides' clocks
    may disagree. A value that is none of ours leaves it as it is.
    """
    status, priority = row["status"], row["priority"]
    at_ms: int = row["updated_at"]
    steps: dict[int, Step] = {}
    for change in changes:
        at_ms = min(at_ms, change["at"])
        steps.setdefault(at_ms, _step(at_ms, status, priority, tier))
        before = None if change["before"] is None else loads(change["before"])
        match change["field"]:
            case "status" if before in IncidentStatus.__members__:
                status = before
            case "priority" if before is None or before in Priority.__members__:
                priority = before
    began_ms = row["started_at"]
    steps.setdefault(min(at_ms, began_ms), _step(min(at_ms, began_ms), status, priority, tier))
    return History(
        created_ms=began_ms,
        steps=tuple(steps[at_ms] for at_ms in sorted(steps)),
        subject=SlaSubjectKind.INCIDENT,
    )


def _step(at_ms: int, status: str, priority: str | None, tier: str) -> Step:
    return Step(
        at_ms=at_ms,
        status=COUNTS_AS[IncidentStatus(status)],
        priority=None if priority is None else Priority(priority),
        tier=tier,
    )
