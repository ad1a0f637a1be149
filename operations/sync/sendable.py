"""What of a queued write is still to be sent, judged just before it is (rule X2)."""

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field, replace

from domain.exchange import WriteKind
from domain.records import FieldValue, Owner
from domain.sync.field import Sent, in_step
from domain.sync.ownership import carries_out, why_not_sent
from models.coding import dumps
from models.lanes import ClaimedLane, Head
from models.transaction import Transaction
from operations.sync.attempt import Dropped
from operations.sync.ledger import NOTHING, Ledger
from operations.sync.linked import linked
from operations.sync.mirror import stored_lines
from operations.sync.queue import SYNC, Write, queue
from operations.sync.terms import Terms, terms_of_all
from operations.sync.writing import Writing

Open = Callable[[Transaction], Writing]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sendable:
    """Where and what to write.

    sent: the versions that the values have.
    needs_look: somebody else may have written one of the fields, or a write of ours whose
        answer was lost has; read them first.
    """

    external_id: str
    values: Mapping[str, FieldValue] = field(default_factory=dict)
    sent: Mapping[str, Sent] = field(default_factory=dict)
    needs_look: bool = False

    def without(self, fields: Container[str]) -> "Sendable | None":
        """Return the same without some fields; None when nothing is left."""
        values = {name: value for name, value in self.values.items() if name not in fields}
        if not values:
            return None
        return replace(self, values=values, sent={name: self.sent[name] for name in values})


async def sendable(
    open_: Open, tx: Transaction, *, head: Head, lane: ClaimedLane
) -> Sendable | Dropped:
    """Return what is to be sent of an update or a note; Dropped when nothing is, and why.

    Left out are fields that the vendor holds already, those with an open conflict,
    and those that the direction or their owner keeps here, unless a person has
    chosen our value.
    """
    to = open_(tx)
    ledger = await _ledger(to, lane.incident_id)
    if isinstance(ledger, Dropped):
        return ledger
    external_id, found = ledger
    if not carries_out(found.terms.direction):
        return Dropped(code="DIRECTION", detail=f"the direction is {found.terms.direction}")
    if head.kind is WriteKind.NOTE:
        return Sendable(external_id=external_id)
    left: dict[str, Sent] = {}
    reasons: set[str] = set()
    for name in head.fields:
        reason = _why_not(found, name, is_forced=head.is_forced)
        if reason is None:
            one = found[name]
            left[name] = Sent(version=one.version, value=one.value, over=one.base)
        else:
            reasons.add(reason)
    if not left:
        code = "SKIPPED_EQUAL" if reasons == {"SKIPPED_EQUAL"} else min(reasons, default="EMPTY")
        return Dropped(code=code, detail="nothing of it is to be sent any more")
    owners = {found.policy(name).owned.owner for name in left}
    # The answer to a write before it never came: a read tells what came of it.
    is_in_doubt = any(one.key is None for name in left for one in found[name].sent)
    return Sendable(
        external_id=external_id,
        values={name: one.value for name, one in left.items()},
        sent=left,
        needs_look=is_in_doubt or owners != {Owner.PLATFORM},
    )


def _why_not(ledger: Ledger, name: str, *, is_forced: bool) -> str | None:
    one = ledger[name]
    if name not in ledger.terms.written:
        return "UNWRITABLE"
    if one.conflict is not None:
        return "CONFLICT_OPEN"
    if one.value == one.base or (in_step(one) and not is_forced):
        return "SKIPPED_EQUAL"
    owner = None if is_forced else ledger.policy(name).owned.owner
    return why_not_sent(ledger.terms.direction, owner)


async def mark_sent(
    open_: Open, tx: Transaction, *, head: Head, plan: Sendable
) -> Mapping[str, Sent]:
    """Note what is about to be sent, so that its echo is known however it comes."""
    to = open_(tx)
    line = (await stored_lines(to, [plan.external_id]))[plan.external_id]
    await tx.rows(
        "UPDATE outbox SET payload = $2 WHERE id = $1 RETURNING id",
        head.id,
        dumps(dict(plan.values)),
    )
    ledger = await _of(to, line)
    for name, one in plan.sent.items():
        ledger.note_sent(name, one)
    await tx.rows(
        "UPDATE incident_link SET dealings = $2 WHERE id = $1 RETURNING id",
        line["id"],
        ledger.dealt,
    )
    return plan.sent


async def forget_sent(
    open_: Open, tx: Transaction, *, incident_id: str, fields: Sequence[str]
) -> None:
    """Take back what ``mark_sent`` noted: the vendor has refused it, so no echo will come."""
    to = open_(tx)
    found = await _ledger(to, incident_id)
    if isinstance(found, Dropped):
        return
    external_id, ledger = found
    for name in fields:
        ledger.forget_sent(name)
    await tx.rows(
        """
        UPDATE incident_link SET dealings = $3
        WHERE integration_id = $1 AND external_id = $2 RETURNING id
        """,
        to.integration_id,
        external_id,
        ledger.dealt,
    )


async def to_create(open_: Open, tx: Transaction, *, lane: ClaimedLane) -> Sendable | Dropped:
    """Return an incident's values for a vendor that has no record of it yet."""
    to = open_(tx)
    terms = (await terms_of_all())[to.integration_id]
    if not carries_out(terms.direction):
        return Dropped(code="DIRECTION", detail=f"the direction is {terms.direction}")
    links = await tx.rows(
        "SELECT id FROM incident_link WHERE incident_id = $1 AND integration_id = $2",
        lane.incident_id,
        to.integration_id,
    )
    columns = ", ".join(f"r.{name} AS r_{name}" for name in to.shape.record_columns)
    found = await tx.rows(
        f"SELECT {columns} FROM incident r WHERE r.id = $1 {tx.for_update}",  # noqa: S608 — names are ours
        lane.incident_id,
    )
    ledger = Ledger.unlinked(found[0], to.shape, terms)
    values = {name: ledger[name].value for name in sorted(terms.written)}
    given = {name: value for name, value in values.items() if value not in (None, [])}
    if links:
        # A pull has found it before its answer came: what was edited since goes out by itself.
        write = Write(
            integration_id=to.integration_id,
            incident_id=lane.incident_id,
            kind=WriteKind.UPDATE,
            by=SYNC,
            fields=tuple(given),
        )
        await queue(to.runtime, tx, write)
        return Dropped(code="LINKED", detail="the vendor has a record of it by now")
    return Sendable(
        external_id="",
        values=given,
        sent={
            name: Sent(version=ledger[name].version, value=value, over=None)
            for name, value in given.items()
        },
    )


async def _ledger(to: Writing, incident_id: str) -> tuple[str, Ledger] | Dropped:
    links = await to.tx.rows(
        """
        SELECT external_id, gone_at FROM incident_link
        WHERE incident_id = $1 AND integration_id = $2
        """,
        incident_id,
        to.integration_id,
    )
    if not links or links[0]["gone_at"] is not None:
        return Dropped(code="UNLINKED", detail="the incident has no record there any more")
    external_id = links[0]["external_id"]
    line = (await stored_lines(to, [external_id]))[external_id]
    return external_id, await _of(to, line)


async def _of(to: Writing, line: dict[str, object]) -> Ledger:
    terms: Terms = (await terms_of_all())[to.integration_id]
    about = await linked(to, [str(line["r_id"])])
    return Ledger.of(line, to.shape, terms, about.get(str(line["r_id"]), NOTHING))
