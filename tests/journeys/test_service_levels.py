"""An edit of the policy file is in force in each process within two seconds; a bad one never."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

import httpx

from tests.im.processes.parents import ROOT
from tests.journeys.graph import Data, Graph
from tests.journeys.house import START_SECONDS, House, holds

_TEXT: Final = (ROOT / "sla_config.yaml").read_text()
# In force after one look every half second, and a second one.
_MOST_SECONDS: Final = 2.0


def _written(path: Path, percent: int) -> None:
    path.write_text(_TEXT.replace("alert_at: 0.85", f"alert_at: 0.{percent}"))


async def _started(house: House, path: Path) -> Graph:
    await house.run(SLA_CONFIG=str(path))
    ready = house.folder / "ready.json"

    async def told() -> bool:
        return ready.exists()

    await holds(told, seconds=START_SECONDS)
    facts = json.loads(ready.read_bytes())
    return Graph(url=facts["url"], token=facts["token"])


async def _sla(graph: Graph) -> Data:
    sla: Data = (await graph.ask("{ sla { version alertPercent lastError lastErrorLine } }"))["sla"]
    return sla


async def _seconds_until(holding: Callable[[], Awaitable[bool]]) -> float:
    clock = asyncio.get_running_loop().time
    began = clock()
    await holds(holding)
    return clock() - began


async def _readiness(graph: Graph) -> Any:  # noqa: ANN401 — JSON
    bearer = {"authorization": f"Bearer {graph.token}"}
    async with httpx.AsyncClient(trust_env=False, headers=bearer) as client:
        answer = await client.get(f"{graph.url}/readyz")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_an_edit_is_in_force_within_two_seconds_and_a_torn_file_never(
    either_house: House, tmp_path: Path
) -> None:
    # given an API and a worker
    path = tmp_path / "levels.yaml"
    _written(path, 85)
    graph = await _started(either_house, path)
    assert (await _sla(graph))["alertPercent"] == 85

    # when the file is edited, which the worker sees, then the API soon goes by it
    async def strict() -> bool:
        return bool((await _sla(graph))["alertPercent"] == 50)

    _written(path, 50)
    assert await _seconds_until(strict) < _MOST_SECONDS
    found = await _sla(graph)

    # when it is torn, then nothing changes but that it is told
    async def refused() -> bool:
        return (await _sla(graph))["lastError"] is not None

    torn = _TEXT[:900]
    path.write_text(torn)
    assert await _seconds_until(refused) < _MOST_SECONDS
    told = await _sla(graph)
    assert told["lastErrorLine"] == torn.count("\n") + 1
    assert told | {"lastError": None, "lastErrorLine": None} == found
    readiness = await _readiness(graph)
    assert readiness["status"] == "degraded"
    assert told["lastError"] in readiness["details"]["sla_policy"]

    # and when it is whole again, that is told too
    async def mended() -> bool:
        return (await _sla(graph))["lastError"] is None

    _written(path, 50)
    assert await _seconds_until(mended) < _MOST_SECONDS
    assert await _sla(graph) == found
