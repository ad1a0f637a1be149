"""Things with an id that is theirs in the whole graph."""

import binascii
from base64 import b64decode, b64encode

import strawberry

from domain.errors import Invalid, NotFound


@strawberry.interface(description="Anything that can be found again by its id.")
class Node:
    """A record with a global id."""

    id: strawberry.ID = strawberry.field(description="Opaque, and stable for ever.")


def global_id(kind: str, key: str) -> strawberry.ID:
    """Return the id of a thing in the graph: its type and our key, as opaque text."""
    return strawberry.ID(b64encode(f"{kind}:{key}".encode()).decode())


def parts_of(id: str) -> tuple[str, str]:
    """Return type and key; two empty texts for what is no id of this graph."""
    try:
        kind, separator, key = b64decode(id.encode(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return "", ""
    return (kind, key) if separator and "\0" not in key else ("", "")


def own_key(id: str, kind: str) -> str:
    """Return our key; an empty text, which is nobody's, when the id is none of this type."""
    found, key = parts_of(id)
    return key if found == kind else ""


def key_in(id: str, kind: str, *, path: tuple[str, ...]) -> str:
    """Return our key. Raises NotFound at ``path`` when the id is none of this type."""
    found, key = parts_of(id)
    if found != kind:
        raise NotFound(kind.lower(), id[:100], path=path)
    return key


def filter_key(id: str, kind: str, *, path: tuple[str, ...]) -> str:
    """Return our key for a filter. Raises Invalid at ``path`` when the id is none of this type."""
    found, key = parts_of(id)
    if found != kind:
        raise Invalid(f"this is not the id of one {kind}", path=path)
    return key
