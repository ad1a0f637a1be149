"""A value that is never shown: not by repr, not by a format, not in a log."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """Text that prints as ``***``; call ``reveal`` where it is handed over."""

    _text: str

    def __repr__(self) -> str:
        """Return ``***``, whatever is inside."""
        return "***"

    def __bool__(self) -> bool:
        """Tell whether there is anything to hide."""
        return bool(self._text)

    def reveal(self) -> str:
        """Return the text itself."""
        return self._text
