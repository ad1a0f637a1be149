"""Reads ``.env`` files: plain KEY=VALUE lines, quotes and comments."""

import re
from typing import Final

_LINE: Final = re.compile(
    r"""
    (?:export\s+)?(?P<key>[A-Za-z_][A-Za-z0-9_]*)\s*=\s*
    (?: '(?P<single>[^']*)' | "(?P<double>(?:[^"\\]|\\.)*)" | (?P<bare>[^'"\s\#](?:(?!\s\#).)*?|) )
    (?:\s+\#.*|\s*)
    """,
    re.VERBOSE,
)
_ESCAPE: Final = re.compile(r"\\(.)")


class BrokenLinesError(ValueError):
    """Some lines are not KEY=VALUE; ``faults`` has one sentence for each."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        """Keep every fault: all are told at once."""
        super().__init__("; ".join(faults))
        self.faults = faults


def read_lines(text: str) -> dict[str, str]:
    r"""Return the keys and values of a ``.env`` text, in order.

    Single quotes take the text as it is; in double quotes a backslash takes
    the next character as it is. Without quotes the value ends before `` #``.
    Nothing is expanded, and a value holds no line break.
    Raises BrokenLinesError, which names lines by number and shows no value:
    the broken one may be a password.
    """
    values: dict[str, str] = {}
    faults: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        content = line.strip()
        if not content or content.startswith("#"):
            continue
        match = _LINE.fullmatch(content)
        if match is None:
            faults.append(f"line {number} is not KEY=VALUE")
        elif match["key"] in values:
            faults.append(f"line {number} sets {match['key']} a second time")
        else:
            values[match["key"]] = _value(match)
    if faults:
        raise BrokenLinesError(tuple(faults))
    return values


def _value(match: re.Match[str]) -> str:
    if match["single"] is not None:
        return match["single"]
    if match["double"] is not None:
        return _ESCAPE.sub(r"\1", match["double"])
    return match["bare"] or ""
