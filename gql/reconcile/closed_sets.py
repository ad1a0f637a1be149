"""The closed sets of reconciliation, in the words of the graph."""

from collections.abc import Mapping
from enum import Enum
from typing import Final

from domain.exchange import DriftAction, DriftOutcome, DriftStatus

# A set and what it is; each of its values and what that means.
RECONCILE_SETS: Final[Mapping[type[Enum], tuple[str, Mapping[str, str]]]] = {
    DriftStatus: (
        "How far a plan of reconciliation is.",
        {
            "RUNNING": "Both sides are being compared.",
            "READY": "It can be healed by its hash.",
            "HEALING": "What differs is being made equal.",
            "DONE": "It was healed.",
            "FAILED": "The vendor could not be read to the end; `error` says why.",
            "STALE": "It is too old, or the direction or the owners of fields have changed.",
        },
    ),
    DriftAction: (
        "What healing does with something that differs, or why it leaves it alone.",
        {
            "PUSH": "Our value is sent.",
            "PULL": "The vendor's value is taken.",
            "CONFLICT": "The integration's strategy decides, or a person.",
            "CREATE_EXTERNAL": "The incident is created at the vendor.",
            "CREATE_LOCAL": "The vendor's record is mirrored.",
            "DELETE_LOCAL": "The incident is marked as deleted.",
            "SKIP_OPEN_CONFLICT": "Nothing: a conflict about it is undecided.",
            "SKIP_PENDING": "Nothing: a write is on its way.",
            "SKIP_ACCEPTED": "Nothing: somebody let both values stand.",
            "SKIP_DIRECTION": "Nothing: the integration does not carry it that way.",
            "SKIP_FLAPPING": "Nothing: it was healed three times in a day and came apart again.",
        },
    ),
    DriftOutcome: (
        "What became of something that differs.",
        {
            "NOT_RUN": "Nothing yet.",
            "HEALED": "It was made equal, or the write that does so is queued.",
            "CHANGED": "Left alone: either side has changed since the plan was made.",
            "FAILED": "It could not be healed.",
            "SKIPPED": "Left alone, as the plan says.",
        },
    ),
}
