import asyncio
import re
import subprocess
import sys
from itertools import product
from pathlib import Path
from typing import Final

import pytest

from domain.records import IncidentStatus, Severity
from im.processes.waiting import until
from models.database import DatabaseAt
from operations.sync.pull import pull_due
from simulators.misfortune import Fault, Kind
from tests import given
from tests.architecture.tree import project
from tests.clock import Clock
from tests.docs.documents import ROOT, blocks
from tests.gql.asking import Graph
from tests.world import World, simulated

_OVERVIEW: Final = """
    { overview { incidents {
        open bySeverity { severity count } byStatus { status count }
    } } }
"""
_TOTAL: Final = "query($filter: IncidentFilter) { incidents(filter: $filter) { totalCount } }"


@pytest.fixture
def graph(database: DatabaseAt) -> Graph:  # noqa: ARG001 — it has to be open
    """The whole graph over an empty database."""
    return Graph()


async def test_readers_do_not_wait_for_a_vendor_that_hangs(database: DatabaseAt) -> None:
    # given a mirrored incident, and a pull that waits for its vendor
    clock = Clock()
    world = World(at=database, clock=clock, servicenow=simulated(clock))
    await world.register()
    record = world.servicenow.create({"short_description": "Checkout is slow"})
    await world.sync()
    misfortunes = world.servicenow.misfortunes
    misfortunes.push(Fault(kind=Kind.HANG))
    await world.make_due()
    pull = asyncio.create_task(pull_due(world.runtime))

    async def hangs() -> bool:
        return not misfortunes.faults

    await until(hangs, seconds=5)

    # when the graph is asked, then it answers while the vendor does not
    answer = await Graph().ask(
        "{ overview { incidents { open } } incidents { edges { node { number title } } } }"
    )
    assert not pull.done()
    assert answer["overview"]["incidents"]["open"] == 1
    assert answer["incidents"]["edges"] == [
        {"node": {"number": record["number"], "title": "Checkout is slow"}}
    ]
    misfortunes.release()
    assert await pull == 1


async def test_the_overview_counts_what_the_lists_hold(graph: Graph) -> None:
    for place, (status, severity) in enumerate(product(IncidentStatus, Severity)):
        for _ in range(place % 3):
            await given.incident(status=status, severity=severity)
    counts = (await graph.ask(_OVERVIEW))["overview"]["incidents"]

    async def total(**wanted: list[str]) -> int:
        data = await graph.ask(_TOTAL, filter=wanted)
        count: int = data["incidents"]["totalCount"]
        return count

    opened = [entry["status"] for entry in counts["byStatus"]]
    assert counts["open"] == await total(status=opened) > 0
    for entry in counts["byStatus"]:
        assert entry["count"] == await total(status=[entry["status"]])
    for entry in counts["bySeverity"]:
        assert entry["count"] == await total(status=opened, severity=[entry["severity"]])


def test_every_layer_imports_only_downwards() -> None:
    # as all other import contracts that pyproject.toml names; in a process of its own,
    # since the linter switches off the loggers of the one that it runs in
    linter = Path(sys.executable).with_name("lint-imports")
    told = subprocess.run(  # noqa: S603 — of our own environment
        [linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stdout


def test_the_layers_are_told_as_the_contract_has_them() -> None:
    contracts = project()["tool"]["importlinter"]["contracts"]
    (layered,) = [contract for contract in contracts if contract["type"] == "layers"]
    told = blocks(ROOT / "docs" / "explanation" / "layers.md")[0].text.splitlines()
    assert [re.split(r" {2,}", line) for line in told] == [
        layer.split(" | ") for layer in layered["layers"]
    ]
