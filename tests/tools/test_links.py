"""What links in messages ask for in GraphiQL is what the graph answers."""

from pathlib import Path

import pytest
from graphql import build_schema, parse, validate

from domain.sla.terms import SlaSubjectKind
from gql.schema import sdl
from tests.architecture.tree import ROOT

LINKS = sorted((ROOT / "tools" / "graphiql" / "links").glob("*.graphql"))


@pytest.mark.parametrize("path", LINKS, ids=lambda path: path.stem)
def test_a_links_operation_is_one_that_the_graph_has(path: Path) -> None:
    assert validate(build_schema(sdl()), parse(path.read_text())) == []


def test_there_is_one_for_each_kind_of_link() -> None:
    kinds = {kind.lower() for kind in SlaSubjectKind} | {"acknowledge"}
    assert {path.stem for path in LINKS} == kinds
    built = "".join(
        path.read_text() for path in (ROOT / "web/static/graphiql").glob("graphiql-*.js")
    )
    for path in LINKS:
        assert path.read_text().splitlines()[0] in built, "run: npm ci && npm run build"
