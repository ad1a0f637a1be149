"""Which media type answers a request, and which requests can be read at all."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from starlette.datastructures import Headers

from gql.declined import Code, Declined, declined


class MediaType(StrEnum):
    """The two forms of an answer; the status of an error differs between them."""

    JSON = "application/json"
    RESPONSE = "application/graphql-response+json"


_HTML: Final = "text/html"
_QUALITY: Final = re.compile(r"(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Range:
    """One entry of an Accept header."""

    type: str
    quality: float

    def specificity(self, media_type: str) -> int:
        """Return how closely the range names a type: 0 not at all, 3 exactly."""
        if self.type == media_type:
            return 3
        if self.type == media_type.partition("/")[0] + "/*":
            return 2
        return 1 if self.type == "*/*" else 0


def answer_type(accept: str | None) -> MediaType | None:
    """Return the media type to answer in, or None when neither is accepted.

    The client's preference decides, plain JSON where it has none. The newer
    type is given only to who names it, so that old clients go on as before.
    """
    if accept is None or not accept.strip():
        return MediaType.JSON
    ranges = _ranges(accept)
    named = any(one.type == MediaType.RESPONSE and one.quality > 0 for one in ranges)
    plain, newer = _quality(ranges, MediaType.JSON), _quality(ranges, MediaType.RESPONSE)
    if named and (newer > plain or (newer == plain and _first(ranges) == MediaType.RESPONSE)):
        return MediaType.RESPONSE
    if plain > 0:
        return MediaType.JSON
    return MediaType.RESPONSE if newer > 0 else None


def prefers_html(accept: str | None) -> bool:
    """Return whether a browser asks for a page to show."""
    ranges = _ranges(accept or "")
    return any(one.type == _HTML and one.quality > 0 for one in ranges)


def check_content(headers: Headers) -> None:
    """Refuse a body that is not plain UTF-8 JSON. Raises Declined with 415."""
    media_type, *parameters = headers.get("content-type", "").split(";")
    if media_type.strip().lower() != MediaType.JSON:
        raise _unsupported("Send the request as application/json.")
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset" and value.strip().strip('"').lower() not in (
            "utf-8",
            "utf8",
        ):
            raise _unsupported("Send the request in UTF-8.")
    if headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise _unsupported("Send the request without content-encoding.")


def _unsupported(message: str) -> Declined:
    return declined(message, Code.BAD_REQUEST, status=415)


def _ranges(accept: str) -> list[_Range]:
    ranges = []
    for entry in accept.split(","):
        media_type, *parameters = (part.strip().lower() for part in entry.split(";"))
        quality = 1.0
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            if name.strip() == "q":
                value = value.strip()
                quality = float(value) if _QUALITY.fullmatch(value) else 0.0
        ranges.append(_Range(type=media_type, quality=quality))
    return ranges


def _quality(ranges: list[_Range], media_type: str) -> float:
    best = max(ranges, key=lambda one: one.specificity(media_type))
    return best.quality if best.specificity(media_type) else 0.0


def _first(ranges: list[_Range]) -> str | None:
    return next((one.type for one in ranges if one.type in set(MediaType)), None)
