"""What a vendor's answer to a write of ours means for the field."""

from dataclasses import replace

from domain.records import MergeReason, Owner
from domain.sync.field import MOST_SENT, Ack, Change, Field, Policy, Sent, Verdict, known, taken


def acknowledged(ours: Field, *, sent: Sent, told: Change, policy: Policy) -> Verdict:
    """Take the vendor's answer to a write (rules M4, M14).

    sent: what was written; told: the field as the answer shows it. A vendor that
    cut or reformatted the value has the last word, unless the platform owns it:
    then both keep their form, and the write is not made again. A value of the
    vendor's own that was taken while the write was under way, and that the write
    has overwritten, is sent back.
    """
    is_current = ours.version == sent.version
    is_undone = (
        not is_current
        and ours.by == policy.link
        and ours.conflict is None
        and ours.known_key < told.key
        and ours.value != told.value
    )
    after = replace(
        known(ours, told),
        ack=Ack(version=sent.version, key=told.key),
        sent=(*(one for one in ours.sent if one != sent), replace(sent, key=told.key))[-MOST_SENT:],
        is_queued=is_undone or (ours.is_queued and not is_current),
    )
    if told.value == sent.value:
        return Verdict(reason=MergeReason.ECHO, after=after)
    if not is_current or policy.owned.owner is Owner.PLATFORM:
        return Verdict(reason=MergeReason.OWNER_PLATFORM, after=after)
    return Verdict(
        reason=MergeReason.VENDOR_TRANSFORMED, after=taken(after, told, policy), accepted=True
    )
