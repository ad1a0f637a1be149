"""The words in which values are written on the command line: lower case, with dashes."""

from collections.abc import Sequence
from enum import StrEnum
from typing import TypeVar

from im.client.failure import CommandError, Exit

_Value = TypeVar("_Value", bound=StrEnum)


def words(values: type[StrEnum]) -> str:
    """Return the words of a closed set, for a help text or a hint."""
    return ", ".join(value.name.lower().replace("_", "-") for value in values)


def one_of(values: type[_Value], option: str, word: str) -> _Value:
    """Return the value that a word means, in any case. Raises CommandError."""
    try:
        return values[word.upper().replace("-", "_")]
    except KeyError:
        raise CommandError(
            Exit.USAGE, f'{option} has no "{word}"', hint=f"it is one of {words(values)}"
        ) from None


def any_of(
    values: type[_Value], option: str, given: Sequence[str] | None
) -> tuple[_Value, ...] | None:
    """Return the values that words mean, None for no words. Raises CommandError."""
    return tuple(one_of(values, option, word) for word in given) if given else None
