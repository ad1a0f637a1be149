"""Automatic persisted queries: a client sends a document once, then only its hash."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

from gql.asked import Asked
from gql.declined import Code, Declined, declined
from gql.recent import Recent

KEPT: Final = 1_000
# In characters; longer documents are answered, but not kept.
LONGEST: Final = 20_000

_VERSION: Final = 1
_HEX_DIGITS: Final = 64


class PersistedQueries:
    """The documents that clients have named by their SHA-256."""

    def __init__(self) -> None:
        """Nothing is known yet; what is forgotten the client sends again."""
        self._texts: Recent[str, str] = Recent(KEPT)

    def text(self, asked: Asked) -> str:
        """Return the document of a request.

        Raises Declined: 200 for a hash that is not known, since clients then
        repeat the request with the document, else 400.
        """
        digest = _digest(asked.extensions)
        if asked.query is not None:
            if digest is not None and digest != _sha256(asked.query):
                raise _bad("The hash is not that of the query.")
            return asked.query
        if digest is None:
            raise _bad("The request has no query.")
        text = self._texts.get(digest)
        if text is None:
            code = Code.PERSISTED_QUERY_NOT_FOUND
            raise declined("PersistedQueryNotFound", code, status=200)
        return text

    def keep(self, asked: Asked) -> None:
        """Remember a document that was found valid, if its client named it by hash."""
        digest = _digest(asked.extensions)
        if digest is not None and asked.query is not None and len(asked.query) <= LONGEST:
            self._texts.put(digest, asked.query)


def _digest(extensions: Mapping[str, Any]) -> str | None:
    named = extensions.get("persistedQuery")
    if named is None:
        return None
    match named:
        case {"version": int(version), "sha256Hash": str(digest)} if version == _VERSION:
            if len(digest) == _HEX_DIGITS:
                return digest.lower()
    raise _bad("persistedQuery needs version 1 and a sha256Hash of 64 digits.")


def _sha256(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _bad(message: str) -> Declined:
    return declined(message, Code.BAD_REQUEST, status=400)
