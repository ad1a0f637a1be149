"""One lane of writes, taken to its vendor write by write (rules X1 to X5)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import Final

from adapters.contract import Manifest, Vendor
from adapters.exchange import CommentAsk, CreateAsk, Failed, Found, WriteAsk
from domain.exchange import FlowDirection, WriteKind
from domain.inbound import InboundNote, InboundRecord, Reference
from domain.records import FieldValue, NoteVisibility, RecordKind
from domain.sync.field import Sent
from domain.sync.retry import Fault
from models.lanes import ClaimedLane, Head, begin_head, hold_lane
from models.reads.statement import rows
from models.tables.integration import IntegrationRow
from models.tables.note import NoteRow
from models.transaction import Transaction, commit
from operations.runtime import Runtime
from operations.span import name_record, span
from operations.sync.attempt import Arrived, Dropped, Outcome
from operations.sync.gather import Gatherer
from operations.sync.judging import Untold
from operations.sync.mirror import drafted, written
from operations.sync.outcome import Outcomes
from operations.sync.outward import outward, service_references
from operations.sync.sendable import Sendable, forget_sent, mark_sent, sendable, to_create
from operations.sync.shapes import SHAPES
from operations.sync.writing import Writing

# Writes that one worker takes of a lane before others may have their turn.
MOST_WRITES: Final = 10
# A write that was begun so often without an end is what ends its workers.
MOST_STARTS: Final = 20
# More than the vendors' clocks and ours are apart.
_CLOCKS_APART: Final = timedelta(minutes=10)
_INCIDENT: Final = SHAPES[RecordKind.INCIDENT]


@dataclass(slots=True, kw_only=True)
class Delivery:
    """The writes of one incident to one vendor, in order.

    No transaction is open while the vendor is called. A write that may have
    arrived before is made again only after a look: updates set values and may be
    repeated, creates and notes are searched for first.
    """

    runtime: Runtime
    lane: ClaimedLane
    integration: IntegrationRow
    vendor: Vendor
    about: Manifest
    gatherer: Gatherer = field(init=False)

    def __post_init__(self) -> None:
        """Read names and histories over the same connection."""
        self.gatherer = Gatherer(
            vendor=self.vendor,
            about=self.about,
            integration_id=self.integration.id,
            kind=RecordKind.INCIDENT,
            is_full=True,
        )

    async def take(self) -> int:
        """Send what waits, and leave the lane; return how many writes arrived."""
        outcomes = Outcomes(runtime=self.runtime, lane=self.lane, to=self._to)
        arrived = 0
        for _ in range(MOST_WRITES):
            head = None
            if not self.lane.is_half_spent(self.runtime.now()):
                head = await commit(self._begin)
            if head is None:
                break
            outcome = await self._traced(head)
            try:
                goes_on = await commit(partial(outcomes.record, head=head, outcome=outcome))
            except Untold:
                outcome = await self._with_history(outcome)
                goes_on = await commit(partial(outcomes.record, head=head, outcome=outcome))
            arrived += isinstance(outcome, Arrived)
            if not goes_on:
                return arrived
        await commit(outcomes.leave)
        return arrived

    def _to(self, tx: Transaction) -> Writing:
        return Writing(
            runtime=self.runtime,
            tx=tx,
            shape=_INCIDENT,
            integration_id=self.integration.id,
            provider=self.about.key,
        )

    async def _begin(self, tx: Transaction) -> Head | None:
        return await begin_head(tx, self.lane) if await hold_lane(tx, self.lane) else None

    async def _traced(self, head: Head) -> Outcome:
        with span(
            "sync.push",
            integration_id=self.integration.id,
            integration_type=self.about.key,
            direction=FlowDirection.OUTBOUND,
            incident_id=self.lane.incident_id,
            parent=head.trace,
        ):
            if head.starts > MOST_STARTS:
                detail = f"begun {head.starts - 1} times and never ended; see the log"
                return Failed(fault=Fault.REJECTED, detail=detail)
            return await self._attempt(head)

    async def _attempt(self, head: Head) -> Outcome:
        match head.kind:
            case WriteKind.CREATE:
                return await self._create(head)
            case WriteKind.UPDATE:
                return await self._update(head)
            case WriteKind.NOTE:
                return await self._comment(head)

    async def _update(self, head: Head) -> Outcome:
        """Write the fields that are still to be written, after a look where that is safer."""
        plan = await commit(partial(sendable, self._to, head=head, lane=self.lane))
        if isinstance(plan, Dropped):
            return plan
        name_record(plan.external_id)
        if plan.needs_look or head.attempt or head.starts > 1:
            if failed := await self._look(plan.external_id):
                return failed
            plan = await commit(partial(sendable, self._to, head=head, lane=self.lane))
            if isinstance(plan, Dropped):
                return plan
        return await self._confirmed(await self._write(head, plan), plan.external_id)

    async def _confirmed(self, outcome: Outcome, external_id: str) -> Outcome:
        """Suspect that a record is gone only when it cannot be read either (rule W9).

        A vendor may answer so to a write that the account has no right to.
        """
        if not isinstance(outcome, Failed) or outcome.fault is not Fault.GONE:
            return outcome
        found = await self.vendor.read(RecordKind.INCIDENT, [external_id])
        if isinstance(found, Failed):
            return found
        return outcome if found.gone else replace(outcome, fault=Fault.REJECTED)

    async def _look(self, external_id: str) -> Failed | None:
        """Read the record and judge what has happened to it meanwhile (rule X3)."""
        found = await self.vendor.read(RecordKind.INCIDENT, [external_id])
        if isinstance(found, Failed):
            return found
        if found.gone:
            return Failed(fault=Fault.GONE, detail="the vendor shows no such record any more")
        gathered = await self.gatherer.gather_found(found)
        if isinstance(gathered, Failed):
            return gathered

        async def write(tx: Transaction) -> None:
            to = self._to(tx)
            await written(to, gathered, await drafted(to, gathered))

        await commit(write)
        return None

    async def _write(self, head: Head, plan: Sendable) -> Outcome:
        """Write what the vendor has a counterpart for; the rest stays here (rule O, NOT_SENT)."""
        out = await outward(self.about, self.integration.id, plan.values)
        missing = dict(out.missing)
        while kept := plan.without(missing):
            sent = await commit(partial(mark_sent, self._to, head=head, plan=kept))
            fields = {name: out.fields[name] for name in kept.values}
            answer = await self.vendor.write(WriteAsk(external_id=plan.external_id, fields=fields))
            if not isinstance(answer, Failed):
                return await self._arrived(answer, sent, kept.values)
            if not _is_unasked(answer):
                return answer
            await commit(
                partial(
                    forget_sent,
                    self._to,
                    incident_id=self.lane.incident_id,
                    fields=list(answer.fields),
                )
            )
            missing |= answer.fields
        detail = "; ".join(f"{name}: {why}" for name, why in missing.items())
        return Dropped(code="NOT_SENT", detail=detail)

    async def _create(self, head: Head) -> Outcome:
        plan = await commit(partial(to_create, self._to, lane=self.lane))
        if isinstance(plan, Dropped):
            return plan
        out = await outward(self.about, self.integration.id, plan.values)

        async def services(tx: Transaction) -> tuple[Reference, ...]:
            return await service_references(
                tx,
                self.about,
                integration_id=self.integration.id,
                incident_id=self.lane.incident_id,
            )

        if named := await commit(services):
            out.fields["services"] = named
        answer = await self.vendor.create(
            CreateAsk(
                fields=out.fields,
                correlation_id=self.lane.incident_id,
                may_exist=head.attempt > 0 or head.starts > 1,
            )
        )
        if isinstance(answer, Failed):
            return answer
        sent = {name: one for name, one in plan.sent.items() if name in out.fields}
        return await self._arrived(answer, sent, plan.values, is_new=True)

    async def _arrived(
        self,
        record: InboundRecord,
        sent: Mapping[str, Sent],
        values: Mapping[str, FieldValue],
        *,
        is_new: bool = False,
    ) -> Outcome:
        name_record(record.external_id)
        gathered = await self.gatherer.gather_told([record], served_at=record.key.at)
        if isinstance(gathered, Failed):
            return gathered
        return Arrived(record=record, gathered=gathered, sent=sent, values=values, is_new=is_new)

    async def _with_history(self, outcome: Outcome) -> Outcome:
        """Read the history of a record that shows more than what was written.

        Where that fails, the write counts as one whose answer was lost.
        """
        if not isinstance(outcome, Arrived) or outcome.record is None:
            return outcome
        found = Found(
            records=[outcome.record],
            faulty=(),
            gone=frozenset(),
            served_at=outcome.record.key.at,
        )
        gathered = await self.gatherer.gather_found(found)
        if isinstance(gathered, Failed):
            return gathered
        return replace(outcome, gathered=gathered)

    async def _others(self, note: NoteRow) -> frozenset[str]:
        """Return the ids that the incident's other notes of ours have there."""
        found = await rows(
            """
            SELECT c.external_id FROM note_copy c JOIN note n ON n.id = c.note_id
            WHERE n.incident_id = $1 AND c.integration_id = $2 AND n.id <> $3
            """,
            self.lane.incident_id,
            self.integration.id,
            note.id,
        )
        return frozenset(row["external_id"] for row in found)

    async def _comment(self, head: Head) -> Outcome:
        plan = await commit(partial(sendable, self._to, head=head, lane=self.lane))
        note = await NoteRow.get_or_none(id=head.note_id)
        if isinstance(plan, Dropped):
            return plan
        if note is None:
            return Dropped(code="GONE", detail="the note is gone")
        name_record(plan.external_id)
        answer = await self.vendor.comment(
            CommentAsk(
                external_id=plan.external_id,
                body=note.body,
                visibility=NoteVisibility(note.visibility),
                may_exist=head.attempt > 0 or head.starts > 1,
                since=note.created_at - _CLOCKS_APART,
                others=await self._others(note),
            )
        )
        if isinstance(answer, InboundNote):
            return Arrived(note=answer, values={"body": note.body, "visibility": note.visibility})
        if _is_unasked(answer):
            return Dropped(code="NOT_SENT", detail=answer.detail)
        return await self._confirmed(answer, plan.external_id)


def _is_unasked(failed: Failed) -> bool:
    """Say whether the adapter knew that the vendor has no such values, and did not ask it."""
    return failed.fault is Fault.REJECTED and failed.status is None and bool(failed.fields)
