"""Who asks: basic authentication, OAuth 2.0 and API keys."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from starlette.requests import Request

from simulators.credentials import Tokens, basic, bearer

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


class Login:
    """The accounts of an instance and the tokens that it gave out."""

    def __init__(
        self, account: Account, now: Callable[[], datetime], new_token: Callable[[], str]
    ) -> None:
        """Take the clock by which tokens expire, and the source of tokens."""
        self.account = account
        self.passwords: dict[str, str] = {account.user: account.password}
        """User name to password; others may be added."""
        self._access: Tokens[str] = Tokens(ACCESS_LIVES, now, new_token)
        self._refresh: Tokens[str] = Tokens(REFRESH_LIVES, now, new_token)
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
        if (pair := basic(request)) is not None:
            return self._proven(*pair)
        return self._access.holder(bearer(request))

    def owner(self, request: Request) -> bool:
        """Say whether the request bears the first account's password, revoked or not."""
        return basic(request) == (self.account.user, self.account.password)

    def grant(self, form: Mapping[str, str]) -> dict[str, str | int] | None:
        """Return the answer of the token endpoint, or None when it denies access."""
        client = (form.get("client_id"), form.get("client_secret"))
        if self._revoked or client != (self.account.client_id, self.account.client_secret):
            return None
        refresh = form.get("refresh_token", "")
        match form.get("grant_type"):
            case "password":
                user = self._proven(form.get("username", ""), form.get("password", ""))
                return None if user is None else self._given(user)
            case "client_credentials":
                return self._given(self.account.user)
            case "refresh_token":
                holder = self._refresh.holder(refresh)
                return None if holder is None else self._given(holder, refresh)
            case _:
                return None

    def _proven(self, user: str, password: str) -> str | None:
        known = self.passwords.get(user)
        return user if known is not None and known == password else None

    def _given(self, user: str, refresh: str = "") -> dict[str, str | int]:
        return {
            "access_token": self._access.give(user),
            "refresh_token": refresh or self._refresh.give(user),
            "scope": "useraccount",
            "token_type": "Bearer",
            "expires_in": int(ACCESS_LIVES.total_seconds()),
        }


def client_of(request: Request) -> dict[str, str]:
    """Return the OAuth client that a request names in its header, as fields of a form.

    RFC 6749, 2.3.1: a client may prove itself so instead of in the form.
    """
    pair = basic(request)
    return {} if pair is None else dict(zip(("client_id", "client_secret"), pair, strict=True))
