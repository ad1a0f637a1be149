"""What a person says of conflicts, judged and written (rules F3, F5)."""

from collections.abc import Sequence

from domain.access.roles import Actor
from domain.errors import AlreadyResolved, DirectionForbids, NotFound, Stale
from domain.exchange import ConflictStatus
from domain.inbound import VendorKey
from domain.records import RecordKind
from domain.sync.conflict import (
    Decided,
    EndedBefore,
    Outdated,
    Repeated,
    Unsendable,
    Word,
    decided,
    too_late,
)
from domain.sync.field import Opposed
from domain.sync.ownership import carries_out
from models.coding import dumps, from_milliseconds, loads
from models.reads.conflicts import conflicts
from models.transaction import Transaction, commit
from operations.access.authorise import Action, authorise
from operations.access.scope import scope_of
from operations.conflicts.ending import Ending
from operations.runtime import Runtime
from operations.sync.ledger import Ledger, Linked
from operations.sync.shapes import SHAPES, Line
from operations.sync.terms import Terms, terms_of_all

_INCIDENT = SHAPES[RecordKind.INCIDENT]


async def locked(tx: Transaction, actor: Actor, ids: Sequence[str]) -> list[Line]:
    """Return conflicts in the order of their ids, their incidents and links locked.

    Raises NotFound for those that the actor may not see, and Forbidden where he may
    not decide one of them. Cost: three statements.
    """
    seen = await conflicts(scope_of(actor), ids)
    for one in ids:
        if one not in seen:
            raise NotFound("conflict", one, path=("id",))
    # In the order in which the mirror locks them, the link before its incident.
    await tx.rows(
        f"""
        SELECT r.id FROM incident_link l JOIN incident r ON r.id = l.incident_id
        WHERE (l.incident_id, l.integration_id) IN (
            SELECT incident_id, integration_id FROM conflict WHERE {tx.one_of("id", "$1")}
        ) ORDER BY r.id {tx.for_update}
        """,  # noqa: S608 — the inserted text is ours
        dumps(list(ids)),
    )
    # Subqueries, so that nothing but the conflicts is locked besides.
    found = await tx.rows(
        f"""
        SELECT c.*,
            (SELECT n.key FROM integration n WHERE n.id = c.integration_id) AS integration_key,
            (SELECT n.provider FROM integration n WHERE n.id = c.integration_id) AS provider,
            (SELECT i.assignee FROM incident i WHERE i.id = c.incident_id) AS assignee
        FROM conflict c WHERE {tx.one_of("c.id", "$1")} ORDER BY c.id {tx.for_update}
        """,  # noqa: S608 — the inserted text is ours
        dumps(list(ids)),
    )
    for row in found:
        authorise(
            actor,
            Action.RESOLVE_CONFLICT,
            integration_key=row["integration_key"],
            assignee=row["assignee"],
        )
    return found


async def settle_one(runtime: Runtime, actor: Actor, conflict_id: str, word: Word) -> None:
    """Let a person's word end one conflict, and wake those who go on from there.

    Raises NotFound, Forbidden, AlreadyResolved, Stale and DirectionForbids.
    """
    terms = await terms_of_all()

    async def write(tx: Transaction) -> None:
        (row,) = await locked(tx, actor, [conflict_id])
        await settle(Ending(runtime=runtime, tx=tx, actor=actor, terms=terms), row, word)

    await commit(write)
    await runtime.wake("push")
    await runtime.wake("events")


async def settle(ending: Ending, row: Line, word: Word) -> None:
    """Let a word end a conflict; nothing happens if the same was said before.

    row: as ``locked`` returns it.
    Raises AlreadyResolved, Stale and DirectionForbids.
    Cost: some ten statements.
    """
    status, version = ConflictStatus(row["status"]), row["version"]
    match too_late(word, status=status, version=version):
        case Repeated():
            return
        case EndedBefore():
            raise AlreadyResolved(_told(row), path=("id",))
        case Outdated():
            raise Stale(seen=word.seen or 0, current=version)
        case None:
            pass
    name, terms = row["field"], ending.terms[row["integration_id"]]
    ledger = await _ledger(ending.tx, row, terms)
    is_writable = carries_out(terms.direction) and name in terms.written
    outcome = decided(word, ledger[name], _opposed(row), is_writable=is_writable)
    match outcome:
        case Unsendable():
            raise DirectionForbids(
                f"{name} does not go to {row['integration_key']}, whose direction is"
                f" {terms.direction}; keep the vendor's value of conflict {row['number']},"
                " or ignore it",
                path=("keep",),
            )
        case Decided():
            await ending.end(row, ledger, outcome)


async def _ledger(tx: Transaction, row: Line, terms: Terms) -> Ledger:
    """Return the fields of the conflict's incident as its link knows them."""
    columns = ", ".join(f"r.{name} AS r_{name}" for name in _INCIDENT.record_columns)
    (line,) = await tx.rows(
        f"""
        SELECT {", ".join(f"l.{name}" for name in _INCIDENT.link_columns)}, {columns}
        FROM incident_link l JOIN incident r ON r.id = l.incident_id
        WHERE l.incident_id = $1 AND l.integration_id = $2
        """,  # noqa: S608 — names are ours
        row["incident_id"],
        row["integration_id"],
    )
    links = await tx.rows(
        """
        SELECT integration_id FROM incident_link WHERE incident_id = $1 AND gone_at IS NULL
        ORDER BY integration_id
        """,
        row["incident_id"],
    )
    integrations = [link["integration_id"] for link in links]
    return Ledger.of(line, _INCIDENT, terms, Linked(integrations=integrations))


def _opposed(row: Line) -> Opposed:
    value = row["external_value"]
    return Opposed(
        value=None if value is None else loads(value),
        key=VendorKey(at=from_milliseconds(row["external_at"]), sequence=row["external_sequence"]),
        version=row["version"],
    )


def _told(row: Line) -> str:
    """Tell how, by whom and when a conflict ended (rule F5)."""
    at = from_milliseconds(row["resolved_at"])
    return (
        f"conflict {row['number']} is {row['status']} since {at:%Y-%m-%d %H:%M:%S} UTC,"
        f" by {row['resolved_by']}"
    )
