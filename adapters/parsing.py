"""From bytes that claim to be JSON to an object that can be stored."""

import json
import re
from collections.abc import Mapping
from typing import Any, Final, NoReturn

# What a sign-in form answers when it stands in for the vendor's interface.
WEB_PAGE: Final = "the answer is a web page, not JSON"
# NUL is no text to PostgreSQL, and half of a surrogate pair none to UTF-8.
_UNSTORABLE: Final = re.compile(r"[\x00\ud800-\udfff]")
_ESCAPED: Final = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
_MESSAGE: Final = re.compile(rb'"error"\s*:\s*\{\s*"message"\s*:\s*"([^"\\]{0,400})"')


class NotJson(Exception):  # noqa: N818 — named for what was found
    """A body that is no JSON object or list; the message says what it is."""


def parsed(body: bytes) -> dict[str, Any]:
    """Return the object in a body, its texts fit to be stored; a list stands in it as ``items``.

    Stricter than ``json.loads``: UTF-8 only, and NaN and Infinity are no JSON.
    Raises NotJson. A torn answer that still tells an error is described by it.
    """
    if body.lstrip()[:1] == b"<":
        raise NotJson(WEB_PAGE)
    try:
        document = json.loads(body.decode(), parse_constant=_no_constant)
    except RecursionError:
        raise NotJson("the answer is nested too deep") from None
    except ValueError:
        told = _MESSAGE.search(body)
        detail = told[1].decode(errors="replace") if told else "the answer is not JSON"
        raise NotJson(detail) from None
    if isinstance(document, list):
        document = {"items": document}
    if not isinstance(document, dict):
        raise NotJson("the answer is neither a JSON object nor a list")
    return _storable(document) if _ESCAPED.search(body) else document


def words(document: Mapping[str, Any]) -> str:
    """Return what an error answer says, in the forms that vendors and OAuth use."""
    error = document.get("error")
    if isinstance(error, dict):
        parts = [error.get("message"), error.get("detail"), error.get("errors")]
    else:
        parts = [error, document.get("error_description"), document.get("message")]
        parts += [document.get("errorMessages"), document.get("errors")]
    told = ": ".join(text for part in parts if (text := _sentence(part)))
    return told or "the answer tells of an error"


def _sentence(part: object) -> str:
    """Return a text, a list's texts, or what an object says of each name."""
    match part:
        case list():
            return "; ".join(str(told) for told in part if told)
        case dict():
            return "; ".join(f"{name}: {told}" for name, told in part.items() if told)
        case _:
            return str(part or "")


def _no_constant(text: str) -> NoReturn:
    raise ValueError(text)


def _storable(value: Any) -> Any:  # noqa: ANN401 — JSON
    match value:
        case str():
            return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", value)
        case dict():
            return {_storable(key): _storable(part) for key, part in value.items()}
        case list():
            return [_storable(part) for part in value]
        case _:
            return value
