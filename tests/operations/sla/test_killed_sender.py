"""A process is killed between sending and recording; another tells again, under the same id."""

import asyncio
import sys

import httpx

from tests.operations.sla.dying import slack_at
from tests.operations.sla.speaking import TOKEN, Speaking, notifications, states
from tests.operations.sla.watched import Watched
from tests.operations.sync.dying import address
from tests.simulators.running import running


async def test_what_a_killed_process_has_sent_is_sent_again_under_its_id(watched: Watched) -> None:
    speaking, clock = Speaking(watched=watched), watched.clock
    await speaking.raise_alerts("T-1", "T-2")
    with running("slack", "--token", TOKEN, "--die-with-stdin") as (_, said):
        door = httpx.URL(said["url"]).join("/_control/")
        proof = {"Authorization": f"Bearer {TOKEN}"}
        async with httpx.AsyncClient(base_url=door, headers=proof) as slack:
            await slack.post("limit", json={})
            arguments = (address(watched.database), said["url"], clock.now().isoformat())
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tests.operations.sla.dying", *arguments
            )
            assert await process.wait() == -9
            assert await states() == [("slack", "READY", 0)] * 2

            watched.world.channels = {"slack": slack_at(said["url"], clock)}
            successor = speaking.worker("successor")
            assert await speaking.tell(successor) == 0
            clock.move(seconds=60)
            assert await speaking.tell(successor) == 2
            counts = (await slack.post("counts", json={})).json()["result"]
        await successor.aclose()
    assert counts == {row["id"]: 2 for row in await notifications()}
    assert await states() == [("slack", "DONE", 0)] * 2
