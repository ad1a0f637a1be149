"""Who we say we are: the same each time, or by tokens that the vendor gives (RFC 6749)."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from adapters.contract import Access, CredentialSet, at_once
from adapters.exchange import Failed
from adapters.http import Answer, JsonHttp
from domain.sync.retry import Fault

# The part of a token's life after which it is renewed.
_WORN: Final = 0.8
_LONGEST_LIFE: Final = 10**9
# Two grants in a row end well within the time that a renewal has (``Access.renew``).
_DEADLINE: Final = timedelta(seconds=12)
# What others have stored meanwhile may be worn too; then it is renewed in its turn.
_ROUNDS: Final = 2
# A refresh token that is too old, used up or taken back. OAuth says 400 for it.
_DENIED: Final = (Fault.UNAUTHORISED, Fault.REJECTED, Fault.BAD_ANSWER)

_NO_GRANT: Final = Failed(fault=Fault.UNAUTHORISED, detail="no refresh token is stored")
_ADVICE: Final = "authorise the app at the vendor again and set the refresh token that it gets"

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


def nothing_fits(known: tuple[CredentialSet, ...]) -> Fixed:
    """Let every request fail: the credentials that there are make none of the known sets."""
    sets = "; ".join(", ".join(one.values) for one in known)
    detail = f"no credentials that fit: set one of {sets}"
    return Fixed(sent=Failed(fault=Fault.UNAUTHORISED, detail=detail))


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenEndpoint:
    """Where and how a vendor gives tokens.

    url: a path of the vendor's, or the address of another host.
    grant: what begins a session; None where only a person's consent does, which
        has left a refresh token.
    takes_json: asked with a JSON document in place of the standard's form.
    """

    url: str
    grant: Mapping[str, str] | None = None
    takes_json: bool = False


class OAuth:
    """Access tokens, renewed at 80 % of their life and when one is refused.

    ``access_token``, ``renew_at`` and ``refresh_token`` stand among the
    credentials, so that whoever opens the vendor within a token's life asks for
    none. All connections of an integration renew through ``Access.renew``, which
    lets one ask at a time: a refresh token may be good for one use.
    """

    def __init__(self, access: Access, endpoint: TokenEndpoint) -> None:
        """Ask for nothing yet; the credentials hold ``client_id`` and ``client_secret``."""
        self._access = access
        self._endpoint = endpoint
        self._held = access.credentials
        self._lock = asyncio.Lock()

    async def headers(self, refused: Headers | None = None) -> Headers | Failed:
        """Return the present token's headers, after a renewal where one is due."""
        async with self._lock:
            for _ in range(_ROUNDS):
                sent = _sent(self._held)
                if sent and sent != refused and self._access.now() < _renew_at(self._held):
                    break
                failed = await self._renew()
                if failed is not None:
                    return failed
            return _sent(self._held)

    async def _renew(self) -> Failed | None:
        # Before the renewal, which others wait for: a pace may take minutes.
        async with self._access.pace():
            held = await self._access.renew(self._held, self._given)
        if isinstance(held, Failed):
            return held
        if not _sent(held):
            detail = "other credentials were set meanwhile; the next connection uses them"
            return Failed(fault=Fault.TIMED_OUT, detail=detail)
        self._held = held
        return None

    async def _given(self, stored: Mapping[str, str]) -> Mapping[str, str] | Failed:
        """Ask for tokens; the first request has had its turn before the renewal."""
        http = JsonHttp(
            replace(
                self._access,
                # Those are blotted out of what the vendor says.
                credentials=stored,
                deadline=min(self._access.deadline, _DEADLINE),
                pace=at_once,
            )
        )
        given: Mapping[str, str] | Failed = _NO_GRANT
        try:
            paces = (at_once, self._access.pace)
            for grant, pace in zip(self._grants(stored), paces, strict=False):
                async with pace():
                    given = _tokens(await self._asked(http, grant), self._access.now())
                if not isinstance(given, Failed) or given.fault not in _DENIED:
                    break
        finally:
            await http.close()
        return given if self._endpoint.grant is not None else _advised(given)

    def _grants(self, stored: Mapping[str, str]) -> Iterator[Mapping[str, str]]:
        """Refresh, since a session's grant may give the old token again; else begin anew."""
        client = {name: stored[name] for name in ("client_id", "client_secret")}
        if refresh := stored.get("refresh_token"):
            yield client | {"grant_type": "refresh_token", "refresh_token": refresh}
        if self._endpoint.grant is not None:
            yield {**client, **self._endpoint.grant}

    async def _asked(self, http: JsonHttp, grant: Mapping[str, str]) -> Answer | Failed:
        if self._endpoint.takes_json:
            return await http.send("POST", self._endpoint.url, headers={}, json=grant)
        return await http.post_form(self._endpoint.url, grant)


def _sent(held: Mapping[str, str]) -> Headers:
    """Return the headers of the token that is held, none for none."""
    token = held.get("access_token")
    return {"Authorization": f"Bearer {token}"} if token else {}


def _renew_at(held: Mapping[str, str]) -> datetime:
    return datetime.fromisoformat(held["renew_at"])


def _tokens(answer: Answer | Failed, now: datetime) -> Mapping[str, str] | Failed:
    """Return the new tokens, and when to renew them."""
    if isinstance(answer, Failed):
        is_denial = answer.fault is Fault.REJECTED
        return replace(answer, fault=Fault.UNAUTHORISED) if is_denial else answer
    match answer.body:
        case {"access_token": str(access), "expires_in": int() | float() as seconds} if (
            access and access.isascii() and access.isprintable()
        ):
            life = timedelta(seconds=max(1, min(seconds, _LONGEST_LIFE)))
            given = {"access_token": access, "renew_at": (now + life * _WORN).isoformat()}
            refresh = answer.body.get("refresh_token")
            return given | ({"refresh_token": refresh} if isinstance(refresh, str) else {})
        case _:
            detail = "the token endpoint answers without a token"
            return Failed(fault=Fault.BAD_ANSWER, detail=detail, status=answer.status)


def _advised(given: Mapping[str, str] | Failed) -> Mapping[str, str] | Failed:
    """Say what to do where nothing but a refresh token could have given a session."""
    if isinstance(given, Failed) and given.fault is Fault.UNAUTHORISED:
        return replace(given, detail=f"{_ADVICE} ({given.detail})")
    return given
