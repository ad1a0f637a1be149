"""The schema as a document: complete, kept, and never broken unasked."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    build_schema,
    find_breaking_changes,
)

from gql.asked import Asked
from gql.engine import Engine
from gql.options import Options
from gql.schema import schema, sdl

ROOT = Path(__file__).parents[2]
CORE = schema._schema

# A change listed here breaks old clients on purpose; say why.
BROKEN_ON_PURPOSE: dict[str, str] = {}

TITLE = "# --- "
EXAMPLES = (ROOT / "docs/reference/examples.graphql").read_text().split(TITLE)[1:]


def test_the_kept_schema_is_the_one_that_is_served() -> None:
    assert (ROOT / "schema.graphql").read_text() == sdl(), "run `make schema`"


def test_nothing_that_was_released_is_broken() -> None:
    released = build_schema((ROOT / "tests/released.graphql").read_text())
    broken = find_breaking_changes(released, build_schema(sdl()))
    unlisted = [change.description for change in broken]
    assert [change for change in unlisted if change not in BROKEN_ON_PURPOSE] == []


def test_a_removed_field_would_be_noticed() -> None:
    without = sdl().replace("  stateReason: String\n", "  reason: String\n")
    broken = find_breaking_changes(build_schema(sdl()), build_schema(without))
    assert [change.description for change in broken] == [
        "Field Integration.stateReason was removed."
    ]


def _members(shown: GraphQLNamedType) -> Iterator[tuple[str, str | None]]:
    match shown:
        case GraphQLEnumType():
            for value, told in shown.values.items():
                yield f"{shown.name}.{value}", told.description
        case GraphQLInputObjectType():
            for field, asked in shown.fields.items():
                yield f"{shown.name}.{field}", asked.description
        case GraphQLObjectType() | GraphQLInterfaceType():
            for field, given in shown.fields.items():
                yield f"{shown.name}.{field}", given.description
                for argument, wanted in given.args.items():
                    yield f"{shown.name}.{field}({argument}:)", wanted.description


def _described() -> Iterator[tuple[str, str | None]]:
    for name, shown in CORE.type_map.items():
        if not name.startswith("__"):
            yield from _members(shown)
            if name not in {"Query", "Mutation", "Subscription"}:
                yield name, shown.description


def test_everything_is_described() -> None:
    described = dict(_described())
    assert len(described) > 200
    assert [name for name, text in described.items() if not (text or "").strip()] == []


@pytest.mark.parametrize("example", EXAMPLES, ids=[text.splitlines()[0] for text in EXAMPLES])
def test_each_example_is_a_valid_operation_within_the_limits(example: str) -> None:
    engine = Engine(schema, make_context=lambda _actor, _id: None, options=Options())
    query = example.partition("\n")[2]
    asked = Asked(query=query, variables={}, operation_name=None, extensions={})
    assert engine.plan(asked, correlation_id="c1").name


def test_ids_are_opaque_and_lists_are_pages() -> None:
    assert {name for name, shown in CORE.type_map.items() if name.endswith("Connection")} == {
        "AlertConnection",
        "ChangeConnection",
        "ConflictConnection",
        "DeadLetterConnection",
        "DriftItemConnection",
        "DriftPlanConnection",
        "EditConnection",
        "EventConnection",
        "GroupConnection",
        "IncidentConnection",
        "IntegrationConnection",
        "NoteConnection",
        "PersonConnection",
        "RelatedChangeConnection",
        "ServiceConnection",
        "SlaForecastConnection",
        "SyncRunConnection",
        "TicketConnection",
        "TicketStepConnection",
    }
