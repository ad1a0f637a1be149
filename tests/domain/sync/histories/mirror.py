"""Our side of one field: edits here, what vendors tell, and writes that may be lost.

The rules are the domain's own; only what surrounds them is made small: rows are
attributes, a worker is a method, and a write is in the air until its answer is read.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from domain.exchange import ConflictSide
from domain.inbound import VendorKey
from domain.records import FieldValue, MergeReason, Owner
from domain.sync.answer import acknowledged
from domain.sync.conflict import Unsendable, Word, decided, is_accepted
from domain.sync.field import MOST_SENT, Change, Clash, Field, Policy, Sent, Verdict, taken
from domain.sync.merge import merge
from domain.sync.ownership import carries_out, why_not_sent
from tests.domain.sync.histories.vendor import Row, Shown, Vendor
from tests.domain.sync.histories.verdicts import claim_of_verdict

Judge = Callable[[Field, Change, Policy], Verdict]
Answer = Callable[[Field, Sent, Change, Policy], Verdict]


def as_it_is(ours: Field, sent: Sent, told: Change, policy: Policy) -> Verdict:
    """Take a vendor's answer as the domain does."""
    return acknowledged(ours, sent=sent, told=told, policy=policy)


@dataclass(slots=True, kw_only=True)
class Counted:
    """What happened at one link, for the claims that are made of it.

    told: values of others, which were to be sent here; writes: those that arrived.
    excused: writes that conflicts, healing, lost answers and undone edits may have cost.
    accepted, clashed: the vendor's values that were taken, or disputed.
    hidden: the vendor's last edits that a write of ours took the place of unseen.
    has_left: whether a person has ever left both sides unequal (rule F3).
    has_lost: whether a write or its answer was ever lost.
    """

    told: int = 0
    writes: int = 0
    excused: int = 0
    accepted: list[FieldValue] = field(default_factory=list)
    clashed: list[FieldValue] = field(default_factory=list)
    clashes: list[Clash] = field(default_factory=list)
    hidden: list[Row] = field(default_factory=list)
    has_left: bool = False
    has_lost: bool = False


@dataclass(slots=True, kw_only=True)
class Link:
    """One vendor's record of the incident, and the field as its link knows it.

    air: a write that was sent; answer: what the vendor answered, not yet read.
    """

    vendor: Vendor
    policy: Policy
    known: set[int] = field(default_factory=set)
    air: Sent | None = None
    answer: Shown | None = None
    is_unsure: bool = False
    counted: Counted = field(default_factory=Counted)
    field: Field

    @property
    def takes(self) -> bool:
        """Whether our edits are sent to it."""
        return why_not_sent(self.policy.direction, self.policy.owned.owner) is None

    @property
    def is_left_unequal(self) -> bool:
        """Whether both sides are still what a person left unequal."""
        return is_accepted(self.field, self.field.base)

    @property
    def is_writable(self) -> bool:
        """Whether anything goes to it."""
        return carries_out(self.policy.direction)


@dataclass(slots=True, kw_only=True)
class Mirror:
    """The field here, with a link to each vendor; ``now`` moves with the history."""

    links: Sequence[Link]
    now: datetime
    judge: Judge = merge
    answer: Answer = as_it_is

    @property
    def value(self) -> FieldValue:
        """Our value."""
        return self.links[0].field.value

    def edit(self, value: FieldValue) -> None:
        """Edit as a person here; each vendor that takes the field is to have it."""
        if value != self.value:
            ours = self.links[0].field
            self._set(
                replace(ours, value=value, version=ours.version + 1, edited_at=self.now, by=None)
            )
            self._spread(None)

    def hear(self, link: Link, shown: Shown, history: Sequence[Row]) -> None:
        """Judge what the history tells that is not known, then what the record shows.

        A set is not looked at while a write of it is under way (rule M0): what our
        write took away would pass for the doing of the vendor's people.
        """
        before = link.field
        if isinstance(before.value, list) and link.air is not None:
            return
        for row in history:
            if row.id in link.known or _is_ahead(row.key, shown.key):
                continue
            link.known.add(row.id)
            self._judge(link, row.value, row.key)
        if shown.value != link.field.base or shown.key < link.field.known_key:
            self._judge(link, shown.value, shown.key)
        link.field = replace(link.field, known_key=max(before.known_key, shown.key))

    def pull(self, link: Link) -> None:
        """Read the record as it stands, and of its history what can be read."""
        self.hear(link, link.vendor.shown, link.vendor.history(self.now))

    def send(self, link: Link) -> None:
        """Put what is queued into the air, if it still has to be said (rules X2, X3)."""
        if link.air is not None or not link.field.is_queued or link.field.conflict is not None:
            return
        if link.policy.owned.owner is not Owner.PLATFORM or link.is_unsure:
            self.pull(link)
        ours = link.field
        if not ours.is_queued or ours.conflict is not None:
            return
        if ours.value == ours.base:
            link.field = replace(ours, is_queued=False)
            return
        link.air = Sent(version=ours.version, value=ours.value, over=ours.base)
        others = (one for one in ours.sent if one != link.air)
        link.field = replace(ours, sent=(*others, link.air)[-MOST_SENT:])

    def arrive(self, link: Link, lag: timedelta) -> None:
        """Let a write arrive at its vendor."""
        if link.air is None or link.answer is not None:
            return
        vendor, value = link.vendor, link.air.value
        last = vendor.rows[-1] if vendor.rows else None
        if last is not None and not last.is_ours and vendor.value not in (link.air.over, value):
            link.counted.hidden.append(last)
        link.counted.writes += vendor.value != value
        link.answer = vendor.change(value, now=self.now, is_ours=True, lag=lag)

    def read_answer(self, link: Link) -> None:
        """Take the vendor's answer (rules M4, M14)."""
        if link.air is None or link.answer is None:
            return
        told = self._change(link, link.answer.value, link.answer.key)
        was_queued = link.field.is_queued and link.field.version != link.air.version
        verdict = self.answer(link.field, link.air, told, link.policy)
        link.counted.excused += verdict.after.is_queued and not was_queued
        link.air = link.answer = None
        link.is_unsure = False
        self._keep(link, verdict)

    def lose(self, link: Link) -> None:
        """Lose a write, or its answer: nobody here knows which."""
        if link.air is not None:
            link.air = link.answer = None
            link.is_unsure = link.counted.has_lost = True
            link.counted.excused += 1

    def resolve(self, link: Link, verdict: ConflictSide | None) -> None:
        """Decide an open conflict; None leaves both sides as they are (rule F3)."""
        opposed = link.field.conflict
        if opposed is None:
            return
        word = Word(keep=verdict, seen=None, at=self.now)
        made = decided(word, link.field, opposed, is_writable=link.is_writable)
        if isinstance(made, Unsendable):
            return
        link.counted.excused += made.is_sent
        link.counted.has_left |= verdict is None
        link.field = made.after
        if made.is_taken:
            self._set(made.after)
            self._spread(link)

    def heal(self, link: Link) -> None:
        """Make the sides equal by who owns the field, where a pull has shown a difference."""
        ours = link.field
        if ours.value == ours.base or link.is_left_unequal:
            return
        if link.takes:
            link.counted.excused += 1
            link.field = replace(ours, is_queued=True)
        elif link.policy.owned.owner is not Owner.PLATFORM:
            told = self._change(link, ours.base, ours.known_key)
            self._keep(
                link,
                Verdict(
                    reason=MergeReason.NEWER, after=taken(ours, told, link.policy), accepted=True
                ),
            )

    def _judge(self, link: Link, value: FieldValue, key: VendorKey) -> None:
        change = self._change(link, value, key)
        verdict = self.judge(link.field, change, link.policy)
        claim_of_verdict(link.field, change, link.policy, verdict)
        if verdict.clash is not None:
            link.counted.clashes.append(verdict.clash)
            link.counted.clashed.append(value)
        if verdict.reason in (MergeReason.OPEN_CONFLICT, MergeReason.OWNER_PLATFORM):
            link.counted.clashed.append(value)
        if verdict.accepted:
            link.counted.accepted.append(value)
        # A set may grow while its write is under way.
        is_more = verdict.accepted or not link.field.is_queued
        link.counted.excused += verdict.after.is_queued and is_more
        self._keep(link, verdict)

    def _change(self, link: Link, value: FieldValue, key: VendorKey) -> Change:
        return Change(value=value, key=key, edited_at=key.at - link.vendor.skew, is_new=True)

    def _keep(self, link: Link, verdict: Verdict) -> None:
        link.field = verdict.after
        if verdict.accepted:
            self._set(verdict.after)
            self._spread(link)

    def _set(self, ours: Field) -> None:
        """Let all links know our new value."""
        for link in self.links:
            link.field = replace(
                link.field,
                value=ours.value,
                version=ours.version,
                edited_at=ours.edited_at,
                by=ours.by,
            )

    def _spread(self, source: Link | None) -> None:
        """Queue our new value for each vendor that takes it, but the one that it came from."""
        for link in self.links:
            if link is source:
                continue
            # What is queued already, as it was decided so, is sent with the latest value.
            link.counted.told += link.takes or link.field.is_queued
            if link.takes:
                link.field = replace(link.field, is_queued=link.field.conflict is None)


def _is_ahead(row: VendorKey, shown: VendorKey) -> bool:
    """Say whether a change came after the record was read."""
    return row.sequence > shown.sequence if shown.sequence else row.at > shown.at
