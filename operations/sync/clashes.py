"""Conflicts that a vendor's change opens or moves, as they are kept (rules F1, F2)."""

from dataclasses import dataclass
from datetime import datetime

from domain.exchange import ConflictSide, ConflictStatus
from domain.inbound import VendorKey
from domain.records import FieldValue
from domain.sync.field import Change, Clash, Field
from models.coding import dumps, to_milliseconds
from operations.runtime import Runtime
from operations.sync.ledger import Ledger
from operations.sync.shapes import Line

_STATUS = {
    ConflictSide.PLATFORM: ConflictStatus.RESOLVED_PLATFORM,
    ConflictSide.EXTERNAL: ConflictStatus.RESOLVED_EXTERNAL,
    None: ConflictStatus.OPEN,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """An open conflict that has taken up a later value, or has ended by itself."""

    id: str
    status: ConflictStatus
    version: int
    value: FieldValue
    key: VendorKey
    edited_at: datetime
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Clashed:
    """A clash of a field; ours: the field before the change, which ``by`` has made."""

    name: str
    ours: Field
    change: Change
    clash: Clash
    by: str

    def line(self, runtime: Runtime, ledger: Ledger) -> Line:
        """Return the line of its conflict, open or decided at once (rule F2)."""
        strategy, now = ledger.terms.strategy, to_milliseconds(runtime.now())
        is_open = self.clash.winner is None
        return {
            "id": runtime.new_id(),
            "incident_id": ledger.record["id"],
            "integration_id": ledger.terms.integration_id,
            "field": self.name,
            "open_slot": 1 if is_open else None,
            "kind": self.clash.kind,
            "status": _STATUS[self.clash.winner],
            "version": 1,
            "base_value": dumps(self.ours.base),
            "platform_value": dumps(self.ours.value),
            "platform_version": self.ours.version,
            "platform_edited_at": to_milliseconds(self.ours.edited_at),
            "platform_edited_by": ledger.editor(self.name),
            **external(self.change, by=self.by),
            "strategy": strategy,
            "warning": self.clash.warning or None,
            "detected_at": now,
            "resolved_at": None if is_open else now,
            "resolved_by": None if is_open else f"strategy:{strategy}",
        }


def external(change: Change, *, by: str) -> Line:
    """Return what a conflict says of the vendor's value."""
    return {
        "external_value": dumps(change.value),
        "external_at": to_milliseconds(change.key.at),
        "external_sequence": change.key.sequence,
        "external_edited_at": to_milliseconds(change.edited_at),
        "external_edited_by": by,
    }
