"""Clocks of tickets and incidents, as they were at the last look."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from domain.sla.terms import SlaClockKind, SlaSubjectKind
from models.coding import dumps
from models.reads.incident import INCIDENTS
from models.reads.mirrored import Mirrored
from models.reads.scope import Scope
from models.reads.statement import one_of, rows
from models.reads.ticket import TICKETS

Line = Mapping[str, Any]

SUBJECTS: Final[Mapping[SlaSubjectKind, Mirrored[Any]]] = MappingProxyType(
    {SlaSubjectKind.TICKET: TICKETS, SlaSubjectKind.INCIDENT: INCIDENTS}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What the last look has left of a subject; ``clocks`` are rows, instants as milliseconds."""

    escalation_level: int
    clocks: dict[SlaClockKind, Line] = field(default_factory=dict)


async def last_looks(
    scope: Scope, kind: SlaSubjectKind, subject_ids: Collection[str]
) -> dict[str, Looked]:
    """Return what is stored of subjects in scope. Cost: some index probes a subject."""
    mirrored = SUBJECTS[kind]
    conditions = mirrored.visible(scope)
    conditions.add(one_of("r.id", conditions.put(dumps(sorted(subject_ids)))))
    found = await rows(
        f"""
        SELECT r.id, s.escalation_level, c.kind, c.phase, c.cycle, c.target_ms, c.elapsed_ms,
            c.started_at, c.stopped_at, c.alert_at, c.breach_at, c.calendar, c.policy
        FROM {mirrored.table} r LEFT JOIN sla_subject s ON s.id = r.id
        LEFT JOIN sla_clock c ON c.subject_id = r.id
        WHERE {conditions.where}
        """,  # noqa: S608 — names and places
        *conditions.values,
    )
    looked: dict[str, Looked] = {}
    for row in found:
        subject = looked.setdefault(
            row["id"], Looked(escalation_level=row["escalation_level"] or 0)
        )
        if row["kind"] is not None:
            subject.clocks[SlaClockKind(row["kind"])] = row
    return looked
