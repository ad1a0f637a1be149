"""What service levels measure, as far as somebody may see it."""

from dataclasses import dataclass

from domain.sla.terms import SlaSubjectKind
from models.reads.conditions import Conditions
from models.reads.page import listed
from models.reads.scope import Scope
from models.reads.statement import rows
from models.reads.ticket import TICKETS, TicketFilter


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSubject:
    """A ticket or an incident whose work is not done."""

    id: str
    kind: SlaSubjectKind


async def open_subjects(scope: Scope, *, after: str, limit: int) -> list[OpenSubject]:
    """Return the next open subjects in scope, by their ids. Cost: a walk of the ids."""
    conditions = Conditions()
    conditions.add(f"s.id > {conditions.put(after)}")
    conditions.add("NOT s.is_at_rest")
    see_subjects(conditions, scope)
    found = await rows(
        f"""
        SELECT s.id, s.kind FROM sla_subject s
        LEFT JOIN ticket t ON t.id = s.id LEFT JOIN incident i ON i.id = s.id
        WHERE {conditions.where} ORDER BY s.id LIMIT {conditions.put(limit)}
        """,  # noqa: S608 — names and places
        *conditions.values,
    )
    return [OpenSubject(id=row["id"], kind=SlaSubjectKind(row["kind"])) for row in found]


def see_subjects(conditions: Conditions, scope: Scope) -> None:
    """Keep to tickets, alias ``t``, and incidents, ``i``, that are there and in scope."""
    seen = [
        f"({alias}.id IS NOT NULL AND {alias}.deleted_at IS NULL"
        f" AND {conditions.records_seen(scope, table, f'{alias}.id')})"
        for alias, table in (("t", "ticket"), ("i", "incident"))
    ]
    conditions.add(f"({' OR '.join(seen)})")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockSource:
    """Where clocks, alias ``c``, are read with their subjects.

    tables: what is joined to them; subject_kind: says of a row what its subject is.
    """

    conditions: Conditions
    tables: str
    subject_kind: str

    @property
    def rows(self) -> str:
        """What follows FROM; more conditions may, with AND."""
        return f"sla_clock c {self.tables} WHERE {self.conditions.where}"


async def clock_source(scope: Scope, wanted: TicketFilter | None) -> ClockSource:
    """Return the clocks of such tickets; without a filter those of all that may be seen."""
    if wanted is not None:
        conditions = await listed(scope, TICKETS, wanted)
        if wanted.clocks is not None and wanted.clocks.kind is not None:
            conditions.add(f"c.kind = {conditions.put(wanted.clocks.kind)}")
        return ClockSource(
            conditions=conditions,
            tables="JOIN ticket r ON r.id = c.subject_id",
            subject_kind="'TICKET'",
        )
    conditions = Conditions()
    see_subjects(conditions, scope)
    return ClockSource(
        conditions=conditions,
        tables="""
            LEFT JOIN ticket t ON t.id = c.subject_id
            LEFT JOIN incident i ON i.id = c.subject_id
        """,
        subject_kind="CASE WHEN t.id IS NULL THEN 'INCIDENT' ELSE 'TICKET' END",
    )
