"""Cases to be explained."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from domain.exchange import ConflictKind, ConflictStatus, ConflictStrategy, WarningCode
from domain.records import EditSource, MergeReason, Owner
from domain.sync.explain import Case, Dispute, Judged, Waiting
from domain.sync.ownership import Owned
from domain.sync.sentences import explain

NOON: Final = datetime(2026, 3, 2, 12, tzinfo=UTC)
SNOW: Final = "prod-snow"
BY_DANA: Final = Judged(
    id="1",
    before="a",
    value="p",
    version=2,
    at=NOON,
    by="dana",
    side=None,
    source=EditSource.PERSON,
    accepted=True,
    reason=MergeReason.LOCAL_EDIT,
)
PLATFORM: Final = Owned(owner=Owner.PLATFORM)
EXTERNAL: Final = Owned(owner=Owner.EXTERNAL, by="i1")
LAST_WRITE: Final = ConflictStrategy.LAST_WRITE_WINS
PRIORITY: Final = ConflictStrategy.OWNERSHIP_PRIORITY
MANUAL: Final = ConflictStrategy.MANUAL_REVIEW
OVERRIDDEN: Final = WarningCode.OWNER_OVERRIDDEN


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def told(reason: MergeReason, *, accepted: bool = False, seconds: float = 3) -> Judged:
    """The vendor's ``x``, judged after all else."""
    return Judged(
        id="9",
        before="a",
        value="x",
        version=3 if accepted else None,
        at=at(seconds),
        by="beth",
        side=SNOW,
        source=EditSource.PULL,
        accepted=accepted,
        reason=reason,
    )


def dispute(**facts: Any) -> Dispute:  # noqa: ANN401 — of a conflict
    """Dana's ``p`` of noon against the vendor's ``x``, 3 s later."""
    plain: dict[str, Any] = {
        "id": "8",
        "number": 12,
        "field": "severity",
        "side": SNOW,
        "kind": ConflictKind.SIMULTANEOUS,
        "status": ConflictStatus.RESOLVED_EXTERNAL,
        "strategy": LAST_WRITE,
        "warning": None,
        "window": timedelta(seconds=5),
        "ours": "p",
        "ours_at": NOON,
        "ours_by": "dana",
        "theirs": "x",
        "theirs_at": at(3),
        "resolved_by": "strategy:LAST_WRITE_WINS",
    }
    return Dispute(**plain | facts)


def case(
    *edits: Judged,
    value: str | None = "p",
    owned: Owned = Owned(),  # noqa: B008 — frozen
    disputes: Sequence[Dispute] = (),
    waiting: Sequence[Waiting] = (),
    unsent: Mapping[str, WarningCode] | None = None,
) -> Case:
    return Case(
        field="severity",
        value=value,
        owned=owned,
        owner_key=None if owned.by is None else SNOW,
        edits=edits,
        disputes=disputes,
        waiting=waiting,
        copied_from=SNOW,
        made_at=at(-600),
        unsent=unsent or {},
    )


def sentence(one: Case) -> str:
    return explain(one, now=at(60)).sentence
