"""What healing makes of single fields: our values sent, the vendor's taken, or a conflict."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from domain.events.entry import NewEntry, RecordEventKind
from domain.exchange import DriftAction, DriftOutcome
from domain.inbound import InboundRecord, Reference
from domain.records import EditSource, FieldValue
from domain.sync.drift import healed
from domain.sync.field import Change
from models.coding import dumps, loads, to_milliseconds
from operations.reconcile.compare import Pair, pairs
from operations.sync.assets import store_assets
from operations.sync.consequences import store_consequences
from operations.sync.draft import Draft
from operations.sync.edits import Edits, resolved
from operations.sync.judging import Told
from operations.sync.shapes import Line
from operations.sync.terms import Terms
from operations.sync.writing import Writing

_OF_FIELDS = frozenset({DriftAction.PUSH, DriftAction.PULL, DriftAction.CONFLICT})
# Stored beside the incident, with what else a record tells of them.
_SERVICES = "services"


@dataclass(slots=True, kw_only=True)
class _Record:
    """One record while it is healed: what it tells, and what was made of it."""

    pair: Pair
    record: InboundRecord
    values: Mapping[str, FieldValue]
    told: Told
    base: dict[str, FieldValue] = field(default_factory=dict)

    def heal(self, item: Line) -> DriftOutcome:
        """Heal one field, if both sides are as the plan saw them."""
        name, theirs = item["field"], self.values.get(item["field"])
        ours, step = self.pair.field(name, theirs), self.pair.step(name, theirs)
        seen = (loads(item["platform_value"]), loads(item["external_value"]))
        is_same = seen == (ours.value, theirs) and item["platform_version"] == ours.version
        if step is None or step.action != item["action"] or not is_same:
            return DriftOutcome.CHANGED
        ledger, key = self.pair.ledger, self.record.key
        ledger.fields[name] = ours
        change = Change(value=theirs, key=key, edited_at=ledger.edited_at(key), is_new=True)
        verdict = healed(ours, step.action, change, ledger.policy(name))
        self.told.healed(name, verdict, change)
        self.base[name] = theirs
        return DriftOutcome.HEALED

    def draft(self, to: Writing) -> Draft:
        """Return what is to be written; of the record's version nothing is said by it."""
        ledger, told = self.pair.ledger, self.told
        line: Line | None = None
        entry: NewEntry | None = None
        if ledger.changed:
            versions = sum(edit["accepted"] for edit in told.lines)
            line = to.shape.changed_line(ledger.record, self.record, ledger.changed, versions)
            line["revisions"] = ledger.revised
            entry = NewEntry(
                topic=to.shape.topic,
                kind=RecordEventKind.UPDATED,
                occurred_at=to.runtime.now(),
                integration_id=to.integration_id,
                record_id=self.pair.incident_id,
                edit_ids=tuple(edit["id"] for edit in told.lines),
            )
        return Draft(
            source=self.record,
            record=line,
            link={
                "id": self.pair.link_id,
                "incident_id": self.pair.incident_id,
                "base": dumps({**ledger.base, **self.base}),
                "dealings": ledger.dealt,
                "compared_at": to_milliseconds(self.record.key.at),
            },
            edits=told.lines,
            clashes=told.clashes,
            sends=frozenset(ledger.sends),
            spreads=ledger.spread,
            linked=ledger.linked,
            entry=entry,
        )


@dataclass(slots=True, kw_only=True)
class Healing:
    """Heals fields of some records in one transaction.

    names: of what the records refer to.
    """

    to: Writing
    terms: Terms
    names: Mapping[Reference, str]

    async def heal(
        self, items: Iterable[Line], records: Sequence[InboundRecord]
    ) -> dict[str, DriftOutcome]:
        """Heal the items that are of fields; return what became of each, by its id.

        What the vendor does not have any more, or is not linked here, has changed.
        """
        wanted: dict[str, list[Line]] = {}
        for item in items:
            if item["action"] in _OF_FIELDS:
                wanted.setdefault(item["external_id"], []).append(item)
        known = await pairs(self.to, self.terms, sorted(wanted))
        told = {record.external_id: record for record in records}
        outcomes: dict[str, DriftOutcome] = {}
        drafts: list[Draft] = []
        for external_id, of_record in wanted.items():
            pair, record = known.get(external_id), told.get(external_id)
            if pair is None or pair.is_deleted or record is None:
                outcomes |= {item["id"]: DriftOutcome.CHANGED for item in of_record}
                continue
            one = self._record(pair, record)
            became = {item["id"]: one.heal(item) for item in of_record}
            outcomes |= became
            if DriftOutcome.HEALED in became.values():
                drafts.append(one.draft(self.to))
        await self._write(drafts)
        return outcomes

    def _record(self, pair: Pair, record: InboundRecord) -> _Record:
        values = resolved(record.fields, self.names)
        edits = Edits(
            runtime=self.to.runtime,
            integration_id=self.to.integration_id,
            names=self.names,
            source=EditSource.RECONCILE,
        )
        told = Told(
            ledger=pair.ledger, edits=edits, key=record.key, values=values, author=record.author
        )
        return _Record(pair=pair, record=record, values=values, told=told)

    async def _write(self, drafts: Sequence[Draft]) -> None:
        """Write the healed fields alone: what else the records tell is left to the pulls."""
        to = self.to
        records = [draft.record for draft in drafts if draft.record is not None]
        await to.tx.upsert(to.shape.table, records, key=("id",))
        for draft in drafts:
            link = draft.link
            await to.tx.rows(
                """
                UPDATE incident_link SET base = $2, dealings = $3, compared_at = $4
                WHERE id = $1 RETURNING id
                """,
                link["id"],
                link["base"],
                link["dealings"],
                link["compared_at"],
            )
        edits = [edit for draft in drafts for edit in draft.edits]
        await to.tx.upsert("edit", edits, key=("id",))
        services = [draft for draft in drafts if _SERVICES in draft.spreads]
        await store_assets(to, services, names=self.names)
        await store_consequences(to, drafts)
        for draft in drafts:
            if draft.entry is not None:
                to.tx.tell(draft.entry)
