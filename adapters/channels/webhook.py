"""Any receiver of JSON, signed as Standard Webhooks has it (standardwebhooks.com, 1.0)."""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from adapters.channels.contract import AlertNotice, ChannelKind, Notice, PolicyNotice, Way
from adapters.channels.post import Post
from adapters.exchange import Failed

_ENCODED: Final = "whsec_"
_SHORTEST_KEY: Final = 16


class Webhook:
    """A receiver: one message for each notice."""

    most: Final = 1
    pause: Final = timedelta(0)

    def __init__(self, way: Way) -> None:
        """Open nothing yet. Raises ValueError for a secret that is none."""
        self._now = way.now
        self._key = _key(way.settings["alert_webhook_secret"])
        self._post = Post(way.settings["alert_webhook_url"], way)

    async def send(self, notices: Sequence[Notice]) -> Failed | None:
        """Tell the one notice."""
        (notice,) = notices
        body = json.dumps(document(notice), separators=(",", ":")).encode()
        timestamp = str(int(self._now().timestamp()))
        headers = {
            "webhook-id": notice.id,
            "webhook-timestamp": timestamp,
            "webhook-signature": signature(self._key, notice.id, timestamp, body),
        }
        return await self._post.send(body, headers)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._post.close()


def document(notice: Notice) -> dict[str, Any]:
    """Return what is told; spans are in seconds, below zero when overdue."""
    return _of_policy(notice) if isinstance(notice, PolicyNotice) else _of_alert(notice)


def _of_policy(notice: PolicyNotice) -> dict[str, Any]:
    return {
        "type": "policy.refused" if notice.fault else "policy.mended",
        "timestamp": _instant(notice.at),
        "data": {
            "path": notice.path,
            "fault": notice.fault,
            "version": notice.version,
            "inForceSince": _instant(notice.in_force_since),
            "url": notice.link,
        },
    }


def _of_alert(notice: AlertNotice) -> dict[str, Any]:
    return {
        "type": "alert.raised",
        "timestamp": _instant(notice.raised_at),
        "data": {
            "alertId": notice.alert_id,
            "level": notice.level,
            "clock": notice.clock,
            "percent": notice.percent,
            "targetSeconds": notice.target.total_seconds(),
            "remainingSeconds": notice.left.total_seconds(),
            "crossedAt": _instant(notice.crossed_at),
            "breachAt": None if notice.breach_at is None else _instant(notice.breach_at),
            "escalationLevel": notice.escalation_level,
            "subject": {
                "kind": notice.subject,
                "id": notice.subject_id,
                "number": notice.number,
                "title": notice.title,
                "priority": notice.priority,
                "url": notice.link,
            },
            "acknowledgeUrl": notice.acknowledge,
            "changes": [
                {
                    "number": change.number,
                    "title": change.title,
                    "endsAt": None if change.ends_at is None else _instant(change.ends_at),
                }
                for change in notice.during
            ],
        },
    }


def signature(key: bytes, message_id: str, timestamp: str, body: bytes) -> str:
    """Return the signature of a message: HMAC-SHA256 of id, time and body, in base64."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return f"v1,{base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()}"


def _key(secret: str) -> bytes:
    """Return the key of a secret: base64 behind ``whsec_``, else the text itself."""
    try:
        encoded = secret.removeprefix(_ENCODED)
        key = secret.encode() if encoded == secret else base64.b64decode(encoded, validate=True)
    except binascii.Error:
        key = b""
    if len(key) < _SHORTEST_KEY:
        raise ValueError(
            f"ALERT_WEBHOOK_SECRET must be {_SHORTEST_KEY} characters or more,"
            f" or {_ENCODED} and the base64 of as many bytes"
        )
    return key


def _instant(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


WEBHOOK: Final = ChannelKind(
    key="webhook", settings=("alert_webhook_url", "alert_webhook_secret"), open=Webhook
)
