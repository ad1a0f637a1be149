"""Edit an incident here, and let its vendors know."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from domain.access.roles import Actor
from domain.errors import NotFound, Stale
from domain.events.entry import NewEntry, RecordEventKind, Topic
from domain.exchange import WarningCode, WriteKind
from domain.records import ENDED, FieldValue, RecordKind
from domain.sync.ownership import why_not_sent
from models.coding import dumps, loads, to_milliseconds
from models.reads.incident import INCIDENTS
from models.transaction import Transaction, commit
from operations.access.authorise import Action, authorise
from operations.access.scope import scope_of
from operations.conflicts.follow import Edited, follow_edit
from operations.incidents.checked import checked
from operations.incidents.edit_line import Change, edit_line
from operations.incidents.repeated import Asked, once
from operations.runtime import Runtime
from operations.sync.queue import Write, queue
from operations.sync.shapes import SHAPES, Line
from operations.sync.terms import Terms, terms_of_all
from operations.sync.warned import Warned

_INCIDENT = SHAPES[RecordKind.INCIDENT]


@dataclass(frozen=True, slots=True, kw_only=True)
class EditIncident:
    """New values of an incident's fields, by our names; others stay as they are.

    expected_version: what the caller has read; None edits whatever there is.
    key: the caller's own name for the request, if it may be repeated.
    """

    incident_id: str
    fields: Mapping[str, FieldValue]
    add_labels: Sequence[str] = ()
    remove_labels: Sequence[str] = ()
    expected_version: int | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The incident, and what to know."""

    incident_id: str
    warnings: Sequence[Warned] = ()


async def edit_incident(runtime: Runtime, actor: Actor, ask: EditIncident) -> Result:
    """Set fields, and queue their delivery to each vendor that is to have them.

    Raises NotFound, Forbidden, Stale, IdempotencyMismatch, and Invalid with the path of
    what is wrong. Cost: one transaction of about ten statements.
    """
    warnings: list[Warned] = []

    async def write(tx: Transaction) -> str:
        async def make() -> str:
            row = await _locked(tx, actor, ask)
            editing = _Editing(runtime=runtime, tx=tx, row=row, by=actor.name, at=runtime.now())
            warnings.extend(await editing.edit(ask))
            return ask.incident_id

        if ask.key is None:
            return await make()
        content = {"edit": ask.incident_id, "fields": ask.fields, "version": ask.expected_version}
        labels = {"add": list(ask.add_labels), "remove": list(ask.remove_labels)}
        return await once(runtime, tx, actor, Asked(key=ask.key, content=content | labels), make)

    incident_id = await commit(write)
    await runtime.wake("push")
    await runtime.wake("events")
    return Result(incident_id=incident_id, warnings=tuple(warnings))


async def _locked(tx: Transaction, actor: Actor, ask: EditIncident) -> Line:
    columns = ", ".join(_INCIDENT.record_columns)
    found = await tx.rows(
        f"SELECT {columns} FROM incident WHERE id = $1 {tx.for_update}",  # noqa: S608 — names are ours
        ask.incident_id,
    )
    if not found or not await INCIDENTS.by_id(scope_of(actor), [ask.incident_id]):
        raise NotFound("incident", ask.incident_id, path=("id",))
    row = found[0]
    authorise(actor, Action.EDIT_INCIDENT, assignee=row["assignee"])
    if ask.expected_version is not None and row["version"] != ask.expected_version:
        raise Stale(seen=ask.expected_version, current=row["version"])
    return row


@dataclass(slots=True, kw_only=True)
class _Editing:
    """One edit of one incident, under way."""

    runtime: Runtime
    tx: Transaction
    row: Line
    by: str
    at: datetime
    warnings: list[Warned] = field(default_factory=list)

    async def edit(self, ask: EditIncident) -> list[Warned]:
        """Write what differs, and queue it. Raises Invalid."""
        changed = self._changed(ask)
        if not changed:
            return []
        revisions = loads(self.row["revisions"])
        edits = self._edits(changed, revisions)
        line = _INCIDENT.edited_line(self.row, changed, at=self.at, versions=len(changed))
        line["revisions"] = dumps(revisions)
        if "status" in changed:
            line["resolved_at"] = self._resolved_at(changed["status"])
        await self.tx.upsert("incident", [line], key=("id",))
        await self.tx.upsert("edit", edits, key=("id",))
        held = await follow_edit(
            self.runtime,
            self.tx,
            Edited(
                incident_id=self.row["id"],
                values=changed,
                versions={name: revisions[name][0] for name in changed},
                by=self.by,
            ),
        )
        await self._send(changed, held)
        self.tx.tell(
            NewEntry(
                topic=Topic.INCIDENT,
                kind=RecordEventKind.UPDATED,
                occurred_at=self.at,
                record_id=self.row["id"],
                edit_ids=tuple(str(edit["id"]) for edit in edits),
            )
        )
        return self.warnings

    def _changed(self, ask: EditIncident) -> dict[str, FieldValue]:
        """Return the fields that get another value; the end follows from the status."""
        wanted = checked(ask.fields)
        labels: list[str] = loads(self.row["labels"])
        if ask.add_labels or ask.remove_labels:
            kept = {*labels, *ask.add_labels} - set(ask.remove_labels)
            wanted |= checked({"labels": sorted(kept)})
        return {name: value for name, value in wanted.items() if value != self._value(name)}

    def _resolved_at(self, status: FieldValue) -> int | None:
        """Return when the incident ended, now that it has this status."""
        if status not in ENDED:
            return None
        before: int | None = self.row["resolved_at"]
        return to_milliseconds(self.at) if before is None else before

    def _value(self, name: str) -> FieldValue:
        stored: FieldValue = self.row[_INCIDENT.columns[name]]
        if name in _INCIDENT.lists:
            listed: list[str] = loads(str(stored))
            return listed
        return stored

    def _edits(
        self, changed: Mapping[str, FieldValue], revisions: dict[str, list[object]]
    ) -> list[Line]:
        """Return the lines of the edits, and count the fields' versions on."""
        lines: list[Line] = []
        at = to_milliseconds(self.at)
        for place, (name, value) in enumerate(sorted(changed.items()), start=1):
            version, *_ = revisions.get(name, (0,))
            revisions[name] = [int(str(version)) + 1, at, None, self.by]
            change = Change(
                incident_id=self.row["id"],
                field=name,
                before=self._value(name),
                after=value,
                version=self.row["version"] + place,
                at=self.at,
                by=self.by,
            )
            lines.append(edit_line(self.runtime, change))
        return lines

    async def _send(
        self, changed: Mapping[str, FieldValue], held: frozenset[tuple[str, str]]
    ) -> None:
        """Queue the fields for each vendor that is to have them; say where one is not sent."""
        links = await self.tx.rows(
            """
            SELECT l.integration_id, i.key FROM incident_link l
            JOIN integration i ON i.id = l.integration_id
            WHERE l.incident_id = $1 AND l.gone_at IS NULL ORDER BY l.integration_id
            """,
            self.row["id"],
        )
        terms = await terms_of_all() if links else {}
        linked = [link["integration_id"] for link in links]
        for link in links:
            own = terms[link["integration_id"]]
            sent = [
                name
                for name in sorted(changed)
                if self._is_sent(name, own, linked, held, key=link["key"])
            ]
            if sent:
                write = Write(
                    integration_id=own.integration_id,
                    incident_id=self.row["id"],
                    kind=WriteKind.UPDATE,
                    by=self.by,
                    fields=sent,
                )
                await queue(self.runtime, self.tx, write)

    def _is_sent(
        self,
        name: str,
        terms: Terms,
        linked: Sequence[str],
        held: frozenset[tuple[str, str]],
        *,
        key: str,
    ) -> bool:
        """Say whether a vendor is to have the field; warn when not."""
        code = why_not_sent(terms.direction, terms.policy(name, linked).owned.owner)
        if (terms.integration_id, name) in held:
            code = WarningCode.CONFLICT_OPEN
        elif code is None and name not in terms.written:
            code = WarningCode.NOT_SENT
        if code is not None:
            self.warnings.append(Warned(code=code, field=name, integration_key=key))
        return code is None
