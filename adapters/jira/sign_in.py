"""Who we say we are: an e-mail address with an API token, or OAuth tokens and their renewal."""

import asyncio
import base64
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, Protocol

import httpx

from adapters.contract import Access, CredentialSet, Failed
from adapters.http import Answer, JsonHttp
from domain.sync.retry import Fault

CREDENTIALS: Final = (
    CredentialSet(name="token", values=("email", "api_token")),
    CredentialSet(name="oauth", values=("client_id", "client_secret", "refresh_token")),
)
# Sites are reached through this host with OAuth; another one gives the tokens.
_GATEWAY: Final = "api.atlassian.com"
_GIVER: Final = "https://auth.atlassian.com"
_TOKENS: Final = "/oauth/token"
# The part of a token's life after which it is renewed.
_WORN: Final = 0.8
_LONGEST_LIFE: Final = 10**9

Headers = Mapping[str, str]


class SignIn(Protocol):
    """Gives the headers that prove who asks."""

    async def headers(self, refused: Headers | None = None) -> Headers | Failed:
        """Return the headers; others than those that were just refused, if there can be any."""
        ...


class Fixed:
    """An API token: the same headers each time, or the same lack of them."""

    def __init__(self, sent: Headers | Failed) -> None:
        """Keep what is sent."""
        self._sent = sent

    async def headers(self, refused: Headers | None = None) -> Headers | Failed:
        """Return the headers."""
        return self._sent


class OAuth:
    """Access tokens, renewed at 80 % of their life and when one is refused.

    A refresh token is good for one use and comes with its successor, which is
    kept before anything is asked with the new access token. That one is kept
    too, so that a connection opened within its life spends no refresh token.
    One renewal at a time: whoever waited for it takes its token.
    """

    def __init__(self, http: JsonHttp, access: Access) -> None:
        """Ask for nothing yet."""
        self._http = http
        self._now: Callable[[], datetime] = access.now
        self._keep: Callable[[Mapping[str, str]], Awaitable[None]] = access.replaced
        self._held = dict(access.credentials)
        self._path = _TOKENS
        if httpx.URL(access.base_url).host == _GATEWAY:
            self._path = f"{_GIVER}{_TOKENS}"
        self._lock = asyncio.Lock()

    async def headers(self, refused: Headers | None = None) -> Headers | Failed:
        """Return the present token's headers, after a renewal where one is due."""
        async with self._lock:
            sent = self._sent()
            if sent is None or sent == refused or self._now() >= self._renew_at():
                failed = await self._renew()
                if failed is not None:
                    return failed
            return self._sent() or {}

    def _sent(self) -> Headers | None:
        token = self._held.get("access_token")
        return {"Authorization": f"Bearer {token}"} if token else None

    def _renew_at(self) -> datetime:
        try:
            return datetime.fromisoformat(self._held["renew_at"])
        except (KeyError, ValueError):
            return self._now()

    async def _renew(self) -> Failed | None:
        used = {name: self._held[name] for name in ("client_id", "client_secret", "refresh_token")}
        grant = {"grant_type": "refresh_token", **used}
        answer = await self._http.send("POST", self._path, headers={}, json=grant)
        given = _given(answer, self._now())
        if isinstance(given, Failed):
            # It may be newer than the credentials that are blotted out anyway.
            return replace(given, detail=given.detail.replace(used["refresh_token"], "***"))
        self._held |= given
        await self._keep(dict(self._held))
        return None


def _given(answer: Answer | Failed, now: datetime) -> dict[str, str] | Failed:
    """Return the new tokens, and when to renew them."""
    if isinstance(answer, Failed):
        if answer.fault is Fault.REJECTED:
            # OAuth says 400 where it means that the grant is no good.
            return Failed(fault=Fault.UNAUTHORISED, detail=answer.detail, status=answer.status)
        return answer
    match answer.body:
        case {"access_token": str(access), "expires_in": int() | float() as seconds} if (
            access.isascii() and access.isprintable()
        ):
            life = timedelta(seconds=max(1, min(seconds, _LONGEST_LIFE)))
            given = {"access_token": access, "renew_at": (now + life * _WORN).isoformat()}
            refresh = answer.body.get("refresh_token")
            return given | ({"refresh_token": refresh} if isinstance(refresh, str) else {})
        case _:
            detail = "the token endpoint answers without a token"
            return Failed(fault=Fault.BAD_ANSWER, detail=detail, status=answer.status)


def sign_in(access: Access, http: JsonHttp) -> SignIn:
    """Choose by the credentials that there are; with none that fit, every request fails."""
    given = access.credentials
    if {"client_id", "client_secret", "refresh_token"} <= set(given):
        return OAuth(http, access)
    if set(given) == {"email", "api_token"}:
        pair = f"{given['email']}:{given['api_token']}".encode()
        return Fixed({"Authorization": f"Basic {base64.b64encode(pair).decode()}"})
    sets = "; ".join(", ".join(known.values) for known in CREDENTIALS)
    detail = f"no credentials that fit: set one of {sets}"
    return Fixed(Failed(fault=Fault.UNAUTHORISED, detail=detail))
