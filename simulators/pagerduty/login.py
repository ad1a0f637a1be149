"""Who asks: API keys of the account and of users, and OAuth 2.0."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from starlette.requests import Request

from simulators.credentials import Tokens, bearer

# Reserved by RFC 2606: nobody reads mail there.
OWNER: Final = "ada.owner@example.com"
ACCESS_LIVES: Final = timedelta(seconds=864_000)
SCOPES: Final = (
    "abilities.read",
    "change_events.read",
    "change_events.write",
    "escalation_policies.read",
    "incidents.read",
    "incidents.write",
    "priorities.read",
    "services.read",
    "services.write",
    "teams.read",
    "users.read",
    "webhook_subscriptions.read",
    "webhook_subscriptions.write",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The account that is simulated, and its ways in.

    token: an API key of the account: it is nobody, so that writes must name a
        user in ``From``.
    email: of the account's owner, its first user.
    user_token: an API key of that user; read_only_token: one that may not
        write; none when empty.
    client_id, client_secret: of the OAuth client.
    """

    token: str = field(repr=False)
    email: str = OWNER
    user_token: str = field(default="", repr=False)
    read_only_token: str = field(default="", repr=False)
    client_id: str = "client"
    client_secret: str = "client-secret"  # noqa: S105 — a default of a simulator, which guards nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """What a request proves.

    key: by which requests are counted; email: of the user, empty for a key of
        the account; scopes: None allows everything.
    """

    key: str = field(repr=False)
    email: str = ""
    scopes: frozenset[str] | None = None

    def may(self, scope: str) -> bool:
        """Say whether this caller may do what the scope names."""
        return self.scopes is None or scope in self.scopes


@dataclass(frozen=True, slots=True, kw_only=True)
class _Grant:
    email: str
    scopes: frozenset[str]


class Login:
    """The keys of an account and the tokens that it gave out."""

    def __init__(
        self, account: Account, now: Callable[[], datetime], new_token: Callable[[], str]
    ) -> None:
        """Take the clock by which tokens expire, and the source of tokens."""
        self.account = account
        self._access: Tokens[_Grant] = Tokens(ACCESS_LIVES, now, new_token)
        self._refresh: Tokens[_Grant] = Tokens(None, now, new_token)
        self._codes: Tokens[_Grant] = Tokens(None, now, new_token)
        self._revoked = False

    def revoke(self) -> None:
        """Refuse all keys, tokens and clients from now on."""
        self._revoked = True
        self.expire()
        self._refresh.clear()
        self._codes.clear()

    def restore(self) -> None:
        """Accept keys and clients again; tokens stay lost."""
        self._revoked = False

    def expire(self) -> None:
        """Let all access tokens end now; refresh tokens live on."""
        self._access.clear()

    def code(self, email: str, scope: str = " ".join(SCOPES)) -> str:
        """Return the code that a user's consent gives a client, good for one exchange."""
        return self._codes.give(_granted(email, scope))

    def caller(self, request: Request) -> Caller | None:
        """Return who a request proves to be from, or None."""
        if self._revoked:
            return None
        token = bearer(request)
        grant = self._access.holder(token)
        if grant is not None:
            return Caller(key=token, email=grant.email, scopes=grant.scopes)
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        key = key.strip().removeprefix("token=")
        return self._keyed(key) if key and scheme.lower() == "token" else None

    def owner(self, request: Request) -> bool:
        """Say whether the request bears the account's first key, revoked or not."""
        given = request.headers.get("authorization", "")
        return given == f"Token token={self.account.token}"

    def knows(self, form: Mapping[str, str]) -> bool:
        """Say whether a form of the token endpoint names the client and its secret."""
        client = (form.get("client_id"), form.get("client_secret"))
        return not self._revoked and client == (self.account.client_id, self.account.client_secret)

    def grant(self, form: Mapping[str, str]) -> dict[str, str | int] | None:
        """Return the answer of the token endpoint to its client, or None for no such grant.

        A refresh token is good for one exchange, which gives the next one.
        """
        match form.get("grant_type"):
            case "client_credentials":
                return self._given(_granted("", form.get("scope", "")), refreshes=False)
            case "authorization_code":
                found = self._codes.spend(form.get("code", ""))
            case "refresh_token":
                found = self._refresh.spend(form.get("refresh_token", ""))
            case _:
                return None
        return None if found is None else self._given(found, refreshes=True)

    def _keyed(self, key: str) -> Caller | None:
        account = self.account
        if key == account.token:
            return Caller(key=key)
        if key == account.user_token:
            return Caller(key=key, email=account.email)
        if key == account.read_only_token:
            reads = (scope for scope in SCOPES if scope.endswith(".read"))
            return Caller(key=key, scopes=frozenset(reads))
        return None

    def _given(self, grant: _Grant, *, refreshes: bool) -> dict[str, str | int]:
        answer: dict[str, str | int] = {
            "access_token": self._access.give(grant),
            "token_type": "bearer",
            "scope": " ".join(sorted(grant.scopes)),
            "expires_in": int(ACCESS_LIVES.total_seconds()),
        }
        if refreshes:
            answer["refresh_token"] = self._refresh.give(grant)
        return answer


def _granted(email: str, scope: str) -> _Grant:
    return _Grant(email=email, scopes=frozenset(scope.split()) & frozenset(SCOPES))
