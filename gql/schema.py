"""The graph: all areas joined into one schema."""

from typing import Final

from graphql import (
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    Undefined,
)
from strawberry import Schema
from strawberry.schema.config import StrawberryConfig
from strawberry.tools import merge_types

from gql import closed_sets
from gql.access.queries import AccessQueries
from gql.assets.queries import ServiceQueries
from gql.changes.queries import ChangeQueries
from gql.conflicts.mutations import ConflictMutations
from gql.conflicts.queries import ConflictQueries
from gql.conflicts.subscriptions import ConflictSubscriptions
from gql.dead_letters.mutations import DeadLetterMutations
from gql.dead_letters.queries import DeadLetterQueries
from gql.events.queries import EventQueries
from gql.explain.queries import ShadowQueries
from gql.incidents.edit_mutations import IncidentEditMutations
from gql.incidents.mutations import IncidentMutations
from gql.incidents.queries import IncidentQueries
from gql.incidents.subscriptions import IncidentSubscriptions
from gql.integrations.mapping_mutations import MappingMutations
from gql.integrations.mutations import IntegrationMutations
from gql.integrations.ownership_mutations import OwnershipMutations
from gql.integrations.queries import IntegrationQueries
from gql.integrations.removal import RemovalMutations
from gql.integrations.webhooks import WebhookMutations
from gql.node_queries import NodeQueries
from gql.overview.queries import OverviewQueries
from gql.reconcile.mutations import ReconcileMutations
from gql.records.subscriptions import RecordSubscriptions
from gql.scalars import SCALARS
from gql.sla.alert_mutations import AlertMutations
from gql.sla.alert_queries import AlertQueries
from gql.sla.attainment import AttainmentQueries
from gql.sla.forecast_queries import ForecastQueries
from gql.sla.mutations import SlaMutations
from gql.sla.queries import SlaQueries
from gql.sla.subscriptions import SlaSubscriptions
from gql.sync.mutations import SyncMutations
from gql.sync.subscriptions import SyncSubscriptions
from gql.tickets.mutations import TicketMutations
from gql.tickets.queries import TicketQueries

_QUERIES: Final = (
    NodeQueries,
    OverviewQueries,
    IncidentQueries,
    ChangeQueries,
    EventQueries,
    TicketQueries,
    ServiceQueries,
    IntegrationQueries,
    ConflictQueries,
    DeadLetterQueries,
    ShadowQueries,
    SlaQueries,
    ForecastQueries,
    AttainmentQueries,
    AlertQueries,
    AccessQueries,
)
_MUTATIONS: Final = (
    IntegrationMutations,
    RemovalMutations,
    MappingMutations,
    OwnershipMutations,
    WebhookMutations,
    DeadLetterMutations,
    SyncMutations,
    ReconcileMutations,
    IncidentMutations,
    ConflictMutations,
    IncidentEditMutations,
    TicketMutations,
    SlaMutations,
    AlertMutations,
)
_SUBSCRIPTIONS: Final = (
    IncidentSubscriptions,
    RecordSubscriptions,
    SyncSubscriptions,
    ConflictSubscriptions,
    SlaSubscriptions,
)


def _composed(*, is_sorted: bool) -> Schema:
    composed = Schema(
        query=merge_types("Query", _QUERIES),
        mutation=merge_types("Mutation", _MUTATIONS),
        subscription=merge_types("Subscription", _SUBSCRIPTIONS),
        config=StrawberryConfig(
            scalar_map=SCALARS, sort_schema=is_sorted, disable_field_suggestions=True
        ),
    )
    core = composed._schema  # noqa: SLF001 — Strawberry has no public name for it
    closed_sets.describe(core)
    for shown in core.type_map.values():
        if isinstance(shown, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            _drop_null_defaults(shown)
    return composed


def _drop_null_defaults(
    shown: GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType,
) -> None:
    """Leave out ``= null``, which says nothing: an argument not given is None in Python too."""
    for field in shown.fields.values():
        inputs = [field] if isinstance(field, GraphQLInputField) else field.args.values()
        for one in inputs:
            if one.default_value is None:
                one.default_value = Undefined


# Not sorted: sorting makes the types anew, and enums then read plain texts.
schema = _composed(is_sorted=False)


def sdl() -> str:
    """Return the schema in its own language, sorted, as ``schema.graphql`` keeps it."""
    return f"{_composed(is_sorted=True).as_str()}\n"
