"""Who asks: an API token, or OAuth 2.0 (3LO) with rotating refresh tokens."""

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from starlette.requests import Request

ACCESS_LIVES: Final = timedelta(hours=1)
REFRESH_LIVES: Final = timedelta(days=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The account that the site starts with, and the OAuth app that may act for it."""

    email: str = "admin@example.com"
    token: str = field(repr=False)
    client_id: str = "client"
    client_secret: str = field(default="client-secret", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who a request comes from: an e-mail address; ``is_app``: through OAuth."""

    email: str
    is_app: bool = False


class Login:
    """The API tokens of a site, and the OAuth tokens that it gave out."""

    def __init__(
        self, account: Account, now: Callable[[], datetime], new_token: Callable[[], str]
    ) -> None:
        """Take the clock by which tokens expire, and the source of tokens."""
        self.account = account
        self.tokens: dict[str, str] = {account.email: account.token}
        """E-mail address to API token; others may be added."""
        self._now = now
        self._new_token = new_token
        self._codes: set[str] = set()
        self._access: dict[str, datetime] = {}
        self._refresh: dict[str, datetime] = {}
        self._revoked = False

    def revoke(self) -> None:
        """Refuse all API tokens, OAuth tokens and clients from now on."""
        self._revoked = True
        self.expire()
        self._refresh.clear()

    def restore(self) -> None:
        """Accept API tokens and clients again; OAuth tokens stay lost."""
        self._revoked = False

    def expire(self) -> None:
        """Let all access tokens end now; refresh tokens live on."""
        self._access.clear()

    def authorise(self) -> str:
        """Return the code that the app gets when the person agrees; good for one grant."""
        code = self._new_token()
        self._codes.add(code)
        return code

    def caller(self, request: Request) -> Caller | None:
        """Return who a request proves to come from, or None."""
        if self._revoked:
            return None
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        match scheme.lower():
            case "basic":
                email, token = _pair(value)
                known = self.tokens.get(email)
                return Caller(email=email) if known and known == token else None
            case "bearer" if self._alive(self._access, value):
                return Caller(email=self.account.email, is_app=True)
            case _:
                return None

    def owner(self, request: Request) -> bool:
        """Say whether the request bears the first account's token, revoked or not."""
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        pair = (self.account.email, self.account.token)
        return scheme.lower() == "basic" and _pair(value) == pair

    def grant(self, form: Mapping[str, str]) -> dict[str, str | int] | None:
        """Return the answer of the token endpoint, or None when it denies access.

        A code or refresh token is used up by this, whatever becomes of the answer.
        """
        client = (form.get("client_id"), form.get("client_secret"))
        if self._revoked or client != (self.account.client_id, self.account.client_secret):
            return None
        match form.get("grant_type"):
            case "authorization_code" if (code := form.get("code", "")) in self._codes:
                self._codes.remove(code)
                return self._given()
            case "refresh_token" if self._alive(self._refresh, form.get("refresh_token", "")):
                del self._refresh[form["refresh_token"]]
                return self._given()
            case _:
                return None

    def _alive(self, tokens: Mapping[str, datetime], value: str) -> bool:
        until = tokens.get(value)
        return until is not None and self._now() < until

    def _given(self) -> dict[str, str | int]:
        access, refresh = self._new_token(), self._new_token()
        self._access[access] = self._now() + ACCESS_LIVES
        self._refresh[refresh] = self._now() + REFRESH_LIVES
        return {
            "access_token": access,
            "refresh_token": refresh,
            "token_type": "Bearer",
            "expires_in": int(ACCESS_LIVES.total_seconds()),
            "scope": "offline_access read:jira-work write:jira-work manage:jira-webhook",
        }


def _pair(value: str) -> tuple[str, str]:
    try:
        text = base64.b64decode(value, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    email, _, token = text.partition(":")
    return email, token
