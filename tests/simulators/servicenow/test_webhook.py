import hashlib
import hmac
from collections.abc import AsyncIterator

import httpx
import pytest

from simulators.servicenow.instance import ServiceNow
from simulators.servicenow.webhook import Mishaps, Target
from tests.simulators.receiver import Receiver

SHARED = "shared"


@pytest.fixture
async def receiver(servicenow: ServiceNow) -> AsyncIterator[Receiver]:
    receiver = Receiver()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=receiver.app)) as http:
        servicenow.webhook.install(Target(url="http://us/hook", secret=SHARED), http)
        yield receiver


async def test_each_change_is_told_once_and_signed(
    servicenow: ServiceNow, receiver: Receiver
) -> None:
    number = servicenow.create({"category": "mail"})["number"]
    servicenow.edit(number, {"urgency": "1", "work_notes": "Called"}, by="ann.lee")
    servicenow.edit(number, {"urgency": "1"})
    assert await servicenow.webhook.send() == 2
    created, updated = receiver.bodies()
    assert (created["event"], updated["event"]) == ("incident.created", "incident.updated")
    assert updated["changes"] == ["urgency", "priority"]
    assert updated["sys_updated_by"] == "ann.lee"
    (note,) = updated["journal"]
    assert (note["element"], note["value"]) == ("work_notes", "Called")
    told = [(row["fieldname"], row["oldvalue"], row["newvalue"]) for row in updated["audit"]]
    assert told == [("urgency", "3", "1"), ("priority", "5", "3")]
    for headers, body in receiver.heard:
        expected = hmac.new(SHARED.encode(), body, hashlib.sha256).hexdigest()
        assert headers["x-watchpane-signature"] == f"sha256={expected}"
    assert len({headers["x-watchpane-delivery"] for headers, _ in receiver.heard}) == 2


async def test_a_message_tells_the_record_as_it_is_when_sent(
    servicenow: ServiceNow, receiver: Receiver
) -> None:
    number = servicenow.create({})["number"]
    servicenow.edit(number, {"category": "web"})
    await servicenow.webhook.send()
    assert [body["sys_mod_count"] for body in receiver.bodies()] == ["1", "1"]


async def test_a_deletion_is_told_with_the_last_content(
    servicenow: ServiceNow, receiver: Receiver
) -> None:
    row = servicenow.create({})
    servicenow.delete(row["number"])
    await servicenow.webhook.send()
    last = receiver.bodies()[-1]
    assert (last["event"], last["record"]) == ("incident.deleted", row)


async def test_a_refused_message_is_lost(servicenow: ServiceNow, receiver: Receiver) -> None:
    servicenow.create({})
    receiver.status = 503
    assert await servicenow.webhook.send() == 0
    receiver.status = 202
    assert await servicenow.webhook.send() == 0
    assert len(receiver.heard) == 1


async def test_a_doubled_message_keeps_its_name(servicenow: ServiceNow, receiver: Receiver) -> None:
    servicenow.create({})
    servicenow.webhook.queue.append(servicenow.webhook.queue[0])
    assert await servicenow.webhook.send() == 2
    (first, _), (second, _) = receiver.heard
    assert first["x-watchpane-delivery"] == second["x-watchpane-delivery"]


async def test_nothing_is_queued_where_no_rule_is_installed(servicenow: ServiceNow) -> None:
    servicenow.create({})
    assert not servicenow.webhook.queue


@pytest.mark.parametrize(
    "table", ["change_request", "em_alert", "sc_req_item", "sn_customerservice_case"]
)
async def test_every_watched_table_is_told_in_its_own_name(
    servicenow: ServiceNow, receiver: Receiver, table: str
) -> None:
    number = servicenow.create({}, table=table)["number"]
    servicenow.edit(number, {"description": "Changed"}, table=table)
    servicenow.delete(number, table=table)
    await servicenow.webhook.send()
    events = [f"{table}.{event}" for event in ("created", "updated", "deleted")]
    assert [body["event"] for body in receiver.bodies()] == events
    assert {body["table"] for body in receiver.bodies()} == {table}


async def test_an_unwatched_table_is_not_told(servicenow: ServiceNow, receiver: Receiver) -> None:
    servicenow.create({"name": "Shop"}, table="cmdb_ci_service")
    assert await servicenow.webhook.send() == 0
    assert receiver.heard == []


@pytest.mark.parametrize(
    ("mishaps", "order"),
    [
        (Mishaps(), "abcd"),
        (Mishaps(lose=2), "cd"),
        (Mishaps(double=1), "aabcd"),
        (Mishaps(hold=1), "bcda"),
        (Mishaps(lose=1, swap=2), "cbd"),
    ],
)
async def test_messages_are_lost_doubled_held_and_swapped(
    servicenow: ServiceNow, receiver: Receiver, mishaps: Mishaps, order: str
) -> None:
    servicenow.webhook.mishaps = mishaps
    for title in "abcd":
        servicenow.create({"short_description": title})
    await servicenow.webhook.send()
    servicenow.webhook.release()
    await servicenow.webhook.send()
    assert "".join(body["record"]["short_description"] for body in receiver.bodies()) == order
    assert servicenow.webhook.mishaps == Mishaps()
