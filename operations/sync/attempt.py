"""How an attempt to write may end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from adapters.exchange import Failed
from domain.inbound import InboundNote, InboundRecord
from domain.records import FieldValue
from domain.sync.field import Sent
from domain.sync.retry import UNANSWERED, Fault
from operations.sync.edits import resolved
from operations.sync.gather import Gathered


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """A write that need not be made any more, and why."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """The vendor has taken a write.

    record, gathered: what it then held; note: as it stands there.
    sent: the versions that were sent; values: what was sent.
    """

    record: InboundRecord | None = None
    gathered: Gathered | None = None
    note: InboundNote | None = None
    sent: Mapping[str, Sent] = field(default_factory=dict)
    values: Mapping[str, FieldValue] = field(default_factory=dict)
    is_new: bool = False

    @property
    def missed(self) -> frozenset[str]:
        """The fields that the record shows otherwise than they were sent."""
        if self.record is None or self.gathered is None:
            return frozenset()
        shown = resolved(self.record.fields, self.gathered.names)
        return frozenset(
            name for name, one in self.sent.items() if name in shown and shown[name] != one.value
        )


Outcome = Arrived | Dropped | Failed


def refused_of(failed: Failed) -> frozenset[str]:
    """Return the fields that a vendor refused of a write, empty when that is all of it."""
    is_status = failed.fault is Fault.TRANSITION_REFUSED and not failed.fields
    return frozenset({"status"}) if is_status else frozenset(failed.fields)


def unmade_of(failed: Failed, fields: Sequence[str]) -> Sequence[str]:
    """Return the fields of a failed write that the vendor does not have by it for certain.

    Without an answer, or with half of one, all of them may have arrived: their echo is
    to be known.
    """
    return () if failed.fault in UNANSWERED else fields
