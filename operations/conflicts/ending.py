"""What follows from a person's word on a conflict, written into our tables."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.access.roles import Actor
from domain.events.entry import ConflictEventKind, NewEntry, RecordEventKind, Topic
from domain.exchange import ConflictStatus, WriteKind
from domain.inbound import VendorKey
from domain.records import EditSource, MergeReason, RecordKind
from domain.sync.conflict import Decided
from domain.sync.field import FieldChange, Verdict
from models.coding import to_milliseconds
from models.transaction import Transaction
from operations.conflicts.follow import Edited, follow_edit
from operations.conflicts.supersede import tell
from operations.conflicts.withdraw import withdraw
from operations.runtime import Runtime
from operations.sync.consequences import spread
from operations.sync.edits import Edits
from operations.sync.ledger import Ledger
from operations.sync.queue import Write, queue
from operations.sync.shapes import SHAPES, Line
from operations.sync.terms import Terms
from operations.sync.writing import Writing

_INCIDENT = SHAPES[RecordKind.INCIDENT]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """An open transaction in which a person's words take effect.

    terms: of all integrations.
    """

    runtime: Runtime
    tx: Transaction
    actor: Actor
    terms: Mapping[str, Terms]

    async def end(self, row: Line, ledger: Ledger, outcome: Decided) -> None:
        """End a conflict: write its field as it is from now on, and tell all that it concerns."""
        name, before = row["field"], ledger[row["field"]].value
        verdict = Verdict(
            reason=MergeReason(row["kind"]), after=outcome.after, accepted=outcome.is_taken
        )
        ledger.keep(name, verdict, by=self.actor.name)
        await self._close(row, ledger, outcome.status)
        if outcome.is_taken:
            change = FieldChange(
                field=name,
                before=before,
                after=outcome.after.value,
                accepted=True,
                reason=verdict.reason,
            )
            await self._take(ledger, change)
            await self._spread(row, ledger, outcome)
        await withdraw(
            self.runtime,
            self.tx,
            integration_id=row["integration_id"],
            incident_id=row["incident_id"],
            field=name,
        )
        if outcome.is_sent:
            await self._send(row)

    async def _close(self, row: Line, ledger: Ledger, status: ConflictStatus) -> None:
        await self.tx.rows(
            """
            UPDATE incident_link SET dealings = $3
            WHERE incident_id = $1 AND integration_id = $2 RETURNING id
            """,
            row["incident_id"],
            row["integration_id"],
            ledger.dealt,
        )
        await self.tx.rows(
            """
            UPDATE conflict SET status = $2, open_slot = NULL, resolved_at = $3, resolved_by = $4
            WHERE id = $1 RETURNING id
            """,
            row["id"],
            status,
            to_milliseconds(self.runtime.now()),
            self.actor.name,
        )
        is_left = status is ConflictStatus.IGNORED
        kind = ConflictEventKind.IGNORED if is_left else ConflictEventKind.RESOLVED
        tell(self.runtime, self.tx, row["id"], kind, integration_id=row["integration_id"])

    async def _take(self, ledger: Ledger, change: FieldChange) -> None:
        """Give the incident the vendor's value, as an edit of the person's."""
        now, record = self.runtime.now(), ledger.record
        edits = Edits(
            runtime=self.runtime,
            integration_id=ledger.terms.integration_id,
            names={},
            source=EditSource.CONFLICT_RESOLUTION,
        )
        edit = edits.line(
            record["id"],
            change,
            key=VendorKey(at=now, sequence=0),
            by=self.actor.name,
            version=record["version"] + 1,
        )
        changed = _INCIDENT.edited_line(record, ledger.changed, at=now, versions=1)
        changed["revisions"] = ledger.revised
        await self.tx.upsert("incident", [changed], key=("id",))
        # It was made here: the vendor has only said the value before.
        await self.tx.upsert("edit", [edit | {"integration_id": None}], key=("id",))
        self.tx.tell(
            NewEntry(
                topic=Topic.INCIDENT,
                kind=RecordEventKind.UPDATED,
                occurred_at=now,
                record_id=record["id"],
                edit_ids=(edit["id"],),
            )
        )

    async def _spread(self, row: Line, ledger: Ledger, outcome: Decided) -> None:
        """Send the new value to the incident's other vendors, but where a conflict holds it."""
        name, incident_id = row["field"], row["incident_id"]
        edited = Edited(
            incident_id=incident_id,
            values={name: outcome.after.value},
            versions={name: outcome.after.version},
            by=self.actor.name,
        )
        held = await follow_edit(self.runtime, self.tx, edited)
        to = Writing(
            runtime=self.runtime,
            tx=self.tx,
            shape=_INCIDENT,
            integration_id=row["integration_id"],
            provider=row["provider"],
        )
        linked = ledger.linked.integrations
        for other in linked:
            if other != row["integration_id"] and (other, name) not in held:
                await spread(to, incident_id, frozenset({name}), self.terms[other], linked)

    async def _send(self, row: Line) -> None:
        """Queue our value for this vendor, whoever owns the field there."""
        write = Write(
            integration_id=row["integration_id"],
            incident_id=row["incident_id"],
            kind=WriteKind.UPDATE,
            by=self.actor.name,
            fields={row["field"]},
            is_forced=True,
        )
        await queue(self.runtime, self.tx, write)
