"""Bugs that the schedules must find: each stands in place of a part of the system."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from adapters.exchange import CreateAsk
from operations.sync.sendable import Sendable, sendable
from tests.domain.sync.histories.planted import PLANTED as BROKEN_RULES

# Of those planted in the rules themselves, the ones that do not need a rare order of events:
# an echo, say, is known by what the vendor has acknowledged as well as by what was sent.
_RULES: Final = (
    "ignores ownership",
    "gives ties to us",
    "passes over changes of an equal stamp",
    "replaces sets",
    "drops what has won",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plant:
    """What is put where: ``place`` is the import name of what it takes the place of."""

    place: str
    bug: Any


def remembers_values() -> Callable[..., Any]:
    """Planted: keeps with a write the values of its first attempt, and sends these."""
    first: dict[str, Sendable] = {}

    async def plan(open_: Any, tx: Any, *, head: Any, lane: Any) -> Any:  # noqa: ANN401 — as the original
        made = await sendable(open_, tx, head=head, lane=lane)
        return first.setdefault(head.id, made) if isinstance(made, Sendable) else made

    return plan


async def tells_nobody(*_: object) -> None:
    """Planted: what one vendor changed is not sent to the others."""


def never_looks(**asked: Any) -> CreateAsk:  # noqa: ANN401 — as the original
    """Planted: creates again without looking for what an earlier try has made."""
    return CreateAsk(**asked | {"may_exist": False})


def misses_nothing(_: object) -> frozenset[str]:
    """Planted: a create that is found to have been made is taken for one with today's values."""
    return frozenset()


PLANTED: Final[Mapping[str, Plant]] = MappingProxyType(
    {
        **{
            name: Plant(place="operations.sync.ledger.merge", bug=BROKEN_RULES[name].judge)
            for name in _RULES
        },
        "keeps values in the outbox": Plant(
            place="operations.sync.deliver.sendable", bug=remembers_values()
        ),
        "tells no other vendor": Plant(
            place="operations.sync.consequences.spread", bug=tells_nobody
        ),
        "creates without a look": Plant(place="operations.sync.deliver.CreateAsk", bug=never_looks),
        "trusts a create's earlier try": Plant(
            place="operations.sync.attempt.Arrived.missed", bug=property(misses_nothing)
        ),
    }
)
