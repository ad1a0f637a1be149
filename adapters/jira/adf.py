"""Rich text (Atlassian Document Format) as plain text, and plain text as rich text. Pure.

Plain text becomes a document that reads back as the very same text. A document
may hold more than text: what has no plain form is left out, and written
documents replace it, so that a text is written only where it has changed.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

# What stands for a node that has no content, by its type: the attribute that tells it.
_ATTRIBUTES: Final[Mapping[str, tuple[str, ...]]] = {
    "mention": ("text", "id"),
    "emoji": ("text", "shortName"),
    "status": ("text",),
    "inlineCard": ("url",),
    "blockCard": ("url",),
    "embedCard": ("url",),
    "media": ("alt",),
    "date": ("timestamp",),
}
_MARKS: Final[Mapping[str, str]] = {"hardBreak": "\n", "rule": "----"}
_LISTS: Final = frozenset({"bulletList", "orderedList", "taskList", "decisionList"})
# What stands between the parts of a node; an empty line where nothing is told.
_BETWEEN: Final[Mapping[str, str]] = {
    **dict.fromkeys(("paragraph", "heading", "codeBlock", "caption"), ""),
    **dict.fromkeys(("taskItem", "decisionItem"), ""),
    **dict.fromkeys((*_LISTS, "listItem", "table", "mediaGroup"), "\n"),
    "tableRow": " | ",
}
# No editor nests deeper; a document that does is meant to exhaust us.
_DEEPEST: Final = 50


def plain(document: object) -> str:
    """Return the text of a document, or of a plain text, with LF line ends.

    Anything else is no text. Deeper than 50 levels nothing is read.
    """
    if isinstance(document, str):
        return "\n".join(document.splitlines())
    return _text(document, 0) if isinstance(document, Mapping) else ""


def document(text: str) -> dict[str, Any]:
    """Return a document that reads as the text: a paragraph between two empty lines."""
    paragraphs = "\n".join(text.splitlines()).split("\n\n")
    return {
        "type": "doc",
        "version": 1,
        "content": [
            {"type": "paragraph", "content": _lines(paragraph.split("\n"))}
            for paragraph in paragraphs
        ],
    }


def _lines(lines: Sequence[str]) -> list[dict[str, Any]]:
    nodes: list[dict[str, Any]] = []
    for number, line in enumerate(lines):
        if number:
            nodes.append({"type": "hardBreak"})
        # A text node may not be empty.
        if line:
            nodes.append({"type": "text", "text": line})
    return nodes


def _text(node: Mapping[str, Any], depth: int) -> str:
    kind = str(node.get("type"))
    if kind == "text":
        return str(node.get("text") or "")
    if kind in _ATTRIBUTES:
        return _attribute(node.get("attrs"), _ATTRIBUTES[kind])
    content = node.get("content")
    if not isinstance(content, list) or depth >= _DEEPEST:
        return _MARKS.get(kind, "")
    parts = [_text(part, depth + 1) for part in content if isinstance(part, Mapping)]
    if kind in _LISTS:
        parts = [f"{_bullet(kind, number)} {_indented(part)}" for number, part in enumerate(parts)]
    return _BETWEEN.get(kind, "\n\n").join(parts)


def _bullet(kind: str, number: int) -> str:
    return f"{number + 1}." if kind == "orderedList" else "*"


def _indented(text: str) -> str:
    return text.replace("\n", "\n  ")


def _attribute(attributes: object, names: tuple[str, ...]) -> str:
    if not isinstance(attributes, Mapping):
        return ""
    return next((str(attributes[name]) for name in names if attributes.get(name)), "")
