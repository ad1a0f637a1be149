"""How webhooks prove where they come from."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, quote, urlsplit

import orjson

_UNRESERVED: Final = "-._~"


def signature(secret: str, body: bytes) -> str:
    """Return the value of ``X-Hub-Signature``."""
    return f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"


def token(secret: str, claims: Mapping[str, Any]) -> str:
    """Return a JSON web token, signed with HS256."""
    parts = (_encoded(orjson.dumps(part)) for part in ({"typ": "JWT", "alg": "HS256"}, claims))
    text = ".".join(parts)
    return f"{text}.{_encoded(hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest())}"


def query_hash(method: str, url: str, base_path: str = "") -> str:
    """Return the claim ``qsh`` of a Connect token, which binds it to one request.

    url: path and query, or more; base_path: of the app's own address, which
    does not count.
    """
    return hashlib.sha256(canonical(method, url, base_path).encode()).hexdigest()


def canonical(method: str, url: str, base_path: str = "") -> str:
    """Return the text that ``query_hash`` is the hash of."""
    parts = urlsplit(url)
    path = parts.path.removeprefix(base_path.rstrip("/")).rstrip("/") or "/"
    values: dict[str, list[str]] = {}
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        if name != "jwt":
            values.setdefault(_quoted(name), []).append(_quoted(value))
    query = "&".join(f"{name}={','.join(sorted(values[name]))}" for name in sorted(values))
    return f"{method.upper()}&{path.replace('&', '%26')}&{query}"


def _quoted(text: str) -> str:
    return quote(text, safe=_UNRESERVED)


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
