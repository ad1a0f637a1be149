"""Signed JSON, as any receiver of Standard Webhooks verifies it."""

import base64
import hashlib
import hmac
import json
from dataclasses import replace

import pytest

from adapters.channels.webhook import Webhook, signature
from tests.adapters.channels.telling import CHANGES, MENDED, NOTICE, REFUSED, Receiver, way

URL = "https://alerts.example.com/in"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 — of the standard's own vector


def test_the_signature_is_that_of_the_standards_vector() -> None:
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    body = b'{"test": 2432232314}'
    assert signature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", body) == (
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    )


@pytest.mark.parametrize("secret", [SECRET, "a secret of our own"])
async def test_an_alert_arrives_signed_under_its_id(secret: str) -> None:
    server = Receiver()
    hook = Webhook(way(server, alert_webhook_url=URL, alert_webhook_secret=secret))
    assert await hook.send([replace(NOTICE, during=CHANGES)]) is None
    ((request, body),) = server.requests
    told = json.loads(body)
    assert (told["type"], told["timestamp"]) == ("alert.raised", "2026-03-02T14:00:00.000Z")
    assert told["data"]["subject"]["number"] == "HELP-17"
    assert (told["data"]["targetSeconds"], told["data"]["remainingSeconds"]) == (14_400, -600)
    assert told["data"]["changes"] == [
        {"number": "CHG1", "title": "Replace a disk", "endsAt": "2026-03-02T14:00:00.000Z"},
        {"number": "CHG2", "title": "Move", "endsAt": None},
    ]
    assert request.headers["webhook-id"] == NOTICE.id
    time = request.headers["webhook-timestamp"]
    assert time == "1772460000"
    is_encoded = secret == SECRET
    key = base64.b64decode(secret[6:]) if is_encoded else secret.encode()
    made = hmac.new(key, f"{NOTICE.id}.{time}.".encode() + body, hashlib.sha256)
    assert request.headers["webhook-signature"] == f"v1,{base64.b64encode(made.digest()).decode()}"
    await hook.close()


async def test_what_becomes_of_the_policy_file_arrives_as_another_type() -> None:
    server = Receiver()
    hook = Webhook(way(server, alert_webhook_url=URL, alert_webhook_secret=SECRET))
    for notice in (REFUSED, MENDED):
        assert await hook.send([notice]) is None
    first, second = (json.loads(body) for _, body in server.requests)
    assert first == {
        "type": "policy.refused",
        "timestamp": "2026-03-02T14:00:00.000Z",
        "data": {
            "path": REFUSED.path,
            "fault": REFUSED.fault,
            "version": REFUSED.version,
            "inForceSince": "2026-03-02T14:00:00.000Z",
            "url": REFUSED.link,
        },
    }
    assert (second["type"], second["data"]["fault"]) == ("policy.mended", None)
    await hook.close()


@pytest.mark.parametrize("secret", ["short", "whsec_no base64", "whsec_AAAA"])
def test_a_secret_that_is_none_is_refused_and_not_shown(secret: str) -> None:
    with pytest.raises(ValueError, match="ALERT_WEBHOOK_SECRET must be 16") as refused:
        Webhook(way(alert_webhook_url=URL, alert_webhook_secret=secret))
    assert secret not in str(refused.value)
