"""How vendors' tickets stood, by what a pull or a delivery tells of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from domain.events.entry import RecordEventKind
from domain.inbound import InboundEdit, InboundRecord, Reference
from domain.records import TAKES_INBOUND, FieldValue, Priority, RecordKind, TicketStatus
from domain.sla.history import Step, is_believable
from models.coding import dumps, to_milliseconds
from operations.sync.draft import Draft
from operations.sync.edits import named, resolved
from operations.sync.gather import Gathered
from operations.sync.shapes import SHAPES, Line
from operations.sync.writing import Writing
from operations.tickets.event import LONGEST_TIER
from operations.tickets.steps import NewStep, store_steps

_KEPT: Final = frozenset({"status", "priority", "tier"})


async def store_told(to: Writing, gathered: Gathered, drafts: Sequence[Draft]) -> None:
    """Place what a page tells of tickets into their histories; their rows are written.

    A version that came too late to be mirrored has its place too. Where the vendor tells
    the changes, each is a step. Of two versions of one instant the later read stands.
    Cost: three statements a page of tickets, none for other kinds.
    """
    if not to.shape.has_steps or not gathered.changed:
        return
    rows = await _rows(to, [record.external_id for record in gathered.changed])
    by_id = {draft.source.external_id: draft for draft in drafts}
    present: list[NewStep] = []
    past: list[NewStep] = []
    for record in gathered.changed:
        row, draft = rows.get(record.external_id), by_id.get(record.external_id)
        is_new = draft is not None and _is_new(draft)
        if row is None or not (is_new or row["direction"] in TAKES_INBOUND):
            continue
        told = _Told(
            ticket_id=row["ticket_id"],
            record=record,
            step=_step(record, row if draft is not None else _said(record, gathered.names)),
            names=gathered.names,
        )
        present.append(told.new(told.step, by=record.author))
        edits = gathered.edits.get(record.external_id, ()) if gathered.is_whole else ()
        past.extend(told.past(edits, is_new=is_new))
    await store_steps(to.tx, _believable(past), overwrite=False)
    await store_steps(to.tx, _believable(present), overwrite=True)


async def _rows(to: Writing, external_ids: Sequence[str]) -> dict[str, Line]:
    """Return how the tickets stand, by the vendor's ids, and which way changes go."""
    found = await to.tx.rows(
        f"""
        SELECT l.external_id, l.ticket_id, i.direction, t.status, t.priority, t.tier
        FROM ticket_link l JOIN ticket t ON t.id = l.ticket_id
        JOIN integration i ON i.id = l.integration_id
        WHERE l.integration_id = $1 AND {to.tx.one_of("l.external_id", "$2")}
        """,  # noqa: S608 — the inserted text is ours
        to.integration_id,
        dumps(external_ids),
    )
    return {row["external_id"]: row for row in found}


def _is_new(draft: Draft) -> bool:
    """Say whether a ticket is seen for the first time: then it is taken whatever the direction."""
    return draft.entry is not None and draft.entry.kind == RecordEventKind.CREATED


def _said(record: InboundRecord, names: Mapping[Reference, str]) -> dict[str, Any]:
    """Return the fields of a record, with what stands for those that the vendor leaves out."""
    said = resolved(record.fields, names)
    needed = SHAPES[RecordKind.TICKET].needed
    return {name: said.get(name) or needed[name] for name in _KEPT}


def _step(record: InboundRecord, values: Mapping[str, Any]) -> Step:
    return Step(
        at_ms=to_milliseconds(record.key.at),
        status=TicketStatus(values["status"]),
        priority=Priority(values["priority"]),
        tier=values["tier"][:LONGEST_TIER],
    )


def _believable(steps: Sequence[NewStep]) -> list[NewStep]:
    return [new for new in steps if is_believable(new.step, created_ms=new.step.at_ms)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What is told of one ticket; ``step`` is how the record shows it."""

    ticket_id: str
    record: InboundRecord
    step: Step
    names: Mapping[Reference, str]

    def new(self, step: Step, *, by: str) -> NewStep:
        """Return a step of this ticket."""
        return NewStep(ticket_id=self.ticket_id, step=step, by=by)

    def past(self, edits: Sequence[InboundEdit], *, is_new: bool) -> Iterator[NewStep]:
        """Yield the steps before the record, the latest first, going back from edit to edit.

        A history that is read from its beginning tells too how the ticket was made.
        """
        step = self.step
        for edit in sorted(edits, key=lambda edit: (edit.key, edit.external_id), reverse=True):
            at_ms = to_milliseconds(edit.key.at)
            if edit.field not in _KEPT or self._is_ahead(edit):
                continue
            if at_ms < step.at_ms:
                step = replace(step, at_ms=at_ms)
                yield self.new(step, by=edit.author)
            step = self._before(step, edit)
        made_ms = to_milliseconds(self.record.created_at)
        if is_new and edits and made_ms < step.at_ms:
            yield self.new(replace(step, at_ms=made_ms), by="")

    def _is_ahead(self, edit: InboundEdit) -> bool:
        """Say whether a change came after the record was read: by its count where there is one."""
        key = self.record.key
        if key.sequence:
            return edit.key.sequence > key.sequence
        return edit.key.at > key.at

    def _before(self, step: Step, edit: InboundEdit) -> Step:
        """Return the step without a change; a value that is none of ours leaves it as it is."""
        value: FieldValue = named(edit.before, self.names)
        known = str(value or SHAPES[RecordKind.TICKET].needed[edit.field])
        match edit.field:
            case "status" if known in TicketStatus.__members__:
                return replace(step, status=TicketStatus(known))
            case "priority" if known in Priority.__members__:
                return replace(step, priority=Priority(known))
            case "tier":
                return replace(step, tier=known[:LONGEST_TIER])
            case _:
                return step
