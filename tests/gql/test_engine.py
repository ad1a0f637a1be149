"""What the engine relies on, in the libraries it stands on."""

from graphql import GraphQLSchema
from graphql.execution import Executor

from tests.gql.board import SCHEMA


def test_strawberry_builds_a_schema_of_graphql_core() -> None:
    assert isinstance(SCHEMA._schema, GraphQLSchema)


def test_strawberry_executes_by_an_executor_of_graphql_core() -> None:
    assert issubclass(SCHEMA.execution_context_class, Executor)
