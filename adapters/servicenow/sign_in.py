"""Who we say we are: a password, an API key, or OAuth tokens and their renewal."""

import asyncio
import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from adapters.contract import Access, CredentialSet, Failed
from adapters.http import Answer, JsonHttp
from domain.sync.retry import Fault

CREDENTIALS: Final = (
    CredentialSet(name="basic", values=("user", "password")),
    CredentialSet(name="oauth", values=("client_id", "client_secret", "user", "password")),
    CredentialSet(name="client_credentials", values=("client_id", "client_secret")),
    CredentialSet(name="api_key", values=("api_key",)),
)
_TOKENS: Final = "/oauth_token.do"
# The part of a token's life after which it is renewed.
_WORN: Final = 0.8
_SHORTEST_LIFE: Final = timedelta(seconds=1)

Headers = Mapping[str, str]


class SignIn(Protocol):
    """Gives the headers that prove who asks."""

    async def headers(self, refused: Headers | None = None) -> Headers | Failed:
        """Return the headers; others than those that were just refused, if there can be any."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed:
    """A password or a key: the same headers each time, or the same lack of them."""

    sent: Headers | Failed

    async def headers(self, refused: Headers | None = None) -> Headers | Failed:
        """Return the headers."""
        return self.sent


@dataclass(frozen=True, slots=True, kw_only=True)
class _Token:
    sent: Headers
    renew_at: datetime
    refresh: str | None


class OAuth:
    """Access tokens, renewed at 80 % of their life and when one is refused.

    One renewal at a time: whoever waited for it takes its token.
    """

    def __init__(
        self, http: JsonHttp, now: Callable[[], datetime], credentials: Mapping[str, str]
    ) -> None:
        """Ask for nothing yet; with a user the password grant is used, else the client's own."""
        self._http = http
        self._now = now
        self._client = {name: credentials[name] for name in ("client_id", "client_secret")}
        self._grant = {"grant_type": "client_credentials"}
        if "user" in credentials:
            self._grant = {
                "grant_type": "password",
                "username": credentials["user"],
                "password": credentials["password"],
            }
        self._token: _Token | None = None
        self._lock = asyncio.Lock()

    async def headers(self, refused: Headers | None = None) -> Headers | Failed:
        """Return the present token's headers, after a renewal where one is due."""
        async with self._lock:
            token = self._token
            if token is None or token.sent == refused or self._now() >= token.renew_at:
                renewed = await self._renewed(token)
                if isinstance(renewed, Failed):
                    return renewed
                self._token = token = renewed
            return token.sent

    async def _renewed(self, token: _Token | None) -> _Token | Failed:
        """Refresh, since the first grant may give the old token again; else begin anew."""
        if token and token.refresh:
            form = {"grant_type": "refresh_token", "refresh_token": token.refresh}
            renewed = _token(await self._asked(form), self._now())
            if isinstance(renewed, _Token) or renewed.fault not in _DENIED:
                return renewed
        return _token(await self._asked(self._grant), self._now())

    async def _asked(self, form: Mapping[str, str]) -> Answer | Failed:
        return await self._http.post_form(_TOKENS, {**self._client, **form})


# A refresh token that is too old, used up or taken back.
_DENIED: Final = (Fault.UNAUTHORISED, Fault.REJECTED, Fault.BAD_ANSWER)


def _token(answer: Answer | Failed, now: datetime) -> _Token | Failed:
    if isinstance(answer, Failed):
        if answer.fault is Fault.REJECTED:
            # OAuth says 400 where it means that the grant is no good.
            return Failed(fault=Fault.UNAUTHORISED, detail=answer.detail, status=answer.status)
        return answer
    match answer.body:
        case {"access_token": str(access), "expires_in": int() | float() as seconds} if (
            access.isascii() and access.isprintable()
        ):
            life = max(timedelta(seconds=min(seconds, 10**9)), _SHORTEST_LIFE)
            refresh = answer.body.get("refresh_token")
            return _Token(
                sent={"Authorization": f"Bearer {access}"},
                renew_at=now + life * _WORN,
                refresh=refresh if isinstance(refresh, str) else None,
            )
        case _:
            detail = "the token endpoint answers without a token"
            return Failed(fault=Fault.BAD_ANSWER, detail=detail, status=answer.status)


def sign_in(access: Access, http: JsonHttp) -> SignIn:
    """Choose by the credentials that there are; with none that fit, every request fails."""
    given = access.credentials
    match set(given):
        case names if names == {"api_key"}:
            # No header can carry other letters: such a key will be refused.
            key = given["api_key"].encode("ascii", "replace").decode()
            return Fixed(sent={"x-sn-apikey": key})
        case names if {"client_id", "client_secret"} <= names:
            return OAuth(http, access.now, given)
        case names if names == {"user", "password"}:
            pair = f"{given['user']}:{given['password']}".encode()
            return Fixed(sent={"Authorization": f"Basic {base64.b64encode(pair).decode()}"})
        case _:
            sets = "; ".join(", ".join(known.values) for known in CREDENTIALS)
            detail = f"no credentials that fit: set one of {sets}"
            return Fixed(sent=Failed(fault=Fault.UNAUTHORISED, detail=detail))
