"""The closed sets of tickets, in the words of the graph."""

from collections.abc import Mapping
from enum import Enum
from typing import Final

from domain.sla.terms import IngestOutcome

# A set and what it is; each of its values and what that means.
TICKET_SETS: Final[Mapping[type[Enum], tuple[str, Mapping[str, str]]]] = {
    IngestOutcome: (
        "What became of an event that was sent.",
        {
            "CREATED": "It is the first of its ticket, which is new.",
            "UPDATED": "It is later than all that was known: the ticket stands as it says.",
            "DUPLICATE": "One of this ticket and instant is known: nothing has changed.",
            "LATE": "It took its place in the history, before what was known.",
            "REJECTED": "It is wrong: a `userError` says where. Nothing has changed.",
        },
    ),
}
