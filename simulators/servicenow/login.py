"""Who asks: basic authentication, OAuth 2.0 and API keys."""

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from starlette.requests import Request

ACCESS_LIVES: Final = timedelta(seconds=1_799)
REFRESH_LIVES: Final = timedelta(days=100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The account that the instance starts with, and its other ways in.

    client_id, client_secret: of the OAuth client; with the grant
        ``client_credentials`` it acts as this user.
    api_key: for the header ``x-sn-apikey``; none when empty.
    """

    user: str = "admin"
    password: str = field(repr=False)
    client_id: str = "client"
    client_secret: str = "client-secret"  # noqa: S105 — a default of a simulator, which guards nothing
    api_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Token:
    user: str
    until: datetime


class Login:
    """The accounts of an instance and the tokens that it gave out."""

    def __init__(
        self, account: Account, now: Callable[[], datetime], new_token: Callable[[], str]
    ) -> None:
        """Take the clock by which tokens expire, and the source of tokens."""
        self.account = account
        self.passwords: dict[str, str] = {account.user: account.password}
        """User name to password; others may be added."""
        self._now = now
        self._new_token = new_token
        self._access: dict[str, _Token] = {}
        self._refresh: dict[str, _Token] = {}
        self._revoked = False

    def revoke(self) -> None:
        """Refuse all passwords, tokens, clients and keys from now on."""
        self._revoked = True
        self.expire()
        self._refresh.clear()

    def restore(self) -> None:
        """Accept passwords, clients and keys again; tokens stay lost."""
        self._revoked = False

    def expire(self) -> None:
        """Let all access tokens end now; refresh tokens live on."""
        self._access.clear()

    def user(self, request: Request) -> str | None:
        """Return the user name that a request proves, or None."""
        if self._revoked:
            return None
        if (key := request.headers.get("x-sn-apikey")) is not None:
            return self.account.user if key and key == self.account.api_key else None
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        match scheme.lower():
            case "basic":
                return self._basic(value)
            case "bearer":
                return self._alive(self._access, value)
            case _:
                return None

    def owner(self, request: Request) -> bool:
        """Say whether the request bears the first account's password, revoked or not."""
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        pair = (self.account.user, self.account.password)
        return scheme.lower() == "basic" and _pair(value) == pair

    def grant(self, form: Mapping[str, str]) -> dict[str, str | int] | None:
        """Return the answer of the token endpoint, or None when it denies access."""
        client = (form.get("client_id"), form.get("client_secret"))
        if self._revoked or client != (self.account.client_id, self.account.client_secret):
            return None
        refresh = form.get("refresh_token", "")
        match form.get("grant_type"):
            case "password":
                user, password = form.get("username", ""), form.get("password", "")
                known = self.passwords.get(user)
                return self._given(user) if known is not None and known == password else None
            case "client_credentials":
                return self._given(self.account.user)
            case "refresh_token":
                holder = self._alive(self._refresh, refresh)
                return None if holder is None else self._given(holder, refresh)
            case _:
                return None

    def _basic(self, value: str) -> str | None:
        user, password = _pair(value)
        known = self.passwords.get(user)
        return user if known is not None and known == password else None

    def _alive(self, tokens: Mapping[str, _Token], value: str) -> str | None:
        token = tokens.get(value)
        return None if token is None or token.until <= self._now() else token.user

    def _given(self, user: str, refresh: str = "") -> dict[str, str | int]:
        access = self._new_token()
        self._access[access] = _Token(user=user, until=self._now() + ACCESS_LIVES)
        if not refresh:
            refresh = self._new_token()
            self._refresh[refresh] = _Token(user=user, until=self._now() + REFRESH_LIVES)
        return {
            "access_token": access,
            "refresh_token": refresh,
            "scope": "useraccount",
            "token_type": "Bearer",
            "expires_in": int(ACCESS_LIVES.total_seconds()),
        }


def client_of(request: Request) -> dict[str, str]:
    """Return the OAuth client that a request names in its header, as fields of a form.

    RFC 6749, 2.3.1: a client may prove itself so instead of in the form.
    """
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return {}
    client_id, client_secret = _pair(value)
    return {"client_id": client_id, "client_secret": client_secret}


def _pair(value: str) -> tuple[str, str]:
    try:
        text = base64.b64decode(value, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    user, _, password = text.partition(":")
    return user, password
