"""Why a field has its value: one sentence, the rule behind it, and what comes next.

Facts come in (what is recorded of the field), a frozen explanation goes out. The
sentences stand in ``domain/sync/sentences.py``.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from domain.exchange import ConflictKind, ConflictStatus, ConflictStrategy, WarningCode
from domain.records import EditSource, FieldValue, MergeReason
from domain.sync.ownership import Owned

# How many of a field's edits are told.
MOST_EDITS: Final = 20
# Reasons that only a conflict gives.
CLASHES: Final = frozenset(
    {MergeReason.SIMULTANEOUS, MergeReason.DIVERGED, MergeReason.OPEN_CONFLICT}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A recorded change of the field (rule M13).

    id: rises with the time of recording. version: the incident's after it.
    at: by the clock of the side that made it. side: the key of the integration
    that told it, None for an edit made here.
    """

    id: str
    before: FieldValue
    value: FieldValue
    version: int | None
    at: datetime
    by: str
    side: str | None
    source: EditSource
    accepted: bool
    reason: MergeReason
    warning: WarningCode | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """A conflict over the field.

    ours, theirs: what both sides said; their times are in our clock.
    side: the integration's key; window: its conflict window as it is now.
    """

    id: str
    number: int
    field: str
    side: str
    kind: ConflictKind
    status: ConflictStatus
    strategy: ConflictStrategy
    warning: WarningCode | None
    window: timedelta
    ours: FieldValue
    ours_at: datetime
    ours_by: str
    theirs: FieldValue
    theirs_at: datetime
    resolved_by: str | None

    @property
    def name(self) -> str:
        """What people call it."""
        return f"conflict-{self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A write of the field that has not arrived.

    side: the key of the integration that it is for. attempt: the next one.
    due_at: None while an earlier create of the record bars the way.
    entry: its number as a dead letter, None for one that is tried by itself.
    is_held: its integration is switched off, or its credentials are refused.
    """

    side: str
    attempt: int
    due_at: datetime | None
    entry: int | None = None
    is_held: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """All that is recorded of a field.

    edits: the last ones and, whatever its age, the one that gave the value; in any order.
    disputes: its conflicts; waiting: its writes. Both in any order.
    copied_from: the key of the integration of the first copy, None for what was made here.
    made_at: when the record was made.
    unsent: why edits of ours do not go to a vendor, by its integration's key.
    """

    field: str
    value: FieldValue
    owned: Owned
    owner_key: str | None
    edits: Sequence[Judged]
    disputes: Sequence[Dispute]
    waiting: Sequence[Waiting]
    copied_from: str | None
    made_at: datetime
    unsent: Mapping[str, WarningCode]

    @property
    def last(self) -> Judged | None:
        """The change that was judged last: its rule is the one that holds the value."""
        return max(self.edits, key=lambda edit: edit.id, default=None)

    @property
    def given(self) -> Judged | None:
        """The change that gave the value; None where it is still that of the first copy."""
        taken = [edit for edit in self.edits if edit.accepted]
        return max(taken, key=lambda edit: (edit.version or 0, edit.id), default=None)

    @property
    def dispute(self) -> Dispute | None:
        """The conflict that is open; else the one by which the last change was judged."""
        is_open = [d for d in self.disputes if d.status is ConflictStatus.OPEN]
        if is_open:
            return is_open[0]
        last = self.last
        return None if last is None or last.reason not in CLASHES else self.dispute_of(last)

    def dispute_of(self, edit: Judged) -> Dispute | None:
        """Return the conflict that a change made or met: the last one stored before it."""
        earlier = [d for d in self.disputes if d.side == edit.side and d.id < edit.id]
        return max(earlier, key=lambda dispute: dispute.id, default=None)


def alike(ours: FieldValue, theirs: FieldValue) -> bool:
    """Say whether both sides hold the same; the order of a set says nothing (rule K1)."""
    if isinstance(ours, list | tuple) and isinstance(theirs, list | tuple):
        return set(ours) == set(theirs)
    return ours == theirs


def next_action(case: Case) -> str | None:
    """Return what happens next to the field, by itself or by a person; None for nothing.

    What an open conflict is about is not sent until that is decided (rule F6).
    """
    is_open = [one for one in case.disputes if one.status is ConflictStatus.OPEN]
    disputed = {one.side for one in is_open}
    dead = [f"entry-{one.entry}" for one in case.waiting if one.entry is not None]
    steps = [f"waits for a person: {one.name}" for one in is_open]
    steps += [f"waits for a person: {name}" for name in dead]
    steps += _writes(one for one in case.waiting if one.entry is None and one.side not in disputed)
    return "; ".join(steps) or None


def _writes(waiting: Iterable[Waiting]) -> list[str]:
    steps = []
    for one in sorted(waiting, key=lambda write: write.side):
        if one.is_held:
            steps.append(f"write to {one.side}, as soon as a person lets it work again")
        elif one.due_at is None:
            steps.append(f"write to {one.side}, after the record's own create")
        else:
            steps.append(f"write to {one.side}, attempt {one.attempt} at {one.due_at:%H:%M:%S}")
    return steps
