"""Bugs that the schedules must find: each stands in place of a part of the system."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final

from adapters.exchange import CreateAsk
from domain.exchange import ConflictStrategy
from domain.records import Owner
from domain.sync.field import Change, Field, Policy, Sent, Verdict
from operations.sync.ledger import Linked
from operations.sync.linked import linked
from operations.sync.sendable import Sendable, sendable
from operations.sync.writing import Writing
from tests.acceptance.convergence.both import EVEN, Leaning
from tests.domain.sync.histories.planted import PLANTED as BROKEN_RULES

_MERGE: Final = "operations.sync.ledger.merge"
# Both sides edit the same at about the same time.
_CLOSE: Final = MappingProxyType({"edit_here": 20, "edit_there": 20, "push": 20, "pull": 10})
# Answers are lost, and what was written is edited again.
_LOSSY: Final = MappingProxyType({"edit_here": 20, "push": 20, "go_wrong": 12})
# The first write of a vendor that has no record yet gets no answer, and is tried again.
_AT_FIRST: Final = Leaning(
    vendors=frozenset({"prod-pd"}),
    often={"edit_here": 20, "push": 30, "go_wrong": 30, "pass": 20},
)
# One vendor that counts no versions, whose history tells each title.
_JIRA: Final = frozenset({"prod-jira"})
_OURS: Final = MappingProxyType({"title": Owner.PLATFORM})


@dataclass(frozen=True, slots=True, kw_only=True)
class Plant:
    """What is put where: ``place`` is the import name of what it takes the place of.

    leaning, steps: of schedules that find it soon.
    """

    place: str
    bug: Any
    leaning: Leaning = EVEN
    steps: int = 60


def remembers_values() -> Callable[..., Any]:
    """Planted: keeps with a write the values of its first attempt, and sends these."""
    first: dict[str, Sendable] = {}

    async def plan(open_: Any, tx: Any, *, head: Any, lane: Any) -> Any:  # noqa: ANN401 — as the original
        made = await sendable(open_, tx, head=head, lane=lane)
        return first.setdefault(head.id, made) if isinstance(made, Sendable) else made

    return plan


async def sees_no_conflict(to: Writing, incident_ids: Sequence[str]) -> dict[str, Linked]:
    """Planted: sends what is in conflict, as if nobody had to decide it."""
    found = await linked(to, incident_ids)
    return {one: replace(about, conflicts={}) for one, about in found.items()}


def takes_no_answer(ours: Field, *, sent: Sent, told: Change, policy: Policy) -> Verdict:
    """Planted: takes no answer for one, and sends for ever."""
    return BROKEN_RULES["takes no answer for one"].answer(ours, sent, told, policy)


async def tells_nobody(*_: object) -> None:
    """Planted: what one vendor changed is not sent to the others."""


def never_looks(**asked: Any) -> CreateAsk:  # noqa: ANN401 — as the original
    """Planted: creates again without looking for what an earlier try has made."""
    return CreateAsk(**asked | {"may_exist": False})


def misses_nothing(_: object) -> frozenset[str]:
    """Planted: a create that is found to have been made is taken for one with today's values."""
    return frozenset()


def _rule(name: str, leaning: Leaning = EVEN) -> Plant:
    return Plant(place=_MERGE, bug=BROKEN_RULES[name].judge, leaning=leaning)


# Found soon in the schedules of one leaning; the name says what the system does wrong.
PLANTED: Final[Mapping[str, Plant]] = MappingProxyType(
    {
        "takes echoes for edits": _rule("takes echoes for edits", Leaning(often=_LOSSY)),
        "ignores ownership": _rule("ignores ownership"),
        "gives ties to us": _rule(
            "gives ties to us",
            Leaning(
                vendors=_JIRA,
                strategy=ConflictStrategy.LAST_WRITE_WINS,
                often=_CLOSE,
            ),
        ),
        "passes over changes of an equal stamp": _rule("passes over changes of an equal stamp"),
        "counts an equal stamp as seen": _rule(
            "counts an equal stamp as seen",
            Leaning(vendors=_JIRA, often=_CLOSE),
        ),
        "forgets what a write has hidden": _rule(
            "forgets what a write has hidden", Leaning(vendors=_JIRA, owners=_OURS, often=_CLOSE)
        ),
        "replaces sets": _rule("replaces sets"),
        "drops what has won": _rule(
            "drops what has won", Leaning(vendors=_JIRA, owners=_OURS, often=_CLOSE)
        ),
        "sends what is disputed": Plant(
            place="operations.sync.sendable.linked",
            bug=sees_no_conflict,
            leaning=Leaning(
                strategy=ConflictStrategy.MANUAL_REVIEW, often={**_CLOSE, "resolve": 0}
            ),
        ),
        "takes no answer for one": Plant(
            place="operations.sync.judging.acknowledged", bug=takes_no_answer
        ),
        "keeps values in the outbox": Plant(
            place="operations.sync.deliver.sendable",
            bug=remembers_values(),
            leaning=Leaning(often=_LOSSY),
        ),
        "tells no other vendor": Plant(
            place="operations.sync.consequences.spread",
            bug=tells_nobody,
            leaning=Leaning(vendors=frozenset({"prod-jira", "prod-snow"})),
        ),
        "creates without a look": Plant(place="operations.sync.deliver.CreateAsk", bug=never_looks),
        "trusts a create's earlier try": Plant(
            place="operations.sync.attempt.Arrived.missed",
            bug=property(misses_nothing),
            leaning=_AT_FIRST,
            steps=15,
        ),
    }
)
