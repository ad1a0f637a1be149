"""What became of an attempt to write, and what follows from it (rules X4 to X6, X8)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from adapters.exchange import Failed
from domain.events.entry import NewEntry, SyncEventKind, Topic
from domain.exchange import WriteKind, WriteState
from domain.inbound import InboundNote
from domain.records import FieldValue
from domain.sync.retry import Bury, Fault, Park, SendAgain, Throttle, after_send_failure
from models.coding import dumps, loads, to_milliseconds
from models.lanes import ClaimedLane, Head, end_write, hold_lane, leave_lane
from models.serial import next_numbers
from models.transaction import Transaction
from operations.metrics import Figure, count
from operations.runtime import Runtime
from operations.sync.attempt import Arrived, Dropped, Outcome, refused_of, unmade_of
from operations.sync.ending import park, wait_out
from operations.sync.gone import suspect_gone
from operations.sync.identity import alone
from operations.sync.locks import lock_incident, lock_integration
from operations.sync.mirror import drafted, written
from operations.sync.queue import SYNC, Write, queue
from operations.sync.sendable import forget_sent
from operations.sync.writing import Writing

_NUMBERED: Final = "entry"
_PLACEHOLDER: Final = "WP-%"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """Records what became of the writes of one lane, as long as it is this worker's."""

    runtime: Runtime
    lane: ClaimedLane
    to: Callable[[Transaction], Writing]

    async def leave(self, tx: Transaction) -> None:
        """Give the lane back; it is due at once when something still waits."""
        if await hold_lane(tx, self.lane):
            await leave_lane(tx, self.lane, due_at=self.runtime.now())

    async def record(self, tx: Transaction, *, head: Head, outcome: Outcome) -> bool:
        """Record an outcome; False when the lane rests now, or is another worker's."""
        await self._lock(tx, outcome)
        if not await hold_lane(tx, self.lane):
            return False
        match outcome:
            case Arrived():
                await self._arrived(tx, head, outcome)
                return True
            case Dropped(code=code, detail=detail):
                now = self.runtime.now()
                await end_write(tx, head, WriteState.DROPPED, at=now, code=code, error=detail)
                return True
            case Failed():
                return await self._failed(tx, head, outcome)

    async def _lock(self, tx: Transaction, outcome: Outcome) -> None:
        """Lock what others lock too, the lane last: who queues a write holds its incident."""
        if isinstance(outcome, Failed):
            await lock_integration(tx, self.lane.integration_id)
        if isinstance(outcome, Arrived) and outcome.gathered is not None:
            await alone(self.to(tx))
        await lock_incident(tx, self.lane.incident_id)

    async def _arrived(self, tx: Transaction, head: Head, outcome: Arrived) -> None:
        to, now = self.to(tx), self.runtime.now()
        # It waits no longer: what the answer asks to be sent again is another write.
        await end_write(tx, head, WriteState.DONE, at=now)
        if outcome.gathered is not None and outcome.record is not None:
            same = await self._same(to, outcome)
            # An earlier try of a create may have made the record, of what held then.
            was_tried = outcome.is_new and (head.attempt > 0 or head.starts > 1)
            missed = outcome.missed if was_tried else frozenset()
            sent = {name: one for name, one in outcome.sent.items() if name not in missed}
            drafts = await drafted(to, outcome.gathered, same=same, sent=sent)
            await written(to, outcome.gathered, drafts)
            if missed:
                await self._send_missed(tx, missed)
        if outcome.record is not None and outcome.is_new:
            await tx.rows(
                "UPDATE incident SET number = $2 WHERE id = $1 AND number LIKE $3 RETURNING id",
                self.lane.incident_id,
                outcome.record.external_key,
                _PLACEHOLDER,
            )
        if outcome.note is not None:
            await self._keep_copy(tx, head, outcome.note)
        await self._tried(tx, head, outcome="DELIVERED", values=outcome.values)
        await self._supersede(tx, frozenset(outcome.values))
        await count(tx, self.runtime, self.lane.integration_id, Figure.OUTBOUND_SUCCESS)

    async def _send_missed(self, tx: Transaction, missed: frozenset[str]) -> None:
        write = Write(
            integration_id=self.lane.integration_id,
            incident_id=self.lane.incident_id,
            kind=WriteKind.UPDATE,
            by=SYNC,
            fields=missed,
        )
        await queue(self.runtime, tx, write)

    async def _same(self, to: Writing, outcome: Arrived) -> dict[str, dict[str, object]]:
        """Say which incident a record that we created is."""
        if not outcome.is_new or outcome.record is None:
            return {}
        columns = ", ".join(to.shape.record_columns)
        (line,) = await to.tx.rows(
            f"SELECT {columns} FROM incident WHERE id = $1 {to.tx.for_update}",  # noqa: S608 — names are ours
            self.lane.incident_id,
        )
        return {outcome.record.external_id: line}

    async def _keep_copy(self, tx: Transaction, head: Head, note: InboundNote) -> None:
        await tx.upsert(
            "note_copy",
            [
                {
                    "id": self.runtime.new_id(),
                    "note_id": head.note_id,
                    "integration_id": self.lane.integration_id,
                    "external_id": note.external_id,
                }
            ],
            key=("note_id", "integration_id"),
        )

    async def _supersede(self, tx: Transaction, written_fields: frozenset[str]) -> None:
        """End the dead letters whose fields have arrived by now (rule X6)."""
        dead = await tx.rows(
            "SELECT id, fields FROM outbox WHERE lane_id = $1 AND state = $2 AND kind = $3",
            self.lane.id,
            WriteState.DEAD,
            WriteKind.UPDATE,
        )
        for row in dead:
            if written_fields.issuperset(loads(row["fields"])):
                await tx.rows(
                    "UPDATE outbox SET state = $2 WHERE id = $1 RETURNING id",
                    row["id"],
                    WriteState.SUPERSEDED,
                )

    async def _failed(self, tx: Transaction, head: Head, failed: Failed) -> bool:
        now, integration_id = self.runtime.now(), self.lane.integration_id
        after = after_send_failure(
            failed.fault, failures=head.attempt, now=now, retry_after=failed.retry_after
        )
        match after:
            case Park():
                await self._put_back(tx, head, failed, attempt=head.attempt)
                await park(self.runtime, tx, integration_id, failed.detail)
                return await self._rest(tx, now)
            case Throttle(until=until):
                await self._put_back(tx, head, failed, attempt=head.attempt)
                await wait_out(self.runtime, tx, integration_id, failed.detail, until=until)
                return await self._rest(tx, until)
            case SendAgain(at=at, failures=failures):
                await self._put_back(tx, head, failed, attempt=failures)
                await self._tried(tx, head, outcome=failed.fault, failed=failed)
                await count(tx, self.runtime, integration_id, Figure.OUTBOUND_FAILED)
                return await self._rest(tx, at)
            case Bury():
                await self._tried(tx, head, outcome=failed.fault, failed=failed)
                await count(tx, self.runtime, integration_id, Figure.OUTBOUND_FAILED)
                return await self._bury(tx, head, failed)

    async def _put_back(self, tx: Transaction, head: Head, failed: Failed, *, attempt: int) -> None:
        """Let it wait for its next attempt; what a dead worker may have sent stays in doubt."""
        await tx.rows(
            """
            UPDATE outbox SET attempt = $2, starts = $3, code = $4, error = $5
            WHERE id = $1 RETURNING id
            """,
            head.id,
            attempt,
            int(head.starts > 1),
            failed.fault,
            failed.detail,
        )

    async def _rest(self, tx: Transaction, due_at: datetime) -> bool:
        await leave_lane(tx, self.lane, due_at=due_at)
        return False

    async def _bury(self, tx: Transaction, head: Head, failed: Failed) -> bool:
        """Make a dead letter; what the vendor did not refuse goes on without the rest."""
        now, refused = self.runtime.now(), refused_of(failed) & frozenset(head.fields)
        rest = sorted(frozenset(head.fields) - refused)
        if head.kind is WriteKind.UPDATE and refused and rest:
            left = dumps(sorted(refused))
            await tx.rows("UPDATE outbox SET fields = $2 WHERE id = $1 RETURNING id", head.id, left)
            if failed.fault is not Fault.GONE:
                await self._append(tx, head, rest)
        number = await self._number(tx, head)
        await end_write(
            tx,
            head,
            WriteState.DEAD,
            at=now,
            code=failed.fault,
            error=failed.detail,
            number=number,
        )
        if failed.fault is Fault.GONE:
            await self._suspect_gone(tx)
        fields = sorted(refused) or unmade_of(failed, head.fields)
        await forget_sent(self.to, tx, incident_id=self.lane.incident_id, fields=fields)
        tx.tell(
            NewEntry(
                topic=Topic.SYNC,
                kind=SyncEventKind.DEAD_LETTER_ADDED,
                occurred_at=now,
                integration_id=self.lane.integration_id,
                message=f"entry-{number}: {failed.detail}",
            )
        )
        if head.kind is WriteKind.CREATE:
            await leave_lane(tx, self.lane, due_at=now, is_blocked=True)
            return False
        return True

    async def _number(self, tx: Transaction, head: Head) -> int:
        """Return what people call the write; one that was dead before keeps its number."""
        (row,) = await tx.rows("SELECT number FROM outbox WHERE id = $1", head.id)
        number: int | None = row["number"]
        return (await next_numbers(tx, _NUMBERED))[0] if number is None else number

    async def _append(self, tx: Transaction, head: Head, fields: list[str]) -> None:
        """Put the fields that were not refused behind what waits."""
        (lane,) = await tx.rows(
            "UPDATE lane SET last_seq = last_seq + 1 WHERE id = $1 RETURNING last_seq",
            self.lane.id,
        )
        await tx.upsert(
            "outbox",
            [
                {
                    "id": self.runtime.new_id(),
                    "lane_id": self.lane.id,
                    "seq": lane["last_seq"],
                    "kind": WriteKind.UPDATE,
                    "fields": dumps(fields),
                    "state": WriteState.READY,
                    "is_forced": head.is_forced,
                    "tries": "[]",
                    "trace": head.trace,
                    "queued_by": head.queued_by,
                    "queued_at": to_milliseconds(self.runtime.now()),
                }
            ],
            key=("id",),
        )

    async def _suspect_gone(self, tx: Transaction) -> None:
        links = await tx.rows(
            """
            SELECT external_id FROM incident_link
            WHERE incident_id = $1 AND integration_id = $2
            """,
            self.lane.incident_id,
            self.lane.integration_id,
        )
        if links:
            ids = [row["external_id"] for row in links]
            await suspect_gone(self.to(tx), ids, served_at=self.runtime.now())

    async def _tried(
        self,
        tx: Transaction,
        head: Head,
        *,
        outcome: str,
        failed: Failed | None = None,
        values: Mapping[str, FieldValue] | None = None,
    ) -> None:
        """Add an attempt to the write's story, with what it sent."""
        (row,) = await tx.rows("SELECT tries FROM outbox WHERE id = $1", head.id)
        attempt = {
            "at": to_milliseconds(self.runtime.now()),
            "status": None if failed is None else failed.status,
            "outcome": outcome,
            "message": "" if failed is None else failed.detail,
        }
        await tx.rows(
            """
            UPDATE outbox SET tries = $2, payload = COALESCE($3, payload)
            WHERE id = $1 RETURNING id
            """,
            head.id,
            dumps([*loads(row["tries"]), attempt]),
            None if values is None else dumps(dict(values)),
        )
