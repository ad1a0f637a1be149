import asyncio
import re

from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

from im.processes.waiting import until
from models.database import DatabaseAt
from operations.sync.pull import pull_due
from simulators.misfortune import Fault, Kind
from tests.architecture.tree import project
from tests.clock import Clock
from tests.docs.documents import ROOT, blocks
from tests.gql.asking import Graph
from tests.world import World, simulated


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


def test_every_layer_imports_only_downwards() -> None:
    # as all other import contracts that pyproject.toml names
    config = str(ROOT / "pyproject.toml")
    assert lint_imports(config_filename=config, no_cache=True, no_logo=True) == EXIT_STATUS_SUCCESS


def test_the_layers_are_told_as_the_contract_has_them() -> None:
    contracts = project()["tool"]["importlinter"]["contracts"]
    (layered,) = [contract for contract in contracts if contract["type"] == "layers"]
    told = blocks(ROOT / "docs" / "explanation" / "layers.md")[0].text.splitlines()
    assert [re.split(r" {2,}", line) for line in told] == [
        layer.split(" | ") for layer in layered["layers"]
    ]
