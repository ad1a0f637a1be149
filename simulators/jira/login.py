"""Who asks: an API token, or OAuth 2.0 (3LO) with rotating refresh tokens."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from starlette.requests import Request

from simulators.credentials import Tokens, basic, bearer

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
        self._codes: Tokens[Caller] = Tokens(None, now, new_token)
        self._access: Tokens[Caller] = Tokens(ACCESS_LIVES, now, new_token)
        self._refresh: Tokens[Caller] = Tokens(REFRESH_LIVES, now, new_token)
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
        return self._codes.give(Caller(email=self.account.email, is_app=True))

    def caller(self, request: Request) -> Caller | None:
        """Return who a request proves to come from, or None."""
        if self._revoked:
            return None
        pair = basic(request)
        if pair is None:
            return self._access.holder(bearer(request))
        email, token = pair
        known = self.tokens.get(email)
        return Caller(email=email) if known and known == token else None

    def owner(self, request: Request) -> bool:
        """Say whether the request bears the first account's token, revoked or not."""
        return basic(request) == (self.account.email, self.account.token)

    def grant(self, form: Mapping[str, str]) -> dict[str, str | int] | None:
        """Return the answer of the token endpoint, or None when it denies access.

        A code or refresh token is used up by this, whatever becomes of the answer.
        """
        client = (form.get("client_id"), form.get("client_secret"))
        if self._revoked or client != (self.account.client_id, self.account.client_secret):
            return None
        match form.get("grant_type"):
            case "authorization_code":
                holder = self._codes.spend(form.get("code", ""))
            case "refresh_token":
                holder = self._refresh.spend(form.get("refresh_token", ""))
            case _:
                return None
        return None if holder is None else self._given(holder)

    def _given(self, holder: Caller) -> dict[str, str | int]:
        return {
            "access_token": self._access.give(holder),
            "refresh_token": self._refresh.give(holder),
            "token_type": "Bearer",
            "expires_in": int(ACCESS_LIVES.total_seconds()),
            "scope": "offline_access read:jira-work write:jira-work manage:jira-webhook",
        }
