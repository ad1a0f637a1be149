"""The site's answers: their form, and its errors."""

from collections.abc import Mapping
from typing import Any, Final

# What is answered to those who are not known; no JSON.
LOGIN_PAGE: Final = "<html><head><title>Unauthorized (401)</title></head><body></body></html>"
# By status; the platform has one body for what goes wrong inside it.
ERRORS: Final[Mapping[int, Mapping[str, Any] | str]] = {
    401: LOGIN_PAGE,
    409: {
        "errorMessages": ["The issue was modified by another request. Try again."],
        "errors": {},
    },
    429: {"errorMessages": ["Rate limit exceeded."], "errors": {}},
    500: {"errorMessages": ["Internal server error"], "errors": {}},
    503: {"errorMessages": ["Service unavailable"], "errors": {}},
}
NO_ISSUE: Final = "Issue does not exist or you do not have permission to see it."


class Refusal(Exception):  # noqa: N818 — an answer of the site, not an error in it
    """A documented error answer."""

    def __init__(
        self,
        status: int,
        *messages: str,
        errors: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Keep what the answer shows; errors: by field."""
        self.status = status
        self.headers = dict(headers or {})
        self.messages = list(messages)
        self.errors = dict(errors or {})
        super().__init__("; ".join([*self.messages, *self.errors.values()]))

    def body(self, *, desk: bool) -> dict[str, Any]:
        """Return the answer's body; the service desk's interface has one of its own."""
        if not desk:
            return {"errorMessages": self.messages, "errors": self.errors}
        return {
            "errorMessage": str(self),
            "i18nErrorMessage": {"i18nKey": "sd.error", "parameters": []},
        }
