"""Ways to break the rules that the histories must find: each stands in place of a rule."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from domain.exchange import ConflictSide
from domain.records import MergeReason
from domain.sync.field import Change, Field, Policy, Sent, Verdict
from domain.sync.merge import merge
from domain.sync.ownership import Owned
from tests.domain.sync.histories.mirror import Answer, Judge, as_it_is


@dataclass(frozen=True, slots=True, kw_only=True)
class Plant:
    """A merge, or the taking of an answer, with a bug."""

    judge: Judge = merge
    answer: Answer = as_it_is


def _takes_echoes_for_edits(ours: Field, change: Change, policy: Policy) -> Verdict:
    return merge(replace(ours, sent=(), is_queued=False), change, policy)


def _ignores_ownership(ours: Field, change: Change, policy: Policy) -> Verdict:
    return merge(ours, change, replace(policy, owned=Owned()))


def _gives_ties_to_us(ours: Field, change: Change, policy: Policy) -> Verdict:
    return merge(ours, replace(change, edited_at=change.edited_at - timedelta(seconds=1)), policy)


def _passes_over_equal_stamps(ours: Field, change: Change, policy: Policy) -> Verdict:
    """Planted: ``>=`` where it must be ``>``."""
    return merge(ours, replace(change, is_new=False), policy)


def _counts_equal_stamps_as_seen(ours: Field, change: Change, policy: Policy) -> Verdict:
    """Planted: ``<=`` where it must be ``<``."""
    ack = ours.ack and replace(
        ours.ack, key=replace(ours.ack.key, at=ours.ack.key.at - timedelta(milliseconds=1))
    )
    return merge(replace(ours, ack=ack), change, policy)


def _forgets_what_was_hidden(ours: Field, change: Change, policy: Policy) -> Verdict:
    if change.key < ours.known_key:
        return Verdict(reason=MergeReason.STALE, after=ours)
    return merge(ours, change, policy)


def _sends_while_disputed(ours: Field, change: Change, policy: Policy) -> Verdict:
    verdict = merge(ours, change, policy)
    if verdict.after.conflict is None:
        return verdict
    return replace(verdict, after=replace(verdict.after, is_queued=True))


def _replaces_sets(ours: Field, change: Change, policy: Policy) -> Verdict:
    verdict = merge(ours, change, policy)
    if not verdict.accepted or not isinstance(change.value, list):
        return verdict
    return replace(verdict, after=replace(verdict.after, value=change.value))


def _drops_what_won(ours: Field, change: Change, policy: Policy) -> Verdict:
    verdict = merge(ours, change, policy)
    if verdict.clash is None or verdict.clash.winner is not ConflictSide.PLATFORM:
        return verdict
    return replace(verdict, after=replace(verdict.after, is_queued=False))


def _leaves_overwritten_what_it_took(
    ours: Field, sent: Sent, told: Change, policy: Policy
) -> Verdict:
    verdict = as_it_is(ours, sent, told, policy)
    return replace(verdict, after=replace(verdict.after, is_queued=False))


def _queues_for_ever(ours: Field, sent: Sent, told: Change, policy: Policy) -> Verdict:
    verdict = as_it_is(ours, sent, told, policy)
    return replace(verdict, after=replace(verdict.after, is_queued=True, base=sent.over))


PLANTED: Final[Mapping[str, Plant]] = MappingProxyType(
    {
        "takes echoes for edits": Plant(judge=_takes_echoes_for_edits),
        "ignores ownership": Plant(judge=_ignores_ownership),
        "gives ties to us": Plant(judge=_gives_ties_to_us),
        "passes over changes of an equal stamp": Plant(judge=_passes_over_equal_stamps),
        "counts an equal stamp as seen": Plant(judge=_counts_equal_stamps_as_seen),
        "forgets what a write has hidden": Plant(judge=_forgets_what_was_hidden),
        "sends while a conflict is open": Plant(judge=_sends_while_disputed),
        "replaces sets": Plant(judge=_replaces_sets),
        "drops what has won": Plant(judge=_drops_what_won),
        "leaves overwritten what it took": Plant(answer=_leaves_overwritten_what_it_took),
        "takes no answer for one": Plant(answer=_queues_for_ever),
    }
)
