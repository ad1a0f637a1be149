"""What vendors prove themselves with, and who tries to."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from simulators.jira import signing
from tests.clock import Clock
from tests.web.door import SECRET

BODY = b'{"event": "watchpane.test"}'
SNOW, JIRA, PD = (f"/webhooks/{where}" for where in ("servicenow/snow", "jira/jsm", "pagerduty/pd"))
SIGNED, HUB, DUTY = "X-Watchpane-Signature", "X-Hub-Signature", "X-PagerDuty-Signature"
NEXT = "another secret of more than thirty-two letters"
CLIENT = "client-key-1"


def digest(body: bytes = BODY, secret: str = SECRET, algorithm: str = "sha256") -> str:
    return hmac.new(secret.encode(), body, algorithm).hexdigest()


def sha256(body: bytes = BODY, secret: str = SECRET) -> str:
    return f"sha256={digest(body, secret)}"


def token(clock: Clock, secret: str = SECRET, path: str = JIRA, **claimed: object) -> str:
    at = int(clock.now().timestamp())
    told = {"iat": at, "exp": at + 180, "iss": CLIENT, "qsh": signing.query_hash("POST", path)}
    kept = {name: value for name, value in (told | claimed).items() if value != "absent"}
    return f"JWT {signing.token(secret, kept)}"


def other_header(clock: Clock, head: Mapping[str, Any]) -> str:
    """Return a good token under another header, signed as if nothing were odd about it."""
    _, body, _ = token(clock).removeprefix("JWT ").split(".")
    first = signing._encoded(json.dumps(dict(head)).encode())
    proof = hmac.new(SECRET.encode(), f"{first}.{body}".encode(), hashlib.sha256).digest()
    return f"JWT {first}.{body}.{signing._encoded(proof)}"
