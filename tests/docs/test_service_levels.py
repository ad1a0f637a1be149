"""The page on changing service levels does what it says."""

from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from graphql import OperationDefinitionNode, parse
from typer.testing import CliRunner

from im.__main__ import app
from models.database import DatabaseAt
from operations.sla.look import PolicySource
from tests.docs.documents import ROOT, blocks
from tests.gql.asking import Graph
from tests.operations.sla.written import WHOLE, put

_PAGE: Final = ROOT / "docs" / "how-to" / "change-service-levels.md"
# Pages say the same whatever the database.
pytestmark = pytest.mark.parametrize("database_at", ["sqlite"], indirect=True)


def operation(name: str) -> str:
    """Return an operation of the page."""
    for block in blocks(_PAGE):
        if block.language == "graphql":
            (found,) = parse(block.text).definitions
            assert isinstance(found, OperationDefinitionNode)
            if found.name is not None and found.name.value == name:
                return block.text
    raise AssertionError(name)


def told(path: Path) -> str:
    """Follow the page's shell lines for a file; return the version that is printed."""
    versions = set()
    for block in blocks(_PAGE):
        if block.language == "sh":
            _, *words = block.text.replace("sla_config.yaml", str(path)).split()
            done = CliRunner().invoke(app, words)
            assert done.exit_code == 0, done.output
            versions.add(done.output.split()[-1])
    (version,) = versions
    return version


async def test_a_file_is_checked_sealed_reloaded_and_told(
    database: DatabaseAt,  # noqa: ARG001 — it has to be open
    tmp_path: Path,
) -> None:
    path = tmp_path / "sla_config.yaml"
    put(path, WHOLE)
    graph = Graph(policy_source=PolicySource(path=path, rest=timedelta(0)))

    async def reloaded(version: str) -> dict[str, Any]:
        data = await graph.ask(operation("Reload"), version=version)
        payload: dict[str, Any] = data["reloadSlaConfig"]
        return payload

    version = told(path)
    taken = await reloaded(version)
    assert (taken["userErrors"], taken["warnings"]) == ([], [])
    again = await reloaded(version)
    assert [warning["code"] for warning in again["warnings"]] == ["POLICY_UNCHANGED"]

    # what is in force would change nothing; what is no policy is told with its place
    preview = (await graph.ask(operation("Preview"), yaml=path.read_text()))["slaPolicyPreview"]
    assert (preview["valid"], preview["version"], preview["complete"]) == (True, version, True)
    assert (preview["toAlert"], preview["toBreach"], preview["cleared"]) == (0, 0, 0)
    torn = (await graph.ask(operation("Preview"), yaml="version: 1\n"))["slaPolicyPreview"]
    assert (torn["valid"], torn["errorLine"]) == (False, 1)

    # a sealed file that is altered is refused, and what was in force stays so
    put(path, path.read_bytes().replace(b"0.85", b"0.86"))
    (error,) = (await reloaded(version))["userErrors"]
    assert "the hash is not that of the lines above" in error["message"]
    shown = (await graph.ask(operation("InForce")))["sla"]
    assert (shown["version"], shown["lastErrorLine"]) == (version, WHOLE.count(b"\n"))
    assert shown["rules"][0]["name"] == "premium-critical"
