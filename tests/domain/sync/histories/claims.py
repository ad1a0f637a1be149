"""What is claimed of a history that has become quiet."""

from domain.exchange import ConflictWindowMode
from domain.records import Direction
from tests.domain.sync.histories.mirror import Link, Mirror
from tests.domain.sync.histories.verdicts import BrokenError


def claim_before_healing(link: Link) -> None:
    """Both sides of a shared field are equal without healing, as far as people let them."""
    policy = link.policy
    if policy.direction is not Direction.BIDIRECTIONAL or policy.owned.owner is not None:
        return
    if link.field.value != link.vendor.value and not link.counted.has_left:
        raise BrokenError("P6: a shared field differs before healing")


def claim_at_the_end(mirror: Mirror, *, is_unique: bool, last_label: int) -> None:
    """Raise BrokenError when the sides differ, too much was written, or an edit was lost."""
    _labels_are_kept(mirror, last_label)
    for link in mirror.links:
        _is_equal(link)
        _wrote_no_more(link)
        if is_unique:
            _nothing_is_lost(link)


def _is_equal(link: Link) -> None:
    if link.policy.direction is not Direction.BIDIRECTIONAL or link.is_left_unequal:
        return
    if link.field.value != link.vendor.value:
        raise BrokenError("P6: the sides differ")


def _labels_are_kept(mirror: Mirror, last: int) -> None:
    """What either side put on, and nobody took off, both sides have (rule K1)."""
    is_free = all(
        link.policy.direction is Direction.BIDIRECTIONAL
        and link.policy.owned.owner is None
        and link.vendor.has_history
        # Without a count, an older webhook of the same second passes for a later one.
        and link.vendor.counts
        # What people made meanwhile may be what a lost write said, and pass for it.
        and not link.counted.has_lost
        for link in mirror.links
    )
    if isinstance(mirror.value, list) and is_free:
        lost = {str(one + 1) for one in range(last)}.difference(mirror.value)
        if lost:
            raise BrokenError(f"P8: labels {sorted(lost)} are lost")


def _wrote_no_more(link: Link) -> None:
    counted = link.counted
    if counted.writes > counted.told + counted.excused:
        raise BrokenError(f"P9: {counted.writes} writes, {counted.told} + {counted.excused} due")


def _nothing_is_lost(link: Link) -> None:
    """The vendor's last edit, if a write of ours hid it, was taken, disputed or refused."""
    policy = link.policy
    if not link.vendor.has_history or policy.direction is not Direction.BIDIRECTIONAL:
        return
    if policy.mode is not ConflictWindowMode.CAUSAL:
        return
    last = max((row.id for row in link.vendor.rows if not row.is_ours), default=-1)
    for row in link.counted.hidden:
        if row.id == last and row.value not in (*link.counted.accepted, *link.counted.clashed):
            raise BrokenError(f"P8: {row.value} was overwritten unseen")
