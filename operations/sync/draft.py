"""What a page's records become in our tables: pure, apart from new ids."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.events.entry import IncidentEventKind, NewEntry, Topic
from domain.records import (
    TAKES_INBOUND,
    Direction,
    EditSource,
    FieldValue,
    InboundEdit,
    InboundRecord,
    MergeReason,
    MirroredValue,
    Reference,
    VendorKey,
)
from domain.sync.merge import FieldChange, Known, merge_snapshot, normalised, restamped
from models.coding import dumps, from_milliseconds, loads, to_milliseconds
from operations.runtime import Runtime
from operations.sync.columns import Line, changed_line, columns, instants


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The lines to write for one record; None where nothing changes."""

    incident: Line | None
    link: Line
    edits: Sequence[Line]
    entry: NewEntry | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafter:
    """Turns the records of one integration into lines.

    known_edits: the vendor's history rows that are stored already.
    served_at: the vendor's time of the page.
    """

    runtime: Runtime
    integration_id: str
    direction: Direction
    names: Mapping[Reference, str]
    known_edits: frozenset[str]
    served_at: datetime
    now: datetime

    def new(self, record: InboundRecord, history: Sequence[InboundEdit]) -> Draft:
        """Draft an incident that is seen for the first time; it is always mirrored."""
        incident_id = self.runtime.new_id()
        values = self.resolved(record.fields)
        edits = self._edits_of(incident_id, history, version=1, is_accepted=True)
        incident: Line = {
            "id": incident_id,
            "number": record.external_key,
            **columns(values, record.external_key),
            "started_at": to_milliseconds(record.created_at),
            "resolved_at": None,
            "created_at": to_milliseconds(record.created_at),
            "updated_at": to_milliseconds(record.key.at),
            "deleted_at": None,
            "version": 1 + len(edits),
        }
        incident |= instants(values)
        return Draft(
            incident=incident,
            link=self._link(self.runtime.new_id(), incident_id, record, values),
            edits=edits,
            entry=self._entry(IncidentEventKind.CREATED, incident_id, edits),
        )

    def update(
        self, stored: Line, record: InboundRecord, history: Sequence[InboundEdit]
    ) -> Draft | None:
        """Draft the changes of a mirrored incident; None for an older version.

        stored: the joined rows of ``incident`` (``i_…``) and ``incident_link``.
        """
        values = self.resolved(record.fields)
        key = VendorKey(at=from_milliseconds(stored["known_at"]), sequence=stored["known_sequence"])
        known = Known(key=restamped(key, pulled=record.key), base=loads(stored["base"]))
        verdict = merge_snapshot(known, key=record.key, fields=values, direction=self.direction)
        if verdict.reason is MergeReason.STALE:
            return None
        incident = {name[2:]: value for name, value in stored.items() if name.startswith("i_")}
        incident_id = incident["id"]
        edits = self._edits_of(
            incident_id,
            history,
            version=incident["version"],
            is_accepted=self.direction in TAKES_INBOUND,
        )
        explained = {(edit.field, dumps(self._value(edit.after))) for edit in history}
        edits += self._unexplained(incident, record, verdict.changes, explained, edits)
        link = self._link(stored["id"], incident_id, record, {**known.base, **values})
        is_restored = incident["deleted_at"] is not None
        changed = {change.field: change.after for change in verdict.changes if change.accepted}
        # The history may have told a change before the record did: then it is no news, but due.
        if not edits and not changed and not is_restored:
            return Draft(incident=None, link=link, edits=(), entry=None)
        kind = IncidentEventKind.RESTORED if is_restored else IncidentEventKind.UPDATED
        return Draft(
            incident=changed_line(
                incident, record, changed, sum(edit["accepted"] for edit in edits)
            ),
            link=link,
            edits=edits,
            entry=self._entry(kind, incident_id, edits),
        )

    def resolved(self, fields: Mapping[str, MirroredValue]) -> dict[str, FieldValue]:
        """Return the fields as they are compared and stored, with names for references."""
        return {
            name: normalised(self._value(value))
            for name, value in fields.items()
            if name != "number"
        }

    def _value(self, value: MirroredValue) -> FieldValue:
        if isinstance(value, Reference):
            return self.names.get(value, value.external_id)
        if isinstance(value, Sequence) and not isinstance(value, str):
            return [str(self._value(part)) for part in value]
        return normalised(value)

    def _edits_of(
        self, incident_id: str, history: Sequence[InboundEdit], *, version: int, is_accepted: bool
    ) -> list[Line]:
        lines: list[Line] = []
        for edit in sorted(history, key=lambda edit: (edit.key, edit.external_id)):
            before, after = self._value(edit.before), self._value(edit.after)
            if edit.external_id in self.known_edits or before == after:
                continue
            version += is_accepted
            lines.append(
                self._edit(
                    incident_id,
                    FieldChange(
                        field=edit.field,
                        before=before,
                        after=after,
                        accepted=is_accepted,
                        reason=MergeReason.NEWER if is_accepted else MergeReason.DIRECTION,
                    ),
                    key=edit.key,
                    by=edit.author,
                    version=version,
                    external_id=edit.external_id,
                )
            )
        return lines

    def _unexplained(
        self,
        incident: Line,
        record: InboundRecord,
        changes: Sequence[FieldChange],
        explained: set[tuple[str, str]],
        edits: Sequence[Line],
    ) -> list[Line]:
        """Return edits for changes that the vendor's history does not tell.

        So a field that is not audited, or a history that is closed, still leaves
        a trace of what the pull saw.
        """
        version = incident["version"] + sum(edit["accepted"] for edit in edits)
        lines: list[Line] = []
        for change in changes:
            if (change.field, dumps(change.after)) not in explained:
                version += change.accepted
                lines.append(
                    self._edit(
                        incident["id"], change, key=record.key, by=record.author, version=version
                    )
                )
        return lines

    def _edit(  # noqa: PLR0913 — one line of a table
        self,
        incident_id: str,
        change: FieldChange,
        *,
        key: VendorKey,
        by: str,
        version: int,
        external_id: str | None = None,
    ) -> Line:
        return {
            "id": self.runtime.new_id(),
            "incident_id": incident_id,
            "integration_id": self.integration_id,
            "external_id": external_id,
            "field": change.field,
            "before": dumps(change.before),
            "after": dumps(change.after),
            "version": version if change.accepted else None,
            "at": to_milliseconds(key.at),
            "sequence": key.sequence,
            "by": by,
            "source": EditSource.PULL,
            "accepted": change.accepted,
            "reason": change.reason,
        }

    def _link(
        self, link_id: str, incident_id: str, record: InboundRecord, base: Mapping[str, FieldValue]
    ) -> Line:
        return {
            "id": link_id,
            "incident_id": incident_id,
            "integration_id": self.integration_id,
            "external_id": record.external_id,
            "external_key": record.external_key,
            "url": record.url,
            "known_at": to_milliseconds(record.key.at),
            "known_sequence": record.key.sequence,
            "base": dumps(base),
            # A clock that stepped back before we knew it has stamped rows in its own future.
            "history_through": to_milliseconds(min(record.key.at, self.served_at)),
            "last_seen_at": to_milliseconds(self.now),
        }

    def _entry(self, kind: IncidentEventKind, incident_id: str, edits: Sequence[Line]) -> NewEntry:
        return NewEntry(
            topic=Topic.INCIDENT,
            kind=kind,
            occurred_at=self.now,
            integration_id=self.integration_id,
            record_id=incident_id,
            edit_ids=tuple(edit["id"] for edit in edits),
        )
