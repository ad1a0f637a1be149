"""Starts that are refused: one line for the operator, never a traceback."""

from typing import Final

# EX_CONFIG of sysexits.h: a restart without a person's change is useless.
EXIT_CONFIGURATION: Final = 78
# EX_SOFTWARE of sysexits.h: what is installed is not what we wrote.
EXIT_INSTALLATION: Final = 70


class StartRefusedError(Exception):
    """The process may not start; the message says what to do about it.

    ``exit_code`` is what the process ends with. A supervisor that sees
    ``EXIT_CONFIGURATION`` does not start the process again.
    """

    def __init__(self, message: str, *, exit_code: int = EXIT_CONFIGURATION) -> None:
        """Keep the line to print and the code to end with."""
        super().__init__(message)
        self.exit_code = exit_code
