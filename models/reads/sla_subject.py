"""What service levels measure, as far as somebody may see it."""

from dataclasses import dataclass

from domain.sla.terms import SlaSubjectKind
from models.reads.conditions import Conditions
from models.reads.scope import Scope
from models.reads.statement import rows


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
