"""One sentence for each rule that can hold a field's value. Times are UTC."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from domain.exchange import ConflictKind, ConflictStatus, ConflictStrategy, WarningCode
from domain.records import EditSource, FieldValue, MergeReason, Owner
from domain.sync.explain import Case, Dispute, Judged, next_action

# Longer values are cut: the whole one stands beside the sentence.
_LONGEST: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """Why a field has its value.

    rule: the reason of the change that was judged last; decided_at: when that was made.
    next_action: what comes next, None for nothing.
    """

    sentence: str
    rule: MergeReason
    decided_at: datetime
    next_action: str | None


def explain(case: Case, *, now: datetime) -> Explained:
    """Explain a field by the change that was judged last. Cost: a few microseconds.

    A value that has never changed since the first copy says so.
    """
    last = case.last
    begin = f"{case.field} is {_shown(case.value)}: "
    if last is None:
        return Explained(
            sentence=f"{begin}{_first(case)}.",
            rule=MergeReason.LOCAL_EDIT if case.copied_from is None else MergeReason.NEWER,
            decided_at=case.made_at,
            next_action=next_action(case),
        )
    plot = _Plot(case=case, last=last, now=now)
    return Explained(
        sentence=f"{begin}{_TEMPLATES[last.reason](plot)}.",
        rule=last.reason,
        decided_at=last.at,
        next_action=next_action(case),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plot:
    """What a sentence is made of: the case, its last change, and the present."""

    case: Case
    last: Judged
    now: datetime

    @property
    def side(self) -> str:
        """Who told the last change."""
        return self.last.side or self.last.by

    @property
    def said(self) -> str:
        """The last change, as what somebody did."""
        return f"{self.side} set {_shown(self.last.value)} at {self.time(self.last.at)}"

    @property
    def owner(self) -> str | None:
        """Who owns the field now, None for nobody."""
        match self.case.owned.owner:
            case Owner.EXTERNAL:
                return self.case.owner_key
            case Owner.PLATFORM:
                return self.case.owner_key or "the platform"
            case None:
                return None

    @property
    def standing(self) -> str:
        """How the value came, where the last change did not bring it."""
        given = self.case.given
        if given is None:
            return _first(self.case)
        return f"{given.side or given.by} set it at {self.time(given.at)}"

    def time(self, at: datetime) -> str:
        """Return a time of the day, with its date unless it is today's."""
        return f"{at:%H:%M:%S}" if at.date() == self.now.date() else f"{at:%Y-%m-%d %H:%M:%S}"


def _first(case: Case) -> str:
    if case.copied_from is None:
        return "it has not changed since it was made here"
    return f"it has not changed since the first copy from {case.copied_from}"


def _newer(plot: _Plot) -> str:
    at, before = plot.time(plot.last.at), _shown(plot.last.before)
    return f"{plot.side} set it at {at} in place of {before}, and nothing later is known of it"


def _edited_here(plot: _Plot) -> str:
    at = plot.time(plot.last.at)
    if plot.last.source is EditSource.CONFLICT_RESOLUTION:
        return f"{plot.last.by} decided a conflict for it at {at}"
    edited = f"{plot.last.by} set it here at {at} in place of {_shown(plot.last.before)}"
    return "; ".join((edited, *_unsent(plot.case)))


def _unsent(case: Case) -> list[str]:
    """Say to whom an edit of ours does not go, and why."""
    reasons = {
        WarningCode.OWNED_EXTERNALLY: f"which owns {case.field}: its next value wins",
        WarningCode.NOT_SENT: "which takes none of it",
    }
    return [
        f"it is not sent to {side}, {reasons[code]}"
        for side, code in sorted(case.unsent.items())
        if code in reasons
    ]


def _owned_there(plot: _Plot) -> str:
    at = plot.time(plot.last.at)
    return (
        f"{plot.side} set it at {at} without having seen what stood here; as the owner of "
        f"{plot.case.field} it has the last word"
    )


def _owned_here(plot: _Plot) -> str:
    owns = f"{plot.owner} owns" if plot.owner not in (None, plot.side) else "the platform owned"
    return f"{plot.standing}; {plot.said}, but {owns} {plot.case.field}"


def _transformed(plot: _Plot) -> str:
    return f"{plot.side} made it at {plot.time(plot.last.at)} of what was written there"


def _met_conflict(plot: _Plot) -> str:
    dispute = plot.case.dispute_of(plot.last)
    name = "a conflict" if dispute is None else dispute.name
    return f"{plot.standing}; {plot.said}, while {name} was open"


def _refused(why: str) -> Callable[[_Plot], str]:
    """Return the template of a change that was not taken; ``why`` says why."""
    return lambda plot: f"{plot.standing}; {plot.said}, {why}"


def _clashed(plot: _Plot) -> str:
    """Tell who won against whom, how far apart they were, and by which verdict."""
    dispute, is_theirs = plot.case.dispute_of(plot.last), plot.last.accepted
    if dispute is None:
        won = f"{plot.side} set it at {plot.time(plot.last.at)}" if is_theirs else plot.standing
        return f"{won}; both sides had changed it without having seen each other"
    ours = (dispute.ours_by or "somebody here", dispute.ours, dispute.ours_at)
    theirs = (dispute.side, dispute.theirs, dispute.theirs_at)
    (winner, _, won_at), (loser, lost, lost_at) = (theirs, ours) if is_theirs else (ours, theirs)
    seconds = (won_at - lost_at).total_seconds()
    apart = f"{abs(seconds):.1f} s {'after' if seconds > 0 else 'before'}" if seconds else "when"
    fact = f"{winner} set it at {plot.time(won_at)}, {apart} {loser} set {_shown(lost)}"
    if dispute.strategy is ConflictStrategy.MANUAL_REVIEW:
        return f"{fact}; {_word(dispute)}"
    return f"{fact}; {_closeness(dispute)} {_verdict(plot, dispute, is_theirs=is_theirs)}"


def _closeness(dispute: Dispute) -> str:
    if dispute.kind is ConflictKind.DIVERGED:
        return "neither had seen the other, and"
    if abs(dispute.theirs_at - dispute.ours_at) > dispute.window:
        return "within the window of that time"
    return f"within {dispute.window.total_seconds():g} s"


def _verdict(plot: _Plot, dispute: Dispute, *, is_theirs: bool) -> str:
    strategy = dispute.strategy.lower().replace("_", "-")
    winner = dispute.side if is_theirs else "the platform"
    is_owned = plot.owner is not None
    if dispute.warning is WarningCode.OWNER_OVERRIDDEN:
        owner = plot.owner or "another side"
        return f"{strategy} took the later one although {owner} owns {plot.case.field}"
    if dispute.strategy is ConflictStrategy.OWNERSHIP_PRIORITY and is_owned:
        return f"{strategy} took that of {winner}, whose priority is not the smaller"
    if dispute.kind is ConflictKind.DIVERGED and is_owned:
        return f"{strategy} left it to {winner}, the owner of {plot.case.field}"
    if (dispute.theirs_at > dispute.ours_at) is is_theirs:
        return f"{strategy} took the later one"
    return f"{strategy} took that of {winner}, since the times cannot tell which was later"


def _word(dispute: Dispute) -> str:
    """Say what a person has made of a conflict that waited for one."""
    match dispute.status:
        case ConflictStatus.OPEN:
            return f"{dispute.name} waits for a person"
        case ConflictStatus.RESOLVED_PLATFORM:
            return f"{dispute.resolved_by} kept this value in {dispute.name}"
        case ConflictStatus.RESOLVED_EXTERNAL:
            return f"{dispute.resolved_by} took the vendor's value in {dispute.name}"
        case ConflictStatus.IGNORED:
            return f"{dispute.resolved_by} let both values stand in {dispute.name}"
        case ConflictStatus.SUPERSEDED:
            return f"{dispute.name} has ended by itself"


def _shown(value: FieldValue) -> str:
    """Return a value between backticks, cut to a line that can be read."""
    if value is None or value == "":
        return "empty"
    if isinstance(value, Sequence) and not isinstance(value, str):
        text = ", ".join(value)
    else:
        text = str(value)
    line = " ".join(text.split())
    return f"`{line}`" if len(line) <= _LONGEST else f"`{line[: _LONGEST - 1]}…`"


_TEMPLATES: Final[Mapping[MergeReason, Callable[[_Plot], str]]] = {
    MergeReason.NEWER: _newer,
    MergeReason.LOCAL_EDIT: _edited_here,
    MergeReason.OWNER_EXTERNAL: _owned_there,
    MergeReason.OWNER_PLATFORM: _owned_here,
    MergeReason.SIMULTANEOUS: _clashed,
    MergeReason.DIVERGED: _clashed,
    MergeReason.OPEN_CONFLICT: _met_conflict,
    MergeReason.VENDOR_TRANSFORMED: _transformed,
    MergeReason.ECHO: _refused("which was a write of ours coming back"),
    MergeReason.SAME: _refused("the same as here"),
    MergeReason.UNCHANGED: _refused("as it had said before"),
    MergeReason.STALE: _refused("which is older than what was known of it"),
    MergeReason.DIRECTION: _refused("but its direction brings nothing here"),
}
