"""A vendor's records beside ours: what differs, as the items of a plan."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from domain.exchange import DriftAction, DriftOutcome
from domain.inbound import InboundRecord, Reference
from domain.records import FieldValue
from domain.sync.drift import HEALS_WITHIN, Step, compare
from domain.sync.field import Field
from models.coding import dumps, from_milliseconds, to_milliseconds
from operations.reconcile.items import item
from operations.sync.edits import resolved
from operations.sync.ledger import FIRST, NOTHING, Ledger
from operations.sync.linked import linked
from operations.sync.mirror import stored_lines
from operations.sync.shapes import Line
from operations.sync.terms import Terms
from operations.sync.writing import Writing

_NOT_HERE = "it is not mirrored"
_DELETED_HERE = "it is deleted here"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A record of ours that is linked to one of the vendor's.

    link_id: of the link; ledger: its fields, as the link knows them.
    """

    link_id: str
    ledger: Ledger

    @property
    def incident_id(self) -> str:
        """Our record."""
        return str(self.ledger.record["id"])

    @property
    def is_deleted(self) -> bool:
        """Whether our record counts as deleted."""
        return self.ledger.record["deleted_at"] is not None

    def field(self, name: str, theirs: FieldValue) -> Field:
        """Return a field with our own value, in the form in which the vendor tells it.

        An instant is stored as a number: one that is equal is the vendor's text.
        """
        shape, found = self.ledger.shape, self.ledger[name]
        if name not in shape.instants:
            return found
        stored = self.ledger.record[shape.columns[name]]
        told = None if theirs is None else to_milliseconds(datetime.fromisoformat(str(theirs)))
        text = None if stored is None else _text(from_milliseconds(stored))
        return replace(found, value=theirs if stored == told else text)

    def _giver(self, ours: Field) -> str | None:
        """Return who gave a field's value; nothing is kept of that in first copies.

        Such a value is another vendor's where this one had another.
        """
        ledger = self.ledger
        others = [one for one in ledger.linked.integrations if one != ledger.terms.integration_id]
        if others and ours.version == FIRST and ours.value != ours.base:
            return others[0]
        return ours.by

    def has(self, name: str, theirs: FieldValue) -> bool:
        """Say at little cost whether a field is surely the same on both sides."""
        ledger = self.ledger
        return name not in ledger.shape.instants and ledger.value(name) == theirs

    def step(self, name: str, theirs: FieldValue, *, heals: int = 0) -> Step | None:
        """Return what is to be done about a field, None where nothing is.

        What a record of ours needs and the vendor leaves out is no difference.
        """
        ours = self.field(name, theirs)
        is_left_out = theirs is None and name in self.ledger.shape.needed
        if ours.value == theirs or (is_left_out and ours.base is None):
            return None
        policy = self.ledger.policy(name)
        is_written = name in self.ledger.terms.written
        given = replace(ours, by=self._giver(ours))
        step = compare(given, theirs, policy, is_written=is_written, heals=heals)
        is_taken = step is not None and step.action in {DriftAction.PULL, DriftAction.CONFLICT}
        return None if is_left_out and is_taken else step


@dataclass(frozen=True, slots=True, kw_only=True)
class _Suspect:
    """A field that is not the same on both sides."""

    record: InboundRecord
    pair: Pair
    name: str
    theirs: FieldValue

    def line(self, to: Writing, heals: Mapping[tuple[str, str], int]) -> Line | None:
        """Return its item; None where the difference means nothing."""
        pair = self.pair
        recent = heals.get((pair.incident_id, self.name), 0)
        step = pair.step(self.name, self.theirs, heals=recent)
        if step is None:
            return None
        ours = pair.field(self.name, self.theirs)
        return item(
            to,
            step,
            self.name,
            incident_id=pair.incident_id,
            external_id=self.record.external_id,
            key=self.record.key,
        ) | {
            "platform_value": dumps(ours.value),
            "external_value": dumps(self.theirs),
            "platform_version": ours.version,
        }


async def pairs(to: Writing, terms: Terms, external_ids: Sequence[str]) -> dict[str, Pair]:
    """Return the mirrored ones of some records, locked, by external id. Cost: four statements."""
    stored = await stored_lines(to, external_ids)
    facts = await linked(to, [line["r_id"] for line in stored.values()])
    return {
        external_id: Pair(
            link_id=line["id"],
            ledger=Ledger.of(line, to.shape, terms, facts.get(line["r_id"], NOTHING)),
        )
        for external_id, line in stored.items()
        if line["gone_at"] is None
    }


async def differences(
    to: Writing,
    terms: Terms,
    records: Sequence[InboundRecord],
    names: Mapping[Reference, str],
) -> list[Line]:
    """Return the items of some records: of those not mirrored, and of fields that differ.

    Cost: five statements, and a few microseconds for each field.
    """
    known = await pairs(to, terms, [record.external_id for record in records])
    found: list[Line] = []
    suspects: list[_Suspect] = []
    for record in records:
        pair = known.get(record.external_id)
        if pair is None or pair.is_deleted:
            found.append(_missing(to, record, pair))
            continue
        suspects += (
            _Suspect(record=record, pair=pair, name=name, theirs=theirs)
            for name, theirs in sorted(resolved(record.fields, names).items())
            if not pair.has(name, theirs) and pair.step(name, theirs) is not None
        )
    heals = await _heals(to, {suspect.pair.incident_id for suspect in suspects})
    found += filter(None, (suspect.line(to, heals) for suspect in suspects))
    return found


def _missing(to: Writing, record: InboundRecord, pair: Pair | None) -> Line:
    because = _NOT_HERE if pair is None else _DELETED_HERE
    return item(
        to,
        Step(action=DriftAction.CREATE_LOCAL, because=because),
        incident_id=None if pair is None else pair.incident_id,
        external_id=record.external_id,
        key=record.key,
    )


def _text(at: datetime) -> str:
    """Return an instant as vendors' records tell it."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


async def _heals(to: Writing, incident_ids: Collection[str]) -> dict[tuple[str, str], int]:
    """Count how often fields of some incidents were healed within a day."""
    if not incident_ids:
        return {}
    found = await to.tx.rows(
        f"""
        SELECT d.incident_id, d.field, count(*) AS n
        FROM drift_item d JOIN drift_plan p ON p.id = d.plan_id
        WHERE {to.tx.one_of("d.incident_id", "$1")} AND p.integration_id = $2
            AND d.outcome = $3 AND d.healed_at >= $4
        GROUP BY d.incident_id, d.field
        """,  # noqa: S608 — the inserted text is ours
        dumps(sorted(incident_ids)),
        to.integration_id,
        DriftOutcome.HEALED,
        to_milliseconds(to.runtime.now() - HEALS_WITHIN),
    )
    return {(row["incident_id"], row["field"]): int(row["n"]) for row in found}
