"""One seed's history: what happens, in which order, and that it ends well."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Final

from domain.exchange import ConflictSide
from domain.records import FieldValue
from domain.sync.field import Field
from domain.sync.merge import merge
from tests.domain.sync.histories.claims import claim_at_the_end, claim_before_healing
from tests.domain.sync.histories.mirror import Answer, Judge, Link, Mirror, as_it_is
from tests.domain.sync.histories.setting import FIRST_LABELS, START, linked
from tests.domain.sync.histories.verdicts import BrokenError

STEPS: Final = 30
# Enough for every write to be sent, answered, heard of and sent on.
_MOST_ROUNDS: Final = 12
_WAITS: Final = (0.0, 0.0, 0.3, 0.7, 1.0, 4.0, 60.0)
_LAGS: Final = (0.0, 0.0, 0.0, 2.0, 30.0)
_WORDS: Final = (ConflictSide.PLATFORM, ConflictSide.EXTERNAL, None)


@dataclass(slots=True, kw_only=True)
class Story:
    """What happens, chosen by one seed; ``trace`` tells it.

    is_unique: each edit has a value of its own, so that it can be looked for.
    has_edits_there: the vendors' people edit, and not only we.
    """

    chance: Random
    mirror: Mirror
    is_unique: bool
    has_edits_there: bool = True
    trace: list[str] = field(default_factory=list)
    _edits: int = 0

    @classmethod
    def of(cls, seed: int, *, judge: Judge = merge, answer: Answer = as_it_is) -> "Story":
        """Let a seed choose who takes part; ``judge`` and ``answer`` may be broken ones."""
        chance = Random(seed)  # noqa: S311 — repeatable, protects nothing
        mirror = Mirror(links=linked(chance), now=START, judge=judge, answer=answer)
        is_unique = not isinstance(mirror.value, list) and chance.random() < 0.5
        return cls(chance=chance, mirror=mirror, is_unique=is_unique)

    def play(self, steps: int = STEPS) -> None:
        """Let things happen, then be quiet; raise BrokenError when a property does not hold."""
        for _ in range(steps):
            self._happen()
        self._rest()

    def _happen(self) -> None:
        link = self.chance.choice(self.mirror.links)
        what = self.chance.choices(*_DEEDS)[0]
        seconds = self.chance.choice(_WAITS)
        self.mirror.now += timedelta(seconds=seconds)
        self.trace.append(f"{seconds} s, {link.policy.link}: {what.__name__.strip('_')}")
        what(self, link)
        self.trace[-1] += f": {_told(link)}"
        if link.field.conflict is not None and link.field.is_queued:
            raise BrokenError("P12: a write is queued while its conflict is open")

    def _value(self, now: FieldValue) -> FieldValue:
        """Return what somebody makes of a value: another one, or one label more or less."""
        if isinstance(now, list):
            return sorted({*now} ^ {self._label(now)})
        self._edits += 1
        return str(self._edits) if self.is_unique else self.chance.choice("abc")

    def _label(self, now: Sequence[str]) -> str:
        """Return a label that somebody puts on, or one of the first that somebody takes off."""
        first = [label for label in now if label in FIRST_LABELS]
        if first and self.chance.random() < 0.3:
            return self.chance.choice(first)
        self._edits += 1
        return str(self._edits)

    def _edit_here(self, _: Link) -> None:
        self.mirror.edit(self._value(self.mirror.value))

    def _edit_there(self, link: Link) -> None:
        if self.has_edits_there:
            value = self._value(link.vendor.value)
            link.vendor.change(value, now=self.mirror.now, lag=self._lag(link))

    def _lag(self, link: Link) -> timedelta:
        """Return how long a change is missing in the history; of a set, whose changes add up, not.

        Rows older than a change that was judged are passed over (rule M3).
        """
        is_set = isinstance(link.vendor.value, list)
        return timedelta(seconds=0 if is_set else self.chance.choice(_LAGS))

    def _touch(self, link: Link) -> None:
        link.vendor.touch(self.mirror.now)

    def _pull(self, link: Link) -> None:
        """Pull, and once more: of that nothing may come (invariant P2)."""
        self.mirror.pull(link)
        before = [_outcome(one.field) for one in self.mirror.links]
        self.mirror.pull(link)
        if [_outcome(one.field) for one in self.mirror.links] != before:
            raise BrokenError("P2: the same again changed something")

    def _deliver(self, link: Link) -> None:
        """Deliver a webhook, not always the oldest, and perhaps not for the last time."""
        if not link.vendor.outgoing:
            return
        place = self.chance.randrange(len(link.vendor.outgoing))
        shown = link.vendor.outgoing[place]
        if self.chance.random() < 0.7:
            del link.vendor.outgoing[place]
        is_alone = self.chance.random() < 0.5 and not isinstance(shown.value, list)
        self.mirror.hear(link, shown, [] if is_alone else link.vendor.history(self.mirror.now))

    def _drop(self, link: Link) -> None:
        link.vendor.outgoing.clear()

    def _send(self, link: Link) -> None:
        self.mirror.send(link)

    def _arrive(self, link: Link) -> None:
        self.mirror.arrive(link, self._lag(link))

    def _read_answer(self, link: Link) -> None:
        self.mirror.read_answer(link)

    def _lose(self, link: Link) -> None:
        self.mirror.lose(link)

    def _resolve(self, link: Link) -> None:
        self.mirror.resolve(link, self.chance.choice(_WORDS))

    def _rest(self) -> None:
        """Let nothing more go wrong: all arrives, each conflict is decided, one heal is made."""
        self.mirror.now += timedelta(minutes=5)
        self.trace.append("quiet")
        for link in self.mirror.links:
            if self.chance.random() < 0.5:
                link.vendor.outgoing.clear()
        self._settle()
        for link in self.mirror.links:
            claim_before_healing(link)
            self.mirror.heal(link)
            self._settle()
        claim_at_the_end(self.mirror, is_unique=self.is_unique, last_label=self._edits)

    def _settle(self) -> None:
        for _ in range(_MOST_ROUNDS):
            before = [_all(link) for link in self.mirror.links]
            for link in self.mirror.links:
                self._finish(link)
                self.trace.append(f"round, {link.policy.link}: {_told(link)}")
            if [_all(link) for link in self.mirror.links] == before:
                return
        raise BrokenError(f"P6: not quiet after {_MOST_ROUNDS} rounds")

    def _finish(self, link: Link) -> None:
        """Let all that is under way arrive, and decide what waits for a person."""
        self.mirror.now += timedelta(seconds=self.chance.choice(_WAITS))
        for shown in link.vendor.outgoing:
            self.mirror.hear(link, shown, link.vendor.history(self.mirror.now))
        link.vendor.outgoing.clear()
        self.mirror.pull(link)
        self.mirror.resolve(link, self.chance.choice(_WORDS))
        self.mirror.send(link)
        self.mirror.arrive(link, timedelta(0))
        self.mirror.read_answer(link)


def _outcome(ours: Field) -> tuple[object, ...]:
    return ours.value, ours.version, ours.is_queued, ours.conflict


def _all(link: Link) -> tuple[object, ...]:
    return link.field, link.vendor.value, link.air, link.answer


def _told(link: Link) -> str:
    ours, theirs = link.field, link.vendor
    queued = ", queued" if ours.is_queued else ""
    opposed = "" if ours.conflict is None else f", against {ours.conflict.value}"
    known = f"{ours.base} of {ours.known_key.at:%M:%S}/{ours.known_key.sequence}"
    return (
        f"{ours.value} v{ours.version}{queued}{opposed}, base {known}, "
        f"theirs {theirs.value} of {theirs.at:%M:%S}"
    )


_DEEDS: Final[tuple[tuple[Callable[[Story, Link], None], ...], tuple[int, ...]]] = (
    (
        Story._edit_here,
        Story._edit_there,
        Story._touch,
        Story._pull,
        Story._deliver,
        Story._drop,
        Story._send,
        Story._arrive,
        Story._read_answer,
        Story._lose,
        Story._resolve,
    ),
    (4, 4, 1, 3, 5, 1, 5, 4, 4, 1, 1),
)
