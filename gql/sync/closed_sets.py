"""The closed sets of syncs, in the words of the graph."""

from collections.abc import Mapping
from enum import Enum
from typing import Final

from domain.events.entry import SyncEventKind
from domain.exchange import ConflictStrategy, ConflictWindowMode, DeadLetterStatus, FlowDirection
from domain.records import IntegrationState, RunPhase, RunStatus
from domain.sync.health import Freshness
from domain.sync.rule_preview import RuleEffect

# A set and what it is; each of its values and what that means.
SYNC_SETS: Final[Mapping[type[Enum], tuple[str, Mapping[str, str]]]] = {
    IntegrationState: (
        "Whether an integration works, and if not, what it waits for.",
        {
            "HEALTHY": "The last contact with the vendor succeeded.",
            "DEGRADED": "The last contact failed; it is tried again by itself.",
            "RATE_LIMITED": "The vendor asked to wait; it is tried again by itself.",
            "PARKED": "It waits for a person: credentials are missing or refused.",
            "DISABLED": "A person switched it off.",
        },
    ),
    RunPhase: (
        "What a sync run is for.",
        {
            "BACKFILL": "Reads all records.",
            "INCREMENTAL": "Reads what changed since the last run.",
            "CENSUS": "Compares which records exist, to find deleted ones.",
            "RECONCILE": "Compares values on both sides.",
        },
    ),
    RunStatus: (
        "How far a sync run is.",
        {
            "QUEUED": "It waits for a worker.",
            "RUNNING": "A worker reads the vendor.",
            "PAUSED": "A person halted it; resumed, it goes on where it stopped.",
            "SUCCEEDED": "The vendor was read to the end.",
            "FAILED": "It ended early; what it had read is kept, and the next run goes on.",
            "CANCELLED": "A person stopped it; what it had read is kept.",
        },
    ),
    Freshness: (
        "How far behind its vendor a mirror may be.",
        {
            "NEVER": "The vendor was never read to the end.",
            "FRESH": "Behind by at most two poll intervals.",
            "LAGGING": "Behind by at most six poll intervals.",
            "STALE": "Further behind: do not rely on it.",
        },
    ),
    ConflictStrategy: (
        "Which side wins when both have changed a field without having seen each other.",
        {
            "LAST_WRITE_WINS": "The later edit; far apart in time, the field's owner.",
            "OWNERSHIP_PRIORITY": "The side whose ownership rule has the greater priority.",
            "MANUAL_REVIEW": "Neither: the conflict stays open until a person decides.",
        },
    ),
    ConflictWindowMode: (
        "What makes two edits a conflict.",
        {
            "CAUSAL": "That neither had seen the other.",
            "LITERAL": "That their times are within the window, whatever they had seen.",
        },
    ),
    FlowDirection: (
        "Which way a delivery goes.",
        {"OUTBOUND": "From here to the vendor.", "INBOUND": "From the vendor to here."},
    ),
    DeadLetterStatus: (
        "What became of a delivery that failed for good.",
        {
            "DEAD": "It waits for a person.",
            "RETRYING": "It is tried again.",
            "DELIVERED": "A retry has arrived.",
            "DISCARDED": "A person gave it up.",
            "SUPERSEDED": "A later write has brought its fields, or nothing of it is left to send.",
        },
    ),
    RuleEffect: (
        "What the next comparison of both sides does with a field that differs.",
        {
            "SENT": "Our value goes to the vendor.",
            "TAKEN": "The vendor's value becomes ours.",
            "STAYS": "Nothing: the two stay different.",
        },
    ),
    SyncEventKind: (
        "What happened to an integration's sync.",
        {
            "RUN_STARTED": "A worker took a run.",
            "PAGE_DONE": "A page of records was written.",
            "RUN_FINISHED": "A run ended: it succeeded or was cancelled.",
            "RUN_FAILED": "A run ended early; the message says why.",
            "STATE_CHANGED": "The integration works otherwise than before.",
            "DEAD_LETTER_ADDED": "A delivery failed for good and waits for a person.",
            "DRIFT_FOUND": "A comparison found values that differ.",
            "DRIFT_HEALED": "Values that differed were made equal.",
        },
    ),
}
