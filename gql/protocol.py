"""The messages of graphql-transport-ws, and the codes that close a socket.

Source of the rules: the protocol's own specification (``PROTOCOL.md`` of
graphql-ws). Codes 4410 and above 4429 are ours.
"""

from collections.abc import Mapping
from enum import IntEnum
from typing import Any, Final

import orjson

from gql.asked import Asked, asked, parsed_json
from gql.declined import Declined

SUBPROTOCOL: Final = "graphql-transport-ws"
LONGEST_ID: Final = 256
# A close frame's reason, in bytes (RFC 6455, 5.5).
LONGEST_REASON: Final = 123

Message = dict[str, Any]

_WITH_ID: Final = frozenset({"subscribe", "complete"})
_TYPES: Final = frozenset({"connection_init", "ping", "pong"}) | _WITH_ID


class Close(IntEnum):
    """Why the server closes a socket."""

    SHUTDOWN = 1012
    TOO_MANY_SOCKETS = 1013
    BAD_MESSAGE = 4400
    UNAUTHORISED = 4401
    FORBIDDEN = 4403
    SUBPROTOCOL = 4406
    INIT_TIMEOUT = 4408
    ID_IN_USE = 4409
    TOO_SLOW = 4410
    TOO_MANY_INITS = 4429
    INTERNAL = 4500


class Closed(Exception):  # noqa: N818 — an answer, not a failure of ours
    """The socket is to be closed with a code and a reason."""

    def __init__(self, code: Close, reason: str) -> None:
        """Keep what the close frame says."""
        super().__init__(reason)
        self.code = code
        self.reason = reason


def message_of(event: Mapping[str, Any]) -> Message:
    """Read one message of a client.

    Raises Closed with 4400 when it is not one of the protocol's, or any of its
    fields has the wrong kind.
    """
    text = event.get("text")
    if text is None:
        raise _bad("Messages are text.")
    try:
        message = parsed_json(text)
    except Declined as refusal:
        raise _bad(str(refusal)) from refusal
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        raise _bad("A message is an object with a type.")
    if message["type"] not in _TYPES:
        raise _bad("This type of message is not known.")
    if message["type"] in _WITH_ID:
        _check_id(message.get("id"))
    payload = message.get("payload")
    if not (payload is None or isinstance(payload, dict)):
        raise _bad("A payload is an object.")
    return message


def asked_of(message: Message) -> Asked:
    """Read the operation of a subscribe message. Raises Closed with 4400."""
    try:
        return asked(message.get("payload"))
    except Declined as refusal:
        raise _bad(str(refusal)) from refusal


def token_of(message: Message) -> str | None:
    """Return the bearer token of a connection_init; its key may have any case."""
    payload: Mapping[str, Any] = message.get("payload") or {}
    for name, value in payload.items():
        if name.lower() == "authorization" and isinstance(value, str):
            scheme, _, token = value.partition(" ")
            return token.strip() or None if scheme.lower() == "bearer" else None
    return None


def text_of(message: Message) -> str:
    """Write a message of ours."""
    return orjson.dumps(message).decode()


def next_of(id: str) -> str:
    """Return how the messages of an operation begin; the answer and a brace follow."""
    return f'{{"id":{orjson.dumps(id).decode()},"type":"next","payload":'


def shortened(reason: str) -> str:
    """Cut a reason to what a close frame holds."""
    return reason.encode()[:LONGEST_REASON].decode(errors="ignore")


def _check_id(id: object) -> None:
    if not isinstance(id, str) or not 0 < len(id) <= LONGEST_ID:
        raise _bad(f"An id is a string of 1 to {LONGEST_ID} characters.")


def _bad(reason: str) -> Closed:
    return Closed(Close.BAD_MESSAGE, reason)
