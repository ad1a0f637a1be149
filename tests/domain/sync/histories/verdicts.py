"""What is claimed of each single verdict, whatever happened before."""

from domain.exchange import ConflictSide, ConflictStrategy, ConflictWindowMode
from domain.records import Direction, MergeReason, Owner
from domain.sync.field import Change, Field, Policy, Verdict


class BrokenError(AssertionError):
    """A property does not hold."""


def claim_of_verdict(ours: Field, change: Change, policy: Policy, verdict: Verdict) -> None:
    """Raise BrokenError when a verdict is against a property."""
    _owner_stands(policy, verdict)
    _tie_goes_to_the_vendor(ours, change, policy, verdict)
    _unseen_is_disputed(ours, change, policy, verdict)
    if verdict.accepted is (verdict.after.version == ours.version):
        raise BrokenError("a version is counted for each accepted change, and for no other")


def _owner_stands(policy: Policy, verdict: Verdict) -> None:
    is_firm = (
        policy.owned.owner is Owner.PLATFORM
        and policy.owned.platform_priority > 0
        and policy.strategy is ConflictStrategy.OWNERSHIP_PRIORITY
    )
    if is_firm and verdict.accepted:
        raise BrokenError("P7: a change was taken of a field that the platform owns")


def _tie_goes_to_the_vendor(ours: Field, change: Change, policy: Policy, verdict: Verdict) -> None:
    if verdict.clash is None or policy.owned.owner is not None:
        return
    is_tie = ours.edited_at == change.edited_at
    if is_tie and verdict.clash.winner is ConflictSide.PLATFORM:
        raise BrokenError("M11: a tie of a shared field needs no write")


def _unseen_is_disputed(ours: Field, change: Change, policy: Policy, verdict: Verdict) -> None:
    """Nothing replaces our edit of the same stamp without a conflict (rule M9)."""
    if verdict.reason is not MergeReason.NEWER or isinstance(change.value, list):
        return
    is_ours = ours.by != policy.link and policy.mode is ConflictWindowMode.CAUSAL
    is_ours = is_ours and policy.direction is Direction.BIDIRECTIONAL
    is_sent = ours.ack is not None and ours.ack.version == ours.version
    if is_ours and is_sent and ours.ack is not None and ours.ack.key == change.key:
        raise BrokenError("M9: an edit of the same stamp counts as having seen ours")
