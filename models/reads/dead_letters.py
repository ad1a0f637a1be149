"""Deliveries that failed for good, of both directions, as one list."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from domain.exchange import DeadLetterStatus, FlowDirection, WriteKind, WriteState
from domain.sync.dead_letter import states_of, status_of
from models.coding import dumps, from_milliseconds, loads
from models.reads.conditions import Conditions
from models.reads.keyset import Column, Keyset
from models.reads.scope import Scope
from models.reads.statement import one_of, rows

KEY: Final = (Column(name="number", type=int),)
# All that was dead once has a number, given when it first failed for good.
_LETTERS: Final = f"""(
    SELECT o.id, o.number, l.integration_id, l.id AS lane_id,
        '{FlowDirection.OUTBOUND}' AS direction, l.incident_id, k.external_id, o.kind,
        o.fields, o.state, o.tries, o.code, o.error, o.queued_at AS made_at,
        o.discarded_by, o.discard_reason
    FROM outbox o JOIN lane l ON l.id = o.lane_id
    LEFT JOIN incident_link k
        ON k.incident_id = l.incident_id AND k.integration_id = l.integration_id
    WHERE o.number IS NOT NULL
    UNION ALL
    SELECT d.id, d.number, d.integration_id, NULL, '{FlowDirection.INBOUND}',
        k.incident_id, d.external_id, NULL, NULL, d.state, d.tries, d.code, d.error,
        d.received_at, d.discarded_by, d.discard_reason
    FROM inbound d
    LEFT JOIN incident_link k
        ON k.integration_id = d.integration_id AND k.external_id = d.external_id
    WHERE d.number IS NOT NULL
)"""  # noqa: S608 — names of ours


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt to deliver; ``http_status`` None when there was no answer, or none is needed."""

    at: datetime
    http_status: int | None
    outcome: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A delivery that failed for good once, and what became of it since.

    lane_id, kind: of a write of ours; None of a delivery of the vendor's.
    incident_id: None while nobody knows which incident it is about.
    made_at: when it was queued, or came.
    """

    id: str
    number: int
    integration_id: str
    lane_id: str | None
    direction: FlowDirection
    incident_id: str | None
    external_id: str | None
    kind: WriteKind | None
    fields: tuple[str, ...]
    status: DeadLetterStatus
    attempts: tuple[Attempt, ...]
    code: str
    message: str
    made_at: datetime
    discarded_by: str | None
    discard_reason: str | None


async def dead_letters(scope: Scope, ids: Collection[str]) -> dict[str, DeadLetter]:
    """Return dead letters by id. Cost: two index probes an id."""
    conditions = Conditions()
    conditions.add(one_of("e.id", conditions.put(dumps(sorted(ids)))))
    return {one.id: one for one in await _selected(scope, conditions)}


async def dead_letter_numbered(scope: Scope, number: int) -> DeadLetter | None:
    """Return the dead letter of a number. Cost: two index probes."""
    conditions = Conditions()
    conditions.add(f"e.number = {conditions.put(number)}")
    found = await _selected(scope, conditions)
    return found[0] if found else None


async def oldest_dead(scope: Scope, integration_id: str, limit: int) -> list[DeadLetter]:
    """Return the oldest of an integration that are dead. Cost: reads each of its letters."""
    conditions = _of_integrations([integration_id], frozenset({DeadLetterStatus.DEAD}))
    return await _selected(scope, conditions, f"ORDER BY e.number LIMIT {conditions.put(limit)}")


async def dead_letter_pages(
    scope: Scope,
    integration_ids: Collection[str],
    statuses: frozenset[DeadLetterStatus],
    keyset: Keyset,
) -> dict[str, list[DeadLetter]]:
    """Return a page of dead letters for each integration, in the direction of reading.

    Cost: one statement; it reads the letters of these integrations past the position.
    """
    conditions = _of_integrations(integration_ids, statuses)
    conditions.see(scope, "e.integration_id")
    keyset.restrict(conditions, KEY, "e")
    found = await rows(
        f"""
        SELECT * FROM (
            SELECT e.*, row_number() OVER (
                PARTITION BY e.integration_id ORDER BY {keyset.order_by(KEY, "e")}
            ) AS place
            FROM {_LETTERS} e WHERE {conditions.where}
        ) AS ranked WHERE place <= {conditions.put(keyset.limit)} ORDER BY integration_id, place
        """,  # noqa: S608 — names and places
        *conditions.values,
    )
    pages: dict[str, list[DeadLetter]] = {one: [] for one in integration_ids}
    for row in found:
        pages[row["integration_id"]].append(_letter_of(row))
    return pages


async def dead_letter_counts(
    scope: Scope, integration_ids: Collection[str], statuses: frozenset[DeadLetterStatus]
) -> dict[str, int]:
    """Count the dead letters of each integration. Cost: reads each of them."""
    conditions = _of_integrations(integration_ids, statuses)
    conditions.see(scope, "e.integration_id")
    found = await rows(
        f"""
        SELECT e.integration_id, count(*) AS n FROM {_LETTERS} e WHERE {conditions.where}
        GROUP BY e.integration_id
        """,  # noqa: S608 — names and places
        *conditions.values,
    )
    return {row["integration_id"]: int(row["n"]) for row in found}


def _of_integrations(
    integration_ids: Collection[str], statuses: frozenset[DeadLetterStatus]
) -> Conditions:
    conditions = Conditions()
    conditions.add(one_of("e.integration_id", conditions.put(dumps(sorted(integration_ids)))))
    conditions.add(f"e.state IN ({conditions.put_all(sorted(states_of(statuses)))})")
    return conditions


async def _selected(scope: Scope, conditions: Conditions, tail: str = "") -> list[DeadLetter]:
    conditions.see(scope, "e.integration_id")
    found = await rows(
        f"SELECT e.* FROM {_LETTERS} e WHERE {conditions.where} {tail}",  # noqa: S608 — names and places
        *conditions.values,
    )
    return [_letter_of(row) for row in found]


def _letter_of(row: Mapping[str, Any]) -> DeadLetter:
    return DeadLetter(
        id=row["id"],
        number=row["number"],
        integration_id=row["integration_id"],
        lane_id=row["lane_id"],
        direction=FlowDirection(row["direction"]),
        incident_id=row["incident_id"],
        external_id=row["external_id"],
        kind=None if row["kind"] is None else WriteKind(row["kind"]),
        fields=() if row["fields"] is None else tuple(loads(row["fields"])),
        status=status_of(WriteState(row["state"])),
        attempts=_attempts(loads(row["tries"])),
        code=row["code"] or "",
        message=row["error"] or "",
        made_at=from_milliseconds(row["made_at"]),
        discarded_by=row["discarded_by"],
        discard_reason=row["discard_reason"],
    )


def _attempts(tries: Sequence[Mapping[str, Any]]) -> tuple[Attempt, ...]:
    return tuple(
        Attempt(
            at=from_milliseconds(one["at"]),
            http_status=one.get("status"),
            outcome=one["outcome"],
            message=one["message"],
        )
        for one in tries
    )
