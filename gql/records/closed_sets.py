"""The closed sets of records, in the words of the graph."""

from collections.abc import Mapping
from enum import Enum
from typing import Final

from domain.records import (
    ChangeRisk,
    ChangeStatus,
    EventSeverity,
    EventStatus,
    IncidentStatus,
    NoteVisibility,
    Priority,
    RecordKind,
    ServiceCriticality,
    Severity,
    TicketStatus,
)

# A set and what it is; each of its values and what that means.
RECORD_SETS: Final[Mapping[type[Enum], tuple[str, Mapping[str, str]]]] = {
    RecordKind: (
        "What a mirrored record is.",
        {
            "INCIDENT": "Something is broken or about to break, and people work on it.",
            "CHANGE": "A planned alteration of a service.",
            "EVENT": "A signal of a monitoring system.",
            "TICKET": "A request or complaint with promised times.",
            "SERVICE": "A service or configuration item that records affect.",
        },
    ),
    IncidentStatus: (
        "Where an incident stands. RESOLVED, CLOSED and CANCELLED are ended, all others open.",
        {
            "NEW": "Nobody has taken notice yet.",
            "ACKNOWLEDGED": "Somebody has taken notice.",
            "IN_PROGRESS": "Somebody works on it.",
            "ON_HOLD": "Work waits for something outside.",
            "RESOLVED": "The service works again; it may be reopened.",
            "CLOSED": "The resolution was confirmed; nothing more happens.",
            "CANCELLED": "It was none, or one too many.",
        },
    ),
    ChangeStatus: (
        "Where a change stands. COMPLETED, FAILED and CANCELLED are ended.",
        {
            "DRAFT": "It is being planned; nobody has agreed to it yet.",
            "SCHEDULED": "It is agreed, and waits for its time.",
            "IN_PROGRESS": "Somebody does it now.",
            "COMPLETED": "It was done as planned.",
            "FAILED": "It was not done as planned, or was taken back.",
            "CANCELLED": "It will not be done.",
        },
    ),
    ChangeRisk: (
        "How likely a change is to do harm, as those who plan it say.",
        {
            "LOW": "Hardly.",
            "MEDIUM": "It may; also when the vendor does not tell.",
            "HIGH": "It well may.",
        },
    ),
    EventSeverity: (
        "How bad an event is.",
        {
            "INFO": "Nothing is wrong.",
            "WARNING": "Something may go wrong.",
            "CRITICAL": "Something is wrong.",
        },
    ),
    EventStatus: (
        "Whether what an event tells of goes on.",
        {"FIRING": "It goes on.", "CLEARED": "It is over."},
    ),
    TicketStatus: (
        "Where a ticket stands. RESOLVED, CLOSED and CANCELLED are ended, all others open.",
        {
            "NEW": "Nobody has taken notice yet.",
            "OPEN": "Somebody works on it.",
            "PENDING": "Work waits for the one who asked.",
            "ON_HOLD": "Work waits for something else.",
            "RESOLVED": "It is done; it may be reopened.",
            "CLOSED": "That it is done was confirmed; nothing more happens.",
            "CANCELLED": "It was none, or one too many.",
        },
    ),
    NoteVisibility: (
        "Who may read a note at the vendor.",
        {"INTERNAL": "Those who work on the incident.", "PUBLIC": "Those who reported it, too."},
    ),
    Severity: (
        "How bad an incident is.",
        {
            "SEV1": "The worst: a critical service is down for all.",
            "SEV2": "A critical service is impaired, or down for many.",
            "SEV3": "A service is impaired for some.",
            "SEV4": "A nuisance with a way around it.",
            "SEV5": "The least: no effect on users.",
        },
    ),
    Priority: (
        "How soon work is due.",
        {
            "P1": "Before everything else.",
            "P2": "Next.",
            "P3": "In the usual order.",
            "P4": "When there is time.",
            "P5": "Whenever it suits.",
        },
    ),
    ServiceCriticality: (
        "How much depends on a service.",
        {
            "TIER1": "The business stands still without it.",
            "TIER2": "The business is hampered without it.",
            "TIER3": "It can be done without for a while; also when the vendor does not tell.",
        },
    ),
}
