"""Deliveries that failed for good, and what a person may make of them (rule X6)."""

from collections.abc import Collection
from types import MappingProxyType
from typing import Final

from domain.exchange import DeadLetterStatus, DeliveryState, WriteState

# Those of both directions are numbered together.
NUMBERED: Final = "entry"
# What a delivery that was dead once is now, by the state of its row.
_STATUS: Final = MappingProxyType(
    {
        WriteState.READY: DeadLetterStatus.RETRYING,
        WriteState.DONE: DeadLetterStatus.DELIVERED,
        WriteState.DEAD: DeadLetterStatus.DEAD,
        # A retry that had nothing to send any more.
        WriteState.DROPPED: DeadLetterStatus.SUPERSEDED,
        WriteState.DISCARDED: DeadLetterStatus.DISCARDED,
        WriteState.SUPERSEDED: DeadLetterStatus.SUPERSEDED,
    }
)
# A person may take a discard back; all others are on their way, or have arrived.
RETRIABLE: Final = frozenset({DeadLetterStatus.DEAD, DeadLetterStatus.DISCARDED})


def status_of(state: WriteState | DeliveryState) -> DeadLetterStatus:
    """Return what became of a delivery that was dead once."""
    return _STATUS[WriteState(state)]


def states_of(statuses: Collection[DeadLetterStatus]) -> frozenset[str]:
    """Return the states of rows that are so."""
    return frozenset(str(state) for state, status in _STATUS.items() if status in statuses)


def label(number: int) -> str:
    """Return what people call a dead letter."""
    return f"{NUMBERED}-{number}"
