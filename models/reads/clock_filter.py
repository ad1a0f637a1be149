"""Which tickets and incidents have clocks that are such at a moment, told without a look."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from domain.sla.clock import ACTIVE
from domain.sla.terms import SlaClockKind, SlaPhase, SlaState
from models.coding import milliseconds, to_milliseconds
from models.reads.conditions import Conditions

_ACTIVE: Final = ", ".join(f"'{phase}'" for phase in sorted(ACTIVE))


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockFilter:
    """What the clocks of a record must be at a moment; None asks nothing.

    kind: only this clock counts; without it the worse counts of both, and any that pauses
        or breaches.
    states: an empty set matches none. Where nothing is measured, no state is.
    breach_from is inclusive, breach_to is not: when a clock that runs will breach; one that
        has breached at the moment will not.
    Cost: an index probe a record; for ALERT alone, one entry of an index for each clock
    that counts. What has changed is seen once its clocks have been looked at.
    """

    at: datetime
    kind: SlaClockKind | None = None
    states: Collection[SlaState] | None = None
    is_paused: bool | None = None
    breach_from: datetime | None = None
    breach_to: datetime | None = None

    def restrict(self, conditions: Conditions) -> None:
        """Add the conditions to those of the records, alias ``r``."""
        if self.states is not None and not self.states:
            conditions.add("FALSE")
            return
        of_kind = "TRUE" if self.kind is None else f"c.kind = {conditions.put(self.kind)}"
        if self.states is not None:
            self._keep_states(conditions, of_kind)
        elif self.kind is not None:
            conditions.add(_some(of_kind))
        if self.is_paused is not None:
            is_in = "IN" if self.is_paused else "NOT IN"
            conditions.add(_of_those(f"{of_kind} AND c.phase = '{SlaPhase.PAUSED}'", is_in))
        if self.breach_from is not None or self.breach_to is not None:
            self._keep_breaching(conditions, of_kind)

    def _keep_states(self, conditions: Conditions, of_kind: str) -> None:
        states = frozenset(self.states or ())
        now = conditions.put(to_milliseconds(self.at))
        has_breached = _some(f"{of_kind} AND {breached_at(now)}")
        has_alert = _some(f"{of_kind} AND {alert_at(now)}")
        held = {
            SlaState.BREACH: has_breached,
            SlaState.ALERT: f"({has_alert} AND NOT {has_breached})",
            SlaState.OK: f"({_some(of_kind)} AND NOT {has_breached} AND NOT {has_alert})",
        }
        conditions.add(f"({' OR '.join(held[state] for state in sorted(states))})")
        if states == {SlaState.ALERT}:
            # Few are; so they are found by their clocks, not by looking through all records.
            conditions.add(_of_those(f"{of_kind} AND c.phase IN ({_ACTIVE}) AND {alert_at(now)}"))

    def _keep_breaching(self, conditions: Conditions, of_kind: str) -> None:
        parts = [of_kind, f"c.breach_at > {conditions.put(to_milliseconds(self.at))}"]
        if (start := milliseconds(self.breach_from)) is not None:
            parts.append(f"c.breach_at >= {conditions.put(start)}")
        if (end := milliseconds(self.breach_to)) is not None:
            parts.append(f"c.breach_at < {conditions.put(end)}")
        conditions.add(_of_those(" AND ".join(parts)))


def _some(condition: str) -> str:
    """Return a condition: one of the record's clocks is such."""
    return f"EXISTS (SELECT 1 FROM sla_clock c WHERE c.subject_id = r.id AND {condition})"  # noqa: S608 — names and places


def _of_those(condition: str, is_in: str = "IN") -> str:
    """Return the same, or its opposite, asked from the clocks' side: for clocks that are few."""
    return f"r.id {is_in} (SELECT c.subject_id FROM sla_clock c WHERE {condition})"  # noqa: S608 — names and places


def breached_at(now: str) -> str:
    """Return a condition on a clock, alias ``c``: it is a BREACH at a place's instant (rule S4).

    An expression is no index's column: clocks are found by their record, not by their phase.
    """
    return f"(c.breach_at <= {now} AND (c.phase || '') <> '{SlaPhase.CANCELLED}')"


def alert_at(now: str) -> str:
    """Return a condition on a clock, alias ``c``: it is an ALERT at a place's instant (rule S4)."""
    return (
        f"((c.phase || '') IN ({_ACTIVE}) AND c.alert_at <= {now}"
        f" AND (c.breach_at IS NULL OR c.breach_at > {now}))"
    )
