"""Who we say we are: an API key, or OAuth tokens and their renewal."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol
from urllib.parse import urlsplit

from adapters.contract import Access, CredentialSet, Failed
from adapters.http import Answer, JsonHttp
from domain.sync.retry import Fault

# ``from``: the e-mail address of the user in whose name incidents are written.
# ``account``: region and subdomain, "us.acme".
CREDENTIALS: Final = (
    CredentialSet(name="token", values=("token", "from")),
    CredentialSet(
        name="client_credentials", values=("client_id", "client_secret", "account", "from")
    ),
    CredentialSet(
        name="refresh_token", values=("client_id", "client_secret", "refresh_token", "from")
    ),
)
_SCOPES: Final = (
    "abilities.read",
    "change_events.read",
    "escalation_policies.read",
    "incidents.read",
    "incidents.write",
    "priorities.read",
    "services.read",
    "teams.read",
    "users.read",
)
# Tokens are given out by another host than the one that serves records.
_IDENTITY: Final = "https://identity.pagerduty.com"
_TOKENS: Final = "/oauth/token"
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
    """A key: the same headers each time, or the same lack of them."""

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

    One renewal at a time: whoever waited for it takes its token. A refresh token
    is good for one renewal; the next one is kept before it is needed.
    """

    def __init__(self, access: Access, http: JsonHttp) -> None:
        """Ask for nothing yet; without a refresh token the client's own grant is used."""
        self._http = http
        self._access = access
        given = access.credentials
        self._client = {name: given[name] for name in ("client_id", "client_secret")}
        self._refresh = given.get("refresh_token")
        self._token: _Token | None = None
        self._lock = asyncio.Lock()

    async def headers(self, refused: Headers | None = None) -> Headers | Failed:
        """Return the present token's headers, after a renewal where one is due."""
        async with self._lock:
            token = self._token
            if token is None or token.sent == refused or self._access.now() >= token.renew_at:
                renewed = await self._renewed()
                if isinstance(renewed, Failed):
                    return renewed
                self._token = token = renewed
            return token.sent

    async def _renewed(self) -> _Token | Failed:
        answer = await self._http.post_form(_address(self._access), self._client | self._grant())
        renewed = _token(answer, self._access.now())
        if isinstance(renewed, _Token) and self._refresh and renewed.refresh:
            await self._access.replaced({"refresh_token": renewed.refresh})
            self._refresh = renewed.refresh
        return renewed

    def _grant(self) -> dict[str, str]:
        if self._refresh:
            return {"grant_type": "refresh_token", "refresh_token": self._refresh}
        account = f"as_account-{self._access.credentials['account']}"
        return {"grant_type": "client_credentials", "scope": " ".join((account, *_SCOPES))}


def _address(access: Access) -> str:
    """Return where tokens are given out; a vendor beside us does it itself."""
    host = urlsplit(access.base_url).hostname or ""
    return f"{_IDENTITY}{_TOKENS}" if host.endswith(".pagerduty.com") else _TOKENS


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
    """Choose by the credentials that there are; with none that fit, every request fails.

    ``from`` may be missing: then the vendor refuses to be written to.
    """
    given = set(access.credentials) - {"from"}
    client = {"client_id", "client_secret"}
    if given == {"token"}:
        # No header can carry other letters: such a key will be refused.
        key = access.credentials["token"].encode("ascii", "replace").decode()
        return Fixed(sent={"Authorization": f"Token token={key}"})
    if given in (client | {"account"}, client | {"refresh_token"}):
        return OAuth(access, http)
    sets = "; ".join(", ".join(known.values) for known in CREDENTIALS)
    detail = f"no credentials that fit: set one of {sets}"
    return Fixed(sent=Failed(fault=Fault.UNAUTHORISED, detail=detail))
