"""How well promises were kept: the clocks that have ended, counted by period."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from types import MappingProxyType
from typing import Final

from domain.sla.attainment import Kept, SlaAttainmentGroup
from domain.sla.terms import SlaClockKind
from models.coding import from_milliseconds, to_milliseconds
from models.reads.scope import Scope
from models.reads.sla_subject import clock_source
from models.reads.statement import rows
from models.reads.ticket import TicketFilter

_TOLD_APART: Final = MappingProxyType(
    {
        None: "CAST(NULL AS TEXT)",
        SlaAttainmentGroup.POLICY: "c.rule",
        SlaAttainmentGroup.PRIORITY: "c.priority",
        SlaAttainmentGroup.SERVICE: "coalesce(ts.asset_id, ix.asset_id)",
    }
)
_SERVICES: Final = """
    LEFT JOIN ticket_asset ts ON ts.ticket_id = c.subject_id
    LEFT JOIN incident_asset ix ON ix.incident_id = c.subject_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """The clocks of a kind and group that came to rest in the period that began ``since``.

    group: a policy's name, a priority or a service's id; None for what has none.
    """

    since: datetime
    kind: SlaClockKind
    group: str | None
    kept: Kept


async def ended(
    scope: Scope,
    cuts: Sequence[datetime],
    *,
    group: SlaAttainmentGroup | None = None,
    wanted: TicketFilter | None = None,
) -> list[Ended]:
    """Return how many clocks have stopped between each two cuts, where any have.

    A clock of several services counts for each. What was cancelled, or goes on, does not.
    Cost: one statement (two with a search); it reads each clock that stopped in the span.
    """
    # An expression is no index's column: clocks are found by when they stopped.
    source = await clock_source(scope, wanted)
    put, apart = source.conditions.put, _TOLD_APART[group]
    periods = ", ".join(
        f"(CAST({put(start)} AS BIGINT), CAST({put(end)} AS BIGINT))"
        for start, end in pairwise(to_milliseconds(cut) for cut in cuts)
    )
    services = _SERVICES if group is SlaAttainmentGroup.SERVICE else ""
    found = await rows(
        f"""
        WITH period (since, until) AS (VALUES {periods})
        SELECT p.since, c.kind, {apart} AS apart, count(*) AS ended, count(c.breach_at) AS breached
        FROM period p JOIN sla_clock c ON c.stopped_at >= p.since AND c.stopped_at < p.until
        {source.tables} {services}
        WHERE {source.conditions.where} AND (c.phase || '') = 'STOPPED'
        GROUP BY p.since, c.kind, {apart} ORDER BY p.since
        """,  # noqa: S608 — names and places
        *source.conditions.values,
    )
    return [
        Ended(
            since=from_milliseconds(row["since"]),
            kind=SlaClockKind(row["kind"]),
            group=row["apart"],
            kept=Kept(met=row["ended"] - row["breached"], breached=row["breached"]),
        )
        for row in found
    ]
