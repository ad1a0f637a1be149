import hashlib
import hmac
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from simulators.pagerduty.instance import PagerDuty
from simulators.pagerduty.webhook import signature
from tests.simulators.conftest import Clock
from tests.simulators.pagerduty.subscribed import METHOD, events_of, shown, subscribed, types_of
from tests.simulators.receiver import Receiver

RECORDED = Path(__file__).parents[2] / "data" / "pagerduty"


async def test_each_event_is_told_but_no_title_and_no_urgency(
    pagerduty: PagerDuty, http: httpx.AsyncClient, receiver: Receiver
) -> None:
    await subscribed(http)
    key = pagerduty.trigger("Down")["id"]
    pagerduty.edit(key, {"title": "Very down", "urgency": "low"})
    pagerduty.acknowledge(key, by="ann.lee")
    pagerduty.note(key, "Looking")
    pagerduty.edit(key, {"priority": "P1", "assignments": ["bo.kim"]})
    pagerduty.edit(key, {"service": "Public API", "escalation_level": 1})
    pagerduty.edit(key, {"status": "triggered"})
    pagerduty.resolve(key)
    pagerduty.edit(key, {"status": "triggered"})
    assert await pagerduty.webhooks.send() == 10
    assert [name.removeprefix("incident.") for name in types_of(receiver)] == [
        *("triggered", "acknowledged", "annotated", "priority_updated", "reassigned"),
        *("service_updated", "escalated", "unacknowledged", "resolved", "reopened"),
    ]
    events = events_of(receiver)
    assert events[1]["agent"]["summary"] == "Ann Lee"
    assert [event["id"] for event in events] == sorted(event["id"] for event in events)
    assert len({headers["x-webhook-id"] for headers, _ in receiver.heard}) == 10


def alike(theirs: Any, ours: Any, path: str = "") -> None:  # noqa: ANN401 — JSON
    """Assert that ours has each field of theirs."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        assert theirs.keys() <= ours.keys(), path
        for name, value in theirs.items():
            alike(value, ours[name], f"{path}.{name}")
    elif isinstance(theirs, list) and isinstance(ours, list) and theirs and ours:
        alike(theirs[0], ours[0], f"{path}.0")


@pytest.mark.parametrize(
    "name",
    [
        *("triggered", "acknowledged", "annotated", "priority-updated", "reassigned"),
        *("service-updated", "unacknowledged", "resolved"),
    ],
)
async def test_a_message_has_the_fields_of_a_recorded_one(
    pagerduty: PagerDuty, http: httpx.AsyncClient, receiver: Receiver, name: str
) -> None:
    theirs = orjson.loads((RECORDED / f"{name}.json").read_bytes())["event"]
    await subscribed(http, events=[theirs["event_type"]])
    key = pagerduty.trigger("Down", priority="P1")["id"]
    pagerduty.acknowledge(key)
    pagerduty.note(key, "Looking")
    pagerduty.edit(key, {"priority": "P2", "assignments": ["bo.kim"], "service": "Public API"})
    pagerduty.edit(key, {"status": "triggered"})
    pagerduty.resolve(key)
    assert await pagerduty.webhooks.send() == 1
    (ours,) = events_of(receiver)
    alike(theirs, ours)
    assert ours["data"]["type"] == theirs["data"]["type"]
    assert len(ours["id"]) == len(theirs["id"])
    assert len(ours["occurred_at"]) == len(theirs["occurred_at"])


def test_the_signature_is_that_of_the_published_example() -> None:
    body = (RECORDED / "priority-updated.exact-bytes.json").read_bytes()
    shared = "lDQHScfUeXUKaQRNF+8XIiDKZ7XX3itBAYzwU0TARw8lJqRnkKl2iB1anSb0Z+IK"
    expected = "0c0b9495b893a39e70d1fea2fe11fbe0a825f88b9f67846f6cc07dd2bc5476cd"
    assert signature([shared], body) == f"v1={expected}"


async def test_a_secret_is_told_once_and_two_sign_during_a_rotation(
    pagerduty: PagerDuty, http: httpx.AsyncClient, receiver: Receiver
) -> None:
    headers = [{"name": "X-Team", "value": "ops"}]
    made = await subscribed(http, delivery_method=METHOD | {"custom_headers": headers})
    first = made["delivery_method"]["secret"]
    again = (await shown(http, made["id"]))["delivery_method"]
    assert (again["secret"], again["custom_headers"][0]["value"]) == (None, "<redacted>")
    subscriptions = pagerduty.webhooks.subscriptions
    second = subscriptions.rotate(made["id"])
    pagerduty.trigger("A")
    await pagerduty.webhooks.send()
    subscriptions.retire(made["id"])
    pagerduty.trigger("B")
    await pagerduty.webhooks.send()
    for (told, body), secrets in zip(receiver.heard, ([second, first], [second]), strict=True):
        digests = [hmac.new(s.encode(), body, hashlib.sha256).hexdigest() for s in secrets]
        assert told["x-pagerduty-signature"] == ",".join(f"v1={digest}" for digest in digests)
        assert told["x-team"] == "ops"


async def test_a_failed_message_is_tried_again_and_those_behind_it_wait(
    pagerduty: PagerDuty, http: httpx.AsyncClient, receiver: Receiver, clock: Clock
) -> None:
    await subscribed(http)
    pagerduty.trigger("A")
    pagerduty.acknowledge(1)
    pagerduty.trigger("B")
    receiver.status = 503
    assert await pagerduty.webhooks.send() == 0
    # one attempt for each incident: the acknowledgement waits behind its trigger
    assert len(receiver.heard) == 2
    receiver.status = 202
    clock.move(seconds=9)
    assert await pagerduty.webhooks.send() == 0
    clock.move(seconds=1)
    assert await pagerduty.webhooks.send() == 3
    names = [headers["x-webhook-id"] for headers, _ in receiver.heard]
    assert names[0] in names[2:]
    assert types_of(receiver)[2:] == [f"incident.{e}" for e in ("triggered", "acknowledged")] + [
        "incident.triggered"
    ]


async def test_a_message_is_tried_for_48_hours(
    pagerduty: PagerDuty, http: httpx.AsyncClient, receiver: Receiver, clock: Clock
) -> None:
    await subscribed(http)
    pagerduty.trigger("A")
    receiver.status = 429
    for _ in range(49):
        await pagerduty.webhooks.send()
        clock.move(hours=1)
    await pagerduty.webhooks.send()
    assert not pagerduty.webhooks.queue
    assert len(receiver.heard) > 40


async def test_three_refusals_in_a_row_switch_a_subscription_off_for_a_day(
    pagerduty: PagerDuty, http: httpx.AsyncClient, receiver: Receiver, clock: Clock
) -> None:
    made = await subscribed(http)
    receiver.status = 400
    for title in "ABCD":
        pagerduty.trigger(title)
    await pagerduty.webhooks.send()
    assert len(receiver.heard) == 3
    assert not pagerduty.webhooks.queue
    assert (await shown(http, made["id"]))["delivery_method"]["temporarily_disabled"] is True
    pagerduty.trigger("E")
    assert not pagerduty.webhooks.queue
    enabled = await http.post(f"/webhook_subscriptions/{made['id']}/enable")
    method = enabled.json()["webhook_subscription"]["delivery_method"]
    assert method["temporarily_disabled"] is False
    for title in "FGH":
        pagerduty.trigger(title)
    await pagerduty.webhooks.send()
    clock.move(hours=24)
    assert (await shown(http, made["id"]))["delivery_method"]["temporarily_disabled"] is False
