"""The Atlassian Document Format, and the plain text that stands for it elsewhere."""

from collections.abc import Mapping
from typing import Any, Final

# Nodes that begin a line of their own.
_BLOCKS: Final = frozenset(
    {"blockquote", "codeBlock", "heading", "listItem", "panel", "paragraph", "rule", "tableRow"}
)


def document(text: str) -> dict[str, Any]:
    """Return a document of one paragraph for each block of lines."""
    return {
        "type": "doc",
        "version": 1,
        "content": [_paragraph(block) for block in text.split("\n\n")],
    }


def plain(node: Mapping[str, Any] | None) -> str:
    """Return the text of a document; "" for none."""
    return "" if node is None else _text(node).strip("\n")


def is_document(value: object) -> bool:
    """Say whether a value has the outer form of a document."""
    return (
        isinstance(value, dict)
        and value.get("type") == "doc"
        and value.get("version") == 1
        and isinstance(value.get("content"), list)
    )


def _paragraph(block: str) -> dict[str, Any]:
    content: list[dict[str, Any]] = []
    for number, line in enumerate(block.split("\n")):
        if number:
            content.append({"type": "hardBreak"})
        if line:
            content.append({"type": "text", "text": line})
    return {"type": "paragraph", "content": content}


def _text(node: Mapping[str, Any]) -> str:
    match node.get("type"):
        case "text":
            return str(node.get("text", ""))
        case "hardBreak":
            return "\n"
        case "mention" | "emoji" | "status":
            return str(node.get("attrs", {}).get("text", ""))
        case "inlineCard" | "blockCard":
            return str(node.get("attrs", {}).get("url", ""))
    parts = [_text(child) for child in node.get("content", [])]
    blocks = any(child.get("type") in _BLOCKS for child in node.get("content", []))
    between = "\n\n" if node.get("type") == "doc" else "\n"
    return (between if blocks else "").join(parts)
