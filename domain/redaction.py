"""What is shown in place of secrets, wherever foreign data is shown."""

import re
from collections.abc import Mapping
from typing import Any, Final

HIDDEN: Final = "***"
_TELLING: Final = re.compile("password|token|secret|authorization|credential", re.IGNORECASE)
# What lies deeper is not walked but hidden.
_DEEPEST: Final = 8


def names_a_secret(key: object) -> bool:
    """Say whether a value under this key is to be hidden."""
    return isinstance(key, str) and _TELLING.search(key) is not None


def redacted(value: object, *, key: object = "", depth: int = 0) -> Any:  # noqa: ANN401 — JSON
    """Return JSON data with the values under telling keys hidden, nested ones too."""
    if depth > _DEEPEST or names_a_secret(key):
        return HIDDEN
    if isinstance(value, Mapping):
        return {k: redacted(v, key=k, depth=depth + 1) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [redacted(one, depth=depth + 1) for one in value]
    return value
