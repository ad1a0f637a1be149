"""The webhooks' door under load, and without its database."""

import pytest
from tortoise.exceptions import OperationalError

from models import bulk
from operations.integrations.credentials import SetCredentials, set_credentials
from tests.web.door import SECRET, knocking
from tests.web.proof import BODY, DUTY, PD, SIGNED, SNOW, digest, sha256
from tests.world import ADMIN, World, count


async def test_beyond_fifty_a_second_each_integration_waits_by_itself(world: World) -> None:
    seconds = [0.0]
    async with knocking(world.runtime, lambda: seconds[0]) as http:

        async def flood(path: str, how_many: int) -> list[int]:
            return [(await http.post(path)).status_code for _ in range(how_many)]

        assert await flood(SNOW, 51) == [401] * 50 + [429]
        answer = await http.post(SNOW, content=BODY, headers={SIGNED: sha256()})
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")
        # names that there are not share one allowance, and take nobody else's
        assert await flood("/webhooks/jira/a", 30) + await flood("/webhooks/jira/b", 21) == (
            [401] * 50 + [429]
        )
        duty = {DUTY: f"v1={digest()}"}
        assert (await http.post(PD, content=BODY, headers=duty)).status_code == 202
        seconds[0] += 0.1
        assert await flood(SNOW, 6) == [401] * 5 + [429]


async def test_an_integration_is_known_a_moment_after_it_was_made(world: World) -> None:
    seconds = [0.0]
    async with knocking(world.runtime, lambda: seconds[0]) as http:
        await http.post(SNOW)
        await world.register(key="new", provider="servicenow")
        ask = SetCredentials(integration_id=world.integration_id, values={"webhook_secret": SECRET})
        await set_credentials(world.runtime, ADMIN, ask)
        seconds[0] += 0.3
        answer = await http.post(
            "/webhooks/servicenow/new", content=BODY, headers={SIGNED: sha256()}
        )
        assert answer.status_code == 202


async def test_without_its_database_the_door_asks_to_come_again_and_then_opens(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = {SIGNED: sha256()}
    seconds = [0.0]
    run = bulk.rows

    async def lost(*_: object) -> list[dict[str, object]]:
        raise OperationalError("the database system is shutting down")

    async with knocking(world.runtime, lambda: seconds[0]) as http:
        # away before it is known who there is, and while a delivery is stored
        for is_known in (False, True):
            monkeypatch.setattr(bulk, "rows", lost)
            answer = await http.post(SNOW, content=BODY, headers=headers)
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "5"), is_known
            monkeypatch.setattr(bulk, "rows", run)
            answer = await http.post(SNOW, content=BODY, headers=headers)
            assert answer.status_code == 202
    assert await count("inbound") == 2
