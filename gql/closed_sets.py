"""The closed sets of the domain, in the words of the graph."""

from collections.abc import Mapping
from enum import Enum
from typing import Final, cast

from graphql import GraphQLEnumType, GraphQLSchema

from domain.access.roles import Role
from domain.events.entry import IncidentEventKind, RecordEventKind
from domain.records import (
    Direction,
    EditSource,
    MergeReason,
    Owner,
    VendorFeature,
)
from gql.conflicts.closed_sets import CONFLICT_SETS
from gql.ordering import SortDirection
from gql.reconcile.closed_sets import RECONCILE_SETS
from gql.records.closed_sets import RECORD_SETS
from gql.sla.closed_sets import SLA_SETS
from gql.sync.closed_sets import SYNC_SETS
from gql.tickets.closed_sets import TICKET_SETS
from models.reads.incident_page import IncidentOrderField
from models.reads.ticket import TicketOrderField

# A set and what it is; each of its values and what that means.
_SETS: Final[Mapping[type[Enum], tuple[str, Mapping[str, str]]]] = {
    **RECORD_SETS,
    **SYNC_SETS,
    **CONFLICT_SETS,
    **RECONCILE_SETS,
    **TICKET_SETS,
    **SLA_SETS,
    Direction: (
        "Which way an integration carries changes.",
        {
            "NONE": "Neither way: records are mirrored once and then left.",
            "INBOUND": "From the vendor to here.",
            "OUTBOUND": "From here to the vendor; records are mirrored once to begin with.",
            "BIDIRECTIONAL": "Both ways.",
        },
    ),
    Owner: (
        "Which side decides a field's value.",
        {
            "PLATFORM": "This side: what the vendor says of the field does not stand.",
            "EXTERNAL": "The vendor: its value stands here too.",
        },
    ),
    VendorFeature: (
        "What a vendor can do with incidents beyond being read.",
        {
            "HISTORY": "It tells who changed which field, and when.",
            "NOTES": "It has notes that can be read.",
            "CREATE": "Incidents can be created there.",
            "WRITE": "Fields of incidents can be written there.",
            "COMMENT": "Notes can be added there.",
            "REOPEN": "An ended incident can be opened again there.",
        },
    ),
    EditSource: (
        "Which door a change of a field came through.",
        {
            "PERSON": "Somebody edited it here.",
            "WEBHOOK": "The vendor told of it.",
            "PULL": "A sync run found it at the vendor.",
            "RECONCILE": "A comparison of both sides healed it.",
            "CONFLICT_RESOLUTION": "Somebody decided a conflict.",
            "INGEST": "A program handed it in.",
        },
    ),
    MergeReason: (
        "Why a change of a field was taken or not.",
        {
            "NEWER": "Taken: it is later than what was known.",
            "OWNER_PLATFORM": "This side owns the field, so its value stands.",
            "OWNER_EXTERNAL": "The vendor owns the field, so its value stands.",
            "SIMULTANEOUS": "Both sides changed it within the conflict window.",
            "DIVERGED": "Both sides changed it without having seen each other.",
            "OPEN_CONFLICT": "Not taken: an undecided conflict holds the field.",
            "ECHO": "Not taken: it is our own write coming back.",
            "SAME": "Not taken: both sides wrote the same value.",
            "UNCHANGED": "Not taken: the value is what it was.",
            "STALE": "Not taken: it is older than what was known.",
            "DIRECTION": "Not taken: the integration's direction does not carry it.",
            "LOCAL_EDIT": "Taken: somebody edited it here.",
            "VENDOR_TRANSFORMED": "Taken: the vendor altered what we wrote.",
        },
    ),
    Role: (
        "A set of rights.",
        {
            "PLATFORM_ADMINISTRATOR": "Everything, in every scope.",
            "INTEGRATION_MANAGER": "Sets up and runs integrations in scope.",
            "INCIDENT_COMMANDER": "Works on incidents in scope.",
            "VIEWER": "Reads what is in scope.",
        },
    ),
    IncidentOrderField: (
        "What orders a list of incidents; ids settle ties.",
        {
            "UPDATED_AT": "When it changed last.",
            "CREATED_AT": "When its record was made.",
            "SEVERITY": "How bad it is; descending begins with SEV5.",
            "NUMBER": "Its number, compared as text.",
        },
    ),
    TicketOrderField: (
        "What orders a list of tickets; the last change, then ids settle ties.",
        {
            "UPDATED_AT": "When it changed last.",
            "PRIORITY": "How soon work is due; ascending begins with P1.",
            "NEXT_TRANSITION_AT": "When its `slaState` or a clock's may get worse next; those "
            "whose clocks come to nothing are last either way.",
            "BREACH_AT": "When a clock of it breaches next; those of which none will are last "
            "either way.",
        },
    ),
    SortDirection: (
        "Which end of a list comes first.",
        {
            "ASC": "The least or earliest first.",
            "DESC": "The greatest or latest first.",
        },
    ),
    IncidentEventKind: (
        "What happened to an incident.",
        {
            "CREATED": "It was seen for the first time.",
            "UPDATED": "Some of its fields changed.",
            "NOTE_ADDED": "A note was written.",
            "DELETED": "It was deleted at the vendor.",
            "RESTORED": "It is back after a deletion.",
        },
    ),
    RecordEventKind: (
        "What happened to a record.",
        {
            "CREATED": "It was seen for the first time.",
            "UPDATED": "Some of its fields changed.",
            "NOTE_ADDED": "A note was written.",
            "DELETED": "It was deleted at the vendor.",
            "RESTORED": "It is back after a deletion.",
        },
    ),
}


def describe(schema: GraphQLSchema) -> None:
    """Give the enums of a schema and each of their values its meaning.

    Strawberry takes the domain's sets as they are, and they know no descriptions.
    Raises KeyError for a value that has no meaning here.
    """
    for closed_set, (description, meanings) in _SETS.items():
        shown = cast("GraphQLEnumType", schema.type_map[closed_set.__name__])
        shown.description = f"{description} Tolerate values added later."
        for name, value in shown.values.items():
            value.description = meanings[name]
