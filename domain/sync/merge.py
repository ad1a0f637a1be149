"""Every change of a field is decided here, whichever door it came through.

Facts come in (what we hold, what the vendor says), a frozen verdict goes out.
Rule numbers are those of ``docs/explanation/merge.md``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from domain.exchange import ConflictKind, ConflictSide, ConflictWindowMode
from domain.inbound import VendorKey
from domain.records import TAKES_INBOUND, Direction, FieldValue, MergeReason, Owner
from domain.sync.answer import landed
from domain.sync.field import (
    Ack,
    Change,
    Field,
    Opposed,
    Policy,
    Sent,
    Verdict,
    hider,
    known,
    taken,
)
from domain.sync.strategy import judged


def normalised(value: FieldValue) -> FieldValue:
    """Return the value as it is compared and stored (rule M1).

    Line ends become LF, trailing blanks go, an empty text is null.
    """
    if isinstance(value, str):
        text = "\n".join(line.rstrip() for line in value.splitlines()).rstrip()
        return text or None
    return value


def restamped(known: VendorKey, *, pulled: VendorKey) -> VendorKey:
    """Return a known version's key by the clock that stamped a pulled one (rule W7).

    A pull reads a record as it stands. A version that counts on but is stamped
    earlier was made after the vendor's clock had stepped back: by its time alone
    it would pass for an old one until that clock has caught up.
    """
    if pulled.at < known.at and pulled.sequence > known.sequence:
        return VendorKey(at=pulled.at, sequence=known.sequence)
    return known


def merge(ours: Field, change: Change, policy: Policy) -> Verdict:
    """Judge what a vendor says of a field; the first rule that fits decides (rules M2 to M12).

    Cost: a few microseconds.
    """
    case = _Case(ours=ours, change=change, policy=policy)
    for rule in _RULES:
        verdict = rule(case)
        if verdict is not None:
            return verdict
    return _clashed(case)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """A field, what is said of it, and how it is judged."""

    ours: Field
    change: Change
    policy: Policy

    @property
    def is_late(self) -> bool:
        """A write of ours took the change's place before we had seen it (rule M5).

        What the write was known to take the place of is no news.
        """
        return self.hidden_by is not None and self.change.value != self.hidden_by.over

    @property
    def hidden_by(self) -> Sent | None:
        """The write of ours that came next after a change older than what is known."""
        return hider(self.ours, self.change.key)

    @property
    def seen(self) -> Field:
        """The field with what the vendor now holds, and the change marked as judged."""
        return replace(known(self.ours, self.change), in_key=self.change.key)


def _forbidden(case: _Case) -> Verdict | None:
    """Note what the vendor holds where the direction takes nothing in (rule M2)."""
    if case.policy.direction in TAKES_INBOUND:
        return None
    return Verdict(reason=MergeReason.DIRECTION, after=known(case.ours, case.change))


def _judged_before(case: _Case) -> Verdict | None:
    """Pass over a change that has been judged, or one after it (rule M3)."""
    key, judged_key = case.change.key, case.ours.in_key
    if judged_key is None or key > judged_key or (key == judged_key and case.change.is_new):
        return None
    return Verdict(reason=MergeReason.STALE, after=case.ours)


def _echo_of_sent(case: _Case) -> Verdict | None:
    """Recognise a write of ours, seen from outside, however late (rule M4).

    Our account as its author would prove nothing: the vendor's own rules act in
    its name.
    """
    ours, change = case.ours, case.change
    for place, one in enumerate(ours.sent):
        if one.value != change.value or not _may_be(ours.sent, place, change.key):
            continue
        after = landed(ours, one, change)
        return Verdict(reason=MergeReason.ECHO, after=after)
    return None


def _may_be(sent: Sequence[Sent], place: int, key: VendorKey) -> bool:
    """Say whether a key may be a write's: behind the write before, and not after its own.

    A vendor may stamp the row of its history a little before the record, and a lost
    answer may be found by a record that has changed since. Where no answer has come,
    the next write's key is the limit. It may have the stamp of the write before: not
    every vendor counts its versions.
    """
    before = [one.key for one in sent[:place] if one.key is not None]
    behind = [one.key for one in sent[place + 1 :] if one.key is not None]
    own = sent[place].key
    is_before_next = key <= own if own is not None else all(key < other for other in behind)
    return is_before_next and all(other <= key for other in before)


def _echo_of_queued(case: _Case) -> Verdict | None:
    """Find that the vendor holds what is queued: it has arrived, or need not (rule M4)."""
    ours, change = case.ours, case.change
    if not ours.is_queued or change.value != ours.value or change.key <= ours.known_key:
        return None
    ack = Ack(version=ours.version, key=change.key, form=change.value)
    return Verdict(
        reason=MergeReason.ECHO, after=replace(known(ours, change), ack=ack, is_queued=False)
    )


def _old(case: _Case) -> Verdict | None:
    """Pass over a change older than what is known, unless a write of ours hid it (rule M5)."""
    if case.change.key >= case.ours.known_key or case.is_late:
        return None
    return Verdict(reason=MergeReason.STALE, after=case.ours)


def _united(case: _Case) -> Verdict | None:
    """Merge a set: what either side added is in, what either took away is out (rule K1)."""
    ours, change, policy = case.ours, case.change, case.policy
    if not any(isinstance(value, list | tuple) for value in (ours.value, change.value)):
        return None
    # What the vendor added and took away shows against what it had before.
    before = case.hidden_by.over if case.is_late and case.hidden_by else ours.base
    base, theirs, mine = _set(before), _set(change.value), _set(ours.value)
    if theirs == base:
        return Verdict(reason=MergeReason.UNCHANGED, after=case.seen)
    if policy.owned.owner is Owner.PLATFORM:
        reason = MergeReason.SAME if theirs == mine else MergeReason.OWNER_PLATFORM
        return Verdict(reason=reason, after=case.seen)
    # What an unanswered write of ours may have taken away, the vendor's people did not.
    own = (base - _set(one.value) for one in ours.sent if one.key is None)
    union = (mine | (theirs - base)) - (base - theirs).difference(*own)
    # What only one side has goes to the other, where anything does.
    is_shared = policy.direction is Direction.BIDIRECTIONAL and policy.owned.owner is None
    is_queued = is_shared and union != _set(case.seen.base)
    if union == mine:
        return Verdict(reason=MergeReason.SAME, after=replace(case.seen, is_queued=is_queued))
    united = replace(change, value=sorted(union))
    after = replace(taken(case.seen, united, policy), is_queued=is_queued)
    return Verdict(reason=MergeReason.NEWER, after=after, accepted=True)


def _set(value: FieldValue) -> frozenset[str]:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return frozenset(str(one) for one in value)
    return frozenset()


def _same(case: _Case) -> Verdict | None:
    """Find both sides equal (rule M6); a conflict about it has ended (rule F4).

    Of a late change that says nothing: the vendor holds an older value of ours by now.
    """
    if case.change.value != case.ours.value:
        return None
    seen, ack = known(case.ours, case.change), case.ours.ack
    if case.is_late:
        return Verdict(reason=MergeReason.SAME, after=seen)
    if ack is None or ack.version != seen.version:
        ack = Ack(version=seen.version, key=case.change.key, form=seen.value)
    return Verdict(
        reason=MergeReason.SAME,
        after=replace(seen, ack=ack, is_queued=False, conflict=None),
        is_superseded=seen.conflict is not None,
    )


def _unchanged(case: _Case) -> Verdict | None:
    """Pass over what the vendor has said before (rule M7)."""
    if case.change.value != case.ours.base or case.is_late:
        return None
    return Verdict(reason=MergeReason.UNCHANGED, after=known(case.ours, case.change))


def _opposed(case: _Case) -> Verdict | None:
    """Let an open conflict take up the vendor's new value; nothing else moves (rule M8)."""
    if case.ours.conflict is None:
        return None
    opposed = Opposed(
        value=case.change.value,
        key=case.change.key,
        version=case.ours.conflict.version + 1,
    )
    return Verdict(reason=MergeReason.OPEN_CONFLICT, after=replace(case.seen, conflict=opposed))


def _causal(case: _Case) -> Verdict | None:
    """Take a change that was made on top of our value, unless we own it (rules M9, M10)."""
    if _is_concurrent(case):
        return None
    if case.policy.owned.owner is Owner.PLATFORM:
        return Verdict(reason=MergeReason.OWNER_PLATFORM, after=case.seen)
    # What a write of ours has replaced by now is sent back.
    after = replace(taken(case.seen, case.change, case.policy), is_queued=case.is_late)
    return Verdict(reason=MergeReason.NEWER, after=after, accepted=True)


def _is_concurrent(case: _Case) -> bool:
    """Say whether the change was made without having seen our value (rule M9).

    Equal keys count as not seen: better a false conflict than a lost edit. Where
    nothing of ours is sent, there is nothing to see.
    """
    ours, change, policy = case.ours, case.change, case.policy
    if ours.by == policy.link or policy.direction is Direction.INBOUND:
        return False
    if policy.mode is ConflictWindowMode.LITERAL:
        return abs(change.edited_at - ours.edited_at) <= policy.window
    if ours.ack is not None and ours.ack.version >= ours.version:
        return not ours.ack.key < change.key
    return not (ours.base == ours.value and ours.known_key < change.key)


def _clashed(case: _Case) -> Verdict:
    """Decide between two edits that had not seen each other (rules M11, M12)."""
    ours, change, policy = case.ours, case.change, case.policy
    is_close = abs(change.edited_at - ours.edited_at) <= policy.window
    kind = ConflictKind.SIMULTANEOUS if is_close else ConflictKind.DIVERGED
    theirs = taken(case.seen, change, policy)
    if policy.owned.owner is Owner.EXTERNAL and not is_close and not case.is_late:
        return Verdict(reason=MergeReason.OWNER_EXTERNAL, after=theirs, accepted=True)
    clash = judged(ours, change, policy, kind=kind)
    reason = MergeReason(kind)
    match clash.winner:
        case ConflictSide.EXTERNAL:
            # The vendor holds our older value by now, so it is told its own again.
            after = replace(theirs, is_queued=case.is_late)
            return Verdict(reason=reason, after=after, accepted=True, clash=clash)
        case ConflictSide.PLATFORM:
            return Verdict(reason=reason, after=replace(case.seen, is_queued=True), clash=clash)
        case None:
            opposed = Opposed(value=change.value, key=change.key)
            after = replace(case.seen, is_queued=False, conflict=opposed)
            return Verdict(reason=reason, after=after, clash=clash)


_RULES: Final[tuple[Callable[[_Case], Verdict | None], ...]] = (
    _forbidden,
    _judged_before,
    _echo_of_sent,
    _echo_of_queued,
    _old,
    _united,
    _same,
    _unchanged,
    _opposed,
    _causal,
)
