"""The closed sets of service levels, in the words of the graph."""

from collections.abc import Mapping
from enum import Enum
from typing import Final

from domain.events.entry import AlertEventKind, SlaEventKind
from domain.sla.attainment import SlaAttainmentGroup, SlaAttainmentPeriod
from domain.sla.terms import (
    AlertLevel,
    NotificationState,
    OnReopen,
    SlaClockKind,
    SlaPhase,
    SlaState,
    SlaSubjectKind,
)

# A set and what it is; each of its values and what that means.
SLA_SETS: Final[Mapping[type[Enum], tuple[str, Mapping[str, str]]]] = {
    SlaSubjectKind: (
        "What service levels are promised for.",
        {"TICKET": "A ticket.", "INCIDENT": "An incident."},
    ),
    SlaClockKind: (
        "Which of the two promises a clock measures.",
        {
            "RESPONSE": "That somebody takes notice: it runs until the first status but NEW.",
            "RESOLUTION": "That it is done: it pauses and stops where the policy says.",
        },
    ),
    SlaPhase: (
        "Whether a clock counts.",
        {
            "RUNNING": "It does, in the hours of its calendar.",
            "PAUSED": "It waits: the subject is where the policy pauses it.",
            "STOPPED": "It has come to rest: what was promised is done.",
            "CANCELLED": "It has come to rest: nothing is owed any more.",
        },
    ),
    SlaState: (
        "How far a clock is; the later, the worse.",
        {
            "OK": "Little of the target is used, or it came to rest in time.",
            "ALERT": "Most of the target is used, and it has not come to rest.",
            "BREACH": "All of the target is used.",
        },
    ),
    NotificationState: (
        "How far a message is.",
        {
            "READY": "It is to be sent, or sent again.",
            "DONE": "The channel has taken it.",
            "DEAD": "It could not be sent, and is not tried any more.",
        },
    ),
    AlertLevel: (
        "What an alert tells of; the later, the worse.",
        {
            "ALERT": "Most of the target is used.",
            "BREACH": "All of the target is used.",
            "ESCALATION": "The target was missed by a part of it that the policy names.",
        },
    ),
    SlaEventKind: (
        "What became of the file of the service levels.",
        {
            "POLICY_TAKEN": "Other service levels are in force.",
            "POLICY_REFUSED": "It is bad; what was in force stays so.",
            "POLICY_MENDED": "It says again what is in force, after it was refused.",
        },
    ),
    AlertEventKind: (
        "What happened to an alert.",
        {
            "RAISED": "A clock has reached its level.",
            "ACKNOWLEDGED": "Somebody has taken it on.",
            "SNOOZED": "Somebody has put it off.",
        },
    ),
    SlaAttainmentPeriod: (
        "How a range is cut; each midnight is that of a time zone.",
        {"DAY": "At each midnight.", "WEEK": "At the midnights with which Mondays begin."},
    ),
    SlaAttainmentGroup: (
        "What clocks are told apart by.",
        {
            "POLICY": "By the policy of the file that they were measured by.",
            "PRIORITY": "By the priority with which they ended.",
            "SERVICE": "By the services that their tickets and incidents concern.",
        },
    ),
    OnReopen: (
        "What becomes of a resolution's clock when its subject is reopened.",
        {
            "RESUME": "It goes on from the time used before.",
            "RESTART": "It begins anew.",
            "COUNT": "It goes on, and the time at rest counts.",
        },
    ),
}
