"""What Slack takes of Block Kit in a message, by its reference (docs.slack.dev, 2026)."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final

MOST_BLOCKS: Final = 50
# In no reference: from there on messages are refused as ``msg_blocks_too_long``.
MOST_CHARACTERS: Final = 13_000
_LONGEST_ID: Final = 255
_LONGEST_URL: Final = 3_000

Json = Any
Check = Callable[[Json, str], None]


class InvalidBlocksError(ValueError):
    """Slack would refuse these blocks; the message says where and why."""


def check(blocks: Json) -> None:
    """Raise InvalidBlocksError for what is no list of blocks that a message may have."""
    found = _items(blocks, "blocks", 1, MOST_BLOCKS)
    for place, block in enumerate(found):
        at = f"blocks[{place}]"
        _typed(block, at, _BLOCKS.keys())
        _BLOCKS[block["type"]](block, at)
    ids = [block["block_id"] for block in found if "block_id" in block]
    if len(set(ids)) < len(ids):
        raise InvalidBlocksError("blocks: block_id stands twice")
    if (length := _characters(blocks)) > MOST_CHARACTERS:
        raise InvalidBlocksError(f"msg_blocks_too_long: {length} characters")


def _header(block: Json, at: str) -> None:
    _keys(block, at, {"text"}, {"block_id"})
    _text(block["text"], f"{at}.text", 150, {"plain_text"})


def _section(block: Json, at: str) -> None:
    _keys(block, at, set(), {"text", "fields", "block_id", "accessory", "expand"})
    if "text" not in block and "fields" not in block:
        raise InvalidBlocksError(f"{at}: a section needs text or fields")
    if "text" in block:
        _text(block["text"], f"{at}.text", 3_000)
    for place, field in enumerate(_items(block.get("fields", ["-"]), f"{at}.fields", 1, 10)):
        if "fields" in block:
            _text(field, f"{at}.fields[{place}]", 2_000)
    if "accessory" in block:
        _button(block["accessory"], f"{at}.accessory")


def _context(block: Json, at: str) -> None:
    _keys(block, at, {"elements"}, {"block_id"})
    for place, element in enumerate(_items(block["elements"], f"{at}.elements", 1, 10)):
        _text(element, f"{at}.elements[{place}]", 3_000)


def _actions(block: Json, at: str) -> None:
    _keys(block, at, {"elements"}, {"block_id"})
    elements = _items(block["elements"], f"{at}.elements", 1, 25)
    for place, element in enumerate(elements):
        _button(element, f"{at}.elements[{place}]")
    ids = [element["action_id"] for element in elements if "action_id" in element]
    if len(set(ids)) < len(ids):
        raise InvalidBlocksError(f"{at}: action_id stands twice")


def _divider(block: Json, at: str) -> None:
    _keys(block, at, set(), {"block_id"})


_BLOCKS: Final[Mapping[str, Check]] = {
    "header": _header,
    "section": _section,
    "context": _context,
    "actions": _actions,
    "divider": _divider,
}


def _button(element: Json, at: str) -> None:
    _typed(element, at, {"button"})
    optional = {"action_id", "url", "value", "style", "confirm", "accessibility_label"}
    _keys(element, at, {"text"}, optional)
    _text(element["text"], f"{at}.text", 75, {"plain_text"})
    for name, longest in (("action_id", _LONGEST_ID), ("url", _LONGEST_URL), ("value", 2_000)):
        if name in element:
            _string(element[name], f"{at}.{name}", longest)
    if not element.get("url", "http").startswith("http"):
        raise InvalidBlocksError(f"{at}.url: is no URL")
    if element.get("style", "primary") not in {"primary", "danger"}:
        raise InvalidBlocksError(f"{at}.style: is none")


def _text(
    text: Json, at: str, longest: int, kinds: Collection[str] = ("plain_text", "mrkdwn")
) -> None:
    _typed(text, at, kinds)
    extra = {"emoji"} if text["type"] == "plain_text" else {"verbatim"}
    _keys(text, at, {"text"}, extra)
    _string(text["text"], f"{at}.text", longest)


def _typed(value: Json, at: str, kinds: Collection[str]) -> None:
    if not isinstance(value, Mapping) or value.get("type") not in kinds:
        raise InvalidBlocksError(f"{at}: has to be of type {' or '.join(sorted(kinds))}")


def _string(value: Json, at: str, longest: int) -> None:
    if not isinstance(value, str) or not 0 < len(value) <= longest:
        raise InvalidBlocksError(f"{at}: has to be a text of 1 to {longest} characters")


def _items(value: Json, at: str, least: int, most: int) -> Sequence[Json]:
    if not isinstance(value, list) or not least <= len(value) <= most:
        raise InvalidBlocksError(f"{at}: has to be a list of {least} to {most}")
    return value


def _keys(value: Mapping[str, Json], at: str, required: set[str], optional: set[str]) -> None:
    if lacking := required - value.keys():
        raise InvalidBlocksError(f"{at}: lacks {', '.join(sorted(lacking))}")
    if unknown := value.keys() - required - optional - {"type"}:
        raise InvalidBlocksError(f"{at}: invalid additional property {', '.join(sorted(unknown))}")
    if "block_id" in value:
        _string(value["block_id"], f"{at}.block_id", _LONGEST_ID)


def _characters(value: Json) -> int:
    """Count the characters of all texts."""
    if isinstance(value, str):
        return len(value)
    inner = value.values() if isinstance(value, Mapping) else value
    return sum(map(_characters, inner)) if isinstance(value, Mapping | list) else 0
