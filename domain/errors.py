"""Requests that are turned down.

    Refused
    ├── NotFound          there is no such thing, or the caller may not see it
    ├── Forbidden         the caller may see it, but not do this
    ├── Unauthenticated   nobody knows who is asking
    ├── Invalid           the input is wrong; ``path`` says where
    ├── LimitExceeded     the input is more than is taken at once
    ├── BadCursor         a page's cursor is not one of this list's
    ├── CursorUnknown     a position that the event log never had
    ├── Stale             the record moved on since it was read
    ├── AlreadyResolved   the conflict has ended in another way
    ├── DirectionForbids  nothing of ours goes to this vendor
    ├── PlanStale         a plan of reconciliation is too old, or its rules are
    ├── PlanTooLarge      a plan heals so much that a person has to confirm it
    ├── IdempotencyMismatch  the caller's key was used before, for another request
    ├── Disabled          the integration is switched off
    ├── Parked            the vendor refuses the integration's credentials
    ├── Unavailable       something that the answer needs is away
    └── StorageFull       there is no room to write

Raised by operations and reads. Turned into an answer in one place for each
door: ``gql/errors.py``, ``web/app.py``, and the command line's exit status.
Messages name the thing and the next step, and hold no secret.
"""

from collections.abc import Sequence
from typing import ClassVar


class Refused(Exception):  # noqa: N818 — named for what happened, as its subclasses are
    """A request that is turned down; ``code`` is stable and public."""

    code: ClassVar[str] = "INVALID"

    def __init__(self, message: str, *, path: Sequence[str] = ()) -> None:
        """Take a ``path`` that points into the request's input, outermost first."""
        super().__init__(message)
        self.message = message
        self.path = tuple(path)


class NotFound(Refused):
    """There is no such thing, or none that the caller may see."""

    code = "NOT_FOUND"

    def __init__(self, what: str, name: str, *, path: Sequence[str] = ()) -> None:
        """Take the kind of thing as ``what``, and what the caller called it."""
        super().__init__(f'{what} "{name}" not found', path=path)


class Forbidden(Refused):
    """The caller may not do this."""

    code = "FORBIDDEN"


class Unauthenticated(Refused):
    """The request carries no token that is known and valid."""

    code = "UNAUTHENTICATED"


class Invalid(Refused):
    """The input is wrong at ``path``."""

    code = "INVALID"


class LimitExceeded(Refused):
    """The input is more than is taken at once; the message names the limit."""

    code = "LIMIT_EXCEEDED"


class BadCursor(Refused):
    """A page's cursor is torn, or was made by another list or order."""

    code = "BAD_CURSOR"


class CursorUnknown(Refused):
    """A position that this event log never had: malformed, ahead, or of another log."""

    code = "CURSOR_UNKNOWN"


class Stale(Refused):
    """The record moved on: the caller saw ``seen``, it is now ``current``."""

    code = "STALE_VERSION"

    def __init__(self, *, seen: int, current: int) -> None:
        """Tell both versions, so that the caller can read again and retry."""
        super().__init__(f"version {seen} was edited, version {current} is current")


class AlreadyResolved(Refused):
    """The conflict has ended in another way than is asked for."""

    code = "ALREADY_RESOLVED"


class DirectionForbids(Refused):
    """Nothing of ours, or not this field, goes to the vendor."""

    code = "DIRECTION_FORBIDS"


class PlanStale(Refused):
    """What a plan of reconciliation was made by, or its time, has passed."""

    code = "PLAN_STALE"


class PlanTooLarge(Refused):
    """A plan would heal so much that a person has to confirm it."""

    code = "PLAN_TOO_LARGE"


class IdempotencyMismatch(Refused):
    """The caller's key was used before, for another request."""

    code = "IDEMPOTENCY_MISMATCH"


class Disabled(Refused):
    """The integration is switched off."""

    code = "INTEGRATION_DISABLED"


class Parked(Refused):
    """The vendor refuses the integration's credentials."""

    code = "INTEGRATION_PARKED"


class Unavailable(Refused):
    """Something that the answer needs is away; trying again later may help."""

    code = "UNAVAILABLE"


class StorageFull(Refused):
    """The database has no room; nothing was written."""

    code = "STORAGE_FULL"
