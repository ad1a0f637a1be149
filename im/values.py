"""Readers of single settings: text in, value out, or ValueError saying what is allowed.

A message continues the setting's name ("PORT must be …") and never repeats
the text: it may be a secret in the wrong place.
"""

import base64
import binascii
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import urlsplit

from im.secret import Secret

# AES-256.
KEY_BYTES: Final = 32
_HERE: Final = r"(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])"
_KEY_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,32}")

_Choice = TypeVar("_Choice", bound=StrEnum)


class Database(StrEnum):
    """Where the mirror is kept."""

    SQLITE = "sqlite"
    POSTGRES = "postgres"


class LogLevel(StrEnum):
    """The least severe level that is written."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogFormat(StrEnum):
    """JSON lines, coloured lines, or coloured on a terminal only."""

    JSON = "json"
    CONSOLE = "console"
    AUTO = "auto"


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialKey:
    """A key that seals vendor credentials: 32 bytes under a short name."""

    id: str
    key: bytes

    def __repr__(self) -> str:
        """Show the name only."""
        return f"CredentialKey(id={self.id!r}, key=***)"


def text(value: str) -> str:
    """Take any text."""
    return value


def secret(value: str) -> Secret:
    """Take any text, and hide it."""
    return Secret(value)


def flag(value: str) -> bool:
    """Take yes or no, in the usual words."""
    match value.lower():
        case "yes" | "true" | "1":
            return True
        case "no" | "false" | "0":
            return False
        case _:
            raise ValueError("must be yes or no")


def path(value: str) -> Path:
    """Take a path; ``~`` is the home folder."""
    return Path(value).expanduser()


def maybe_path(value: str) -> Path | None:
    """Take a path, or nothing."""
    return path(value) if value else None


def collector(value: str) -> str:
    """Take where an OpenTelemetry collector is, without a slash at the end, or nothing."""
    if value and not re.fullmatch(r"https?://[^/\s@?#]+(?:/[^\s?#]*)?", value):
        raise ValueError("must be such as http://127.0.0.1:4318, or be empty")
    return value.rstrip("/")


def one_of(choices: type[_Choice]) -> Callable[[str], _Choice]:
    """Return a reader of one of a few words, in any case."""

    def read(value: str) -> _Choice:
        try:
            return choices(value.lower())
        except ValueError:
            allowed = ", ".join(choices)
            raise ValueError(f"must be one of {allowed}") from None

    return read


def whole(low: int, high: int) -> Callable[[str], int]:
    """Return a reader of whole numbers from ``low`` to ``high``."""

    def read(value: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", value) or not low <= int(value) <= high:
            raise ValueError(f"must be a whole number from {low} to {high}")
        return int(value)

    return read


def number(low: float, high: float) -> Callable[[str], float]:
    """Return a reader of numbers from ``low`` to ``high``."""

    def read(value: str) -> float:
        try:
            result = float(value)
        except ValueError:
            result = math.nan
        if not low <= result <= high:
            raise ValueError(f"must be a number from {low:g} to {high:g}")
        return result

    return read


def redis_url(value: str) -> Secret:
    """Take a Redis address, or nothing."""
    if value and urlsplit(value).scheme not in {"redis", "rediss", "unix"}:
        raise ValueError("must begin with redis://, rediss:// or unix://, or be empty")
    return Secret(value)


def public_url(value: str) -> str:
    """Take where people find us, without a slash at the end, or nothing."""
    if value and not re.fullmatch(r"https?://[^/\s@?#]+(?:/[^\s?#]*)?", value):
        raise ValueError("must be such as https://watchpane.example.com, or be empty")
    return value.rstrip("/")


def secret_url(value: str) -> Secret:
    """Take a web address that gives access by itself, or nothing: it travels by TLS only."""
    if value and not re.fullmatch(rf"(?:https://[^/\s]+|http://{_HERE}(?::\d+)?)/\S*", value):
        raise ValueError("must begin with https://, or with http:// for this machine, or be empty")
    return Secret(value)


def hook_url(value: str) -> Secret:
    """Take a web address, or nothing."""
    if value and not re.fullmatch(r"https?://[^/\s@]+(?:/\S*)?", value):
        raise ValueError("must begin with https:// or http://, or be empty")
    return Secret(value)


def origins(value: str) -> tuple[str, ...]:
    """Take web origins, comma separated: scheme, host and port, no path."""
    found = tuple(part.strip() for part in value.split(",") if part.strip())
    for origin in found:
        if not re.fullmatch(r"https?://[^/\s@?#]+", origin):
            raise ValueError("must be origins such as https://pane.example.com, comma separated")
    return found


def credential_keys(value: str) -> tuple[CredentialKey, ...]:
    """Take keys ``id:base64``, comma separated; the first one writes."""
    keys = tuple(_key(part.strip()) for part in value.split(",") if part.strip())
    if len({key.id for key in keys}) < len(keys):
        raise ValueError("must name each key id once")
    return keys


def _key(written: str) -> CredentialKey:
    name, _, encoded = written.partition(":")
    try:
        key = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not _KEY_ID.fullmatch(name) or len(key) != KEY_BYTES:
        raise ValueError("must be id:base64 of 32 bytes, comma separated, the first one writes")
    return CredentialKey(id=name, key=key)
