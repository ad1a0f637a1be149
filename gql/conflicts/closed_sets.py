"""The closed sets of conflicts, in the words of the graph."""

from collections.abc import Mapping
from enum import Enum
from typing import Final

from domain.events.entry import ConflictEventKind
from domain.exchange import ConflictKind, ConflictSide, ConflictStatus

# A set and what it is; each of its values and what that means.
CONFLICT_SETS: Final[Mapping[type[Enum], tuple[str, Mapping[str, str]]]] = {
    ConflictKind: (
        "Whether both edits fell into the conflict window.",
        {
            "SIMULTANEOUS": "Both did.",
            "DIVERGED": "They lie further apart, but neither had seen the other.",
        },
    ),
    ConflictStatus: (
        "What became of a conflict.",
        {
            "OPEN": "It waits for a person; nothing of the field is sent or taken meanwhile.",
            "RESOLVED_PLATFORM": "This side's value stands, and goes to the vendor.",
            "RESOLVED_EXTERNAL": "The vendor's value stands here too.",
            "IGNORED": "Both values stand until either side edits the field again.",
            "SUPERSEDED": "It ended by itself: both sides agree, or there is no other side now.",
        },
    ),
    ConflictSide: (
        "One of the two sides of a conflict.",
        {"PLATFORM": "This side.", "EXTERNAL": "The vendor."},
    ),
    ConflictEventKind: (
        "What happened to a conflict.",
        {
            "OPENED": "It was found, and waits for a person.",
            "UPDATED": "It is open still, and one of its sides has another value.",
            "RESOLVED": "One side's value stands: by a person's word or by the strategy.",
            "IGNORED": "A person let both values stand.",
            "SUPERSEDED": "It ended by itself.",
        },
    ),
}
