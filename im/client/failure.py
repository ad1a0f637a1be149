"""How a command ends that cannot do what was asked."""

from enum import IntEnum


class Exit(IntEnum):
    """What the process ends with; the numbers are public."""

    REFUSED = 1
    USAGE = 2
    NOT_FOUND = 3
    NOT_ALLOWED = 4
    UNREACHABLE = 6


class CommandError(Exception):
    """The command cannot do what was asked; ``hint`` says what to do about it.

    Both are single lines for a person, without any secret.
    """

    def __init__(self, exit_code: Exit, message: str, *, hint: str = "") -> None:
        """Keep what is told, and what the process ends with."""
        super().__init__(message)
        self.exit_code = exit_code
        self.hint = hint

    def lines(self) -> list[str]:
        """Return what standard error is told."""
        told = {"error": str(self), "hint": self.hint}
        # What a server says may have lines of its own.
        return [f"{name}: {' '.join(text.split())}" for name, text in told.items() if text]
