import asyncio

import httpx
import orjson
import pytest

from simulators.misfortune import Fault, Kind
from simulators.servicenow.instance import ServiceNow

TABLE = "/api/now/table/incident"


async def test_a_fault_happens_to_the_nth_matching_request_only(
    servicenow: ServiceNow, http: httpx.AsyncClient
) -> None:
    servicenow.misfortunes.push(Fault(kind=Kind.ERROR, path=TABLE, method="GET", skip=1, times=2))
    assert (await http.get("/api/now/table/sys_user")).status_code == 200
    assert (await http.post(TABLE, json={})).status_code == 201
    statuses = [(await http.get(TABLE)).status_code for _ in range(4)]
    assert statuses == [200, 500, 500, 200]


async def test_a_fault_without_an_end_is_a_switch(
    servicenow: ServiceNow, http: httpx.AsyncClient
) -> None:
    servicenow.misfortunes.push(Fault(kind=Kind.UNAUTHORISED, times=None))
    assert [(await http.get(TABLE)).status_code for _ in range(3)] == [401] * 3
    servicenow.misfortunes.clear()
    assert (await http.get(TABLE)).status_code == 200


@pytest.mark.parametrize("wait", ["7", "Mon, 02 Mar 2026 10:00:30 GMT", ""])
async def test_throttling_says_how_long_or_nothing(
    servicenow: ServiceNow, http: httpx.AsyncClient, wait: str
) -> None:
    servicenow.misfortunes.push(Fault(kind=Kind.THROTTLED, detail=wait))
    answer = await http.get(TABLE)
    assert answer.status_code == 429
    assert answer.headers.get("Retry-After", "") == wait
    assert answer.json()["error"]["message"] == "Rate limit exceeded"


@pytest.mark.parametrize("status", [200, 502])
async def test_a_page_comes_instead_of_an_answer(
    servicenow: ServiceNow, http: httpx.AsyncClient, status: int
) -> None:
    servicenow.misfortunes.push(Fault(kind=Kind.HTML, status=status))
    answer = await http.get(TABLE)
    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith("text/html")
    assert answer.headers["Date"] == "Mon, 02 Mar 2026 10:00:00 GMT"


async def test_a_truncated_answer_is_no_json(
    servicenow: ServiceNow, http: httpx.AsyncClient
) -> None:
    servicenow.create({})
    servicenow.misfortunes.push(Fault(kind=Kind.TRUNCATED))
    answer = await http.get(TABLE)
    assert (answer.status_code, answer.content[:11]) == (200, b'{"result":[')
    with pytest.raises(orjson.JSONDecodeError):
        orjson.loads(answer.content)


async def test_a_cancelled_transaction_follows_half_a_result_inside_200(
    servicenow: ServiceNow, http: httpx.AsyncClient
) -> None:
    for _ in range(4):
        servicenow.create({})
    servicenow.misfortunes.push(Fault(kind=Kind.CANCELLED))
    answer = await http.get(TABLE)
    assert answer.status_code == 200
    assert len(answer.json()["result"]) == 2
    assert answer.json()["error"]["message"].startswith("Transaction cancelled")


async def test_a_lost_answer_was_carried_out(
    servicenow: ServiceNow, http: httpx.AsyncClient
) -> None:
    servicenow.misfortunes.push(Fault(kind=Kind.LOST, method="POST"))
    assert (await http.post(TABLE, json={})).status_code == 504
    assert servicenow.records.store.count("incident") == 1


async def test_fields_appear_vanish_and_turn_null(
    servicenow: ServiceNow, http: httpx.AsyncClient
) -> None:
    servicenow.create({})
    servicenow.misfortunes.push(
        Fault(kind=Kind.EXTRA_FIELD, detail="u_new"),
        Fault(kind=Kind.MISSING_FIELD, detail="state"),
        Fault(kind=Kind.NULL_FIELD, detail="state"),
    )
    more, fewer, null = [(await http.get(TABLE)).json()["result"][0] for _ in range(3)]
    assert more["u_new"] == "surprise"
    assert "state" not in fewer
    assert null["state"] is None


async def test_a_wrong_content_type_covers_a_right_body(
    servicenow: ServiceNow, http: httpx.AsyncClient
) -> None:
    servicenow.misfortunes.push(Fault(kind=Kind.WRONG_TYPE))
    answer = await http.get(TABLE)
    assert answer.headers["Content-Type"] == "text/plain"
    assert orjson.loads(answer.content) == {"result": []}


async def test_a_hanging_request_is_answered_when_released(
    servicenow: ServiceNow, http: httpx.AsyncClient
) -> None:
    servicenow.misfortunes.push(Fault(kind=Kind.HANG))
    asking = asyncio.create_task(http.get(TABLE))
    done, _ = await asyncio.wait([asking], timeout=0.05)
    assert not done
    servicenow.misfortunes.release()
    assert (await asking).status_code == 200


async def test_a_drip_arrives_whole_in_the_end(
    servicenow: ServiceNow, http: httpx.AsyncClient
) -> None:
    servicenow.create({})
    servicenow.misfortunes.push(Fault(kind=Kind.DRIP, pause_seconds=60))
    asking = asyncio.create_task(http.get(TABLE))
    done, _ = await asyncio.wait([asking], timeout=0.05)
    assert not done
    servicenow.misfortunes.release()
    assert len((await asking).json()["result"]) == 1


async def test_a_bomb_is_larger_than_any_honest_answer(
    servicenow: ServiceNow, http: httpx.AsyncClient
) -> None:
    servicenow.misfortunes.push(Fault(kind=Kind.BOMB))
    async with http.stream("GET", TABLE) as answer:
        assert int(answer.headers["Content-Length"]) > 64_000_000
