"""What a vendor's answer to a write of ours means for the field."""

from dataclasses import replace

from domain.inbound import VendorKey
from domain.records import MergeReason, Owner
from domain.sync.field import MOST_SENT, Ack, Change, Field, Policy, Sent, Verdict, known, taken


def acknowledged(ours: Field, *, sent: Sent, told: Change, policy: Policy) -> Verdict:
    """Take the vendor's answer to a write (rules M4, M14).

    sent: what was written; told: the field as the answer shows it. A vendor that
    cut or reformatted the value has the last word, unless the platform owns it:
    then both keep their form, and the write is not made again. So they do where the
    vendor has fewer values than we: else two such vendors would change each other's
    for ever.
    """
    after = landed(ours, sent, told)
    if told.value == sent.value or policy.is_lossy:
        return Verdict(reason=MergeReason.ECHO, after=after)
    if ours.version != sent.version or policy.owned.owner is Owner.PLATFORM:
        return Verdict(reason=MergeReason.OWNER_PLATFORM, after=after)
    return Verdict(
        reason=MergeReason.VENDOR_TRANSFORMED, after=taken(after, told, policy), accepted=True
    )


def landed(ours: Field, one: Sent, told: Change) -> Field:
    """Return the field once a write is known to have arrived, by answer or echo (rule M4).

    told: the field as the write made it. Four things may have happened meanwhile.
    Both sides had come to agree, and the write has replaced that: it goes back. The
    vendor changed the value behind the write, and ours won: it is sent again. The
    vendor took its former value up again, which had looked like no change: it is
    judged when it is next seen. The record was told without this field: what the write
    replaced stands no more.
    """
    after = known(ours, told)
    if one.key is not None or replace(one, key=told.key) in ours.sent:
        # It was known: this is its echo once more, or its answer after its echo.
        return _sent_back(after, one, told, ours=ours)
    is_current = ours.version == one.version
    after = replace(
        after,
        ack=_acked(ours, Ack(version=one.version, key=told.key, form=told.value)),
        sent=_found(ours.sent, one, told.key),
        is_queued=ours.is_queued and not is_current,
    )
    is_passed = told.key < ours.known_key and ours.conflict is None and ours.base != ours.value
    is_judged = ours.in_key is not None and ours.in_key > told.key
    if is_passed and not is_judged and (is_current or ours.base == one.over):
        return replace(after, base=told.value)
    if is_passed and is_current:
        return replace(after, is_queued=True)
    return _sent_back(after, one, told, ours=ours)


def _found(sent: tuple[Sent, ...], one: Sent, key: VendorKey) -> tuple[Sent, ...]:
    """Return the writes, one of them with its key, in the order in which they were made.

    By their order an echo is told from an edit; they may be found in another.
    """
    now = replace(one, key=key)
    made = sent if one in sent else (*sent, one)
    return tuple(now if other == one else other for other in made)[-MOST_SENT:]


def _acked(ours: Field, now: Ack) -> Ack:
    """Return the later version, with the earliest key at which the vendor had it, as last seen.

    One that was written again over a later change of the vendor's, as a person decided,
    is had since then.
    """
    before = ours.ack
    if before is None or (before.version, now.key) < (now.version, before.key):
        return now
    is_again = ours.in_key is not None and before.key <= ours.in_key <= now.key
    if before.version > now.version:
        return before
    return now if is_again else replace(before, form=now.form)


def _sent_back(after: Field, one: Sent, told: Change, *, ours: Field) -> Field:
    """Queue the value that both sides had, when a write of an older one has replaced it.

    Of equal keys nothing tells which came first: the record is read before it is
    written, and shows it.
    """
    is_undone = (
        ours.version > one.version
        and ours.value == ours.base != told.value
        and ours.known_key <= told.key
        and ours.conflict is None
    )
    return replace(after, is_queued=True) if is_undone else after
