"""Who we say we are: a password, an API key, or OAuth's client with or without a user."""

import base64
from collections.abc import Mapping
from typing import Final

from adapters.contract import Access, CredentialSet
from adapters.oauth import Fixed, OAuth, SignIn, TokenEndpoint, nothing_fits

CREDENTIALS: Final = (
    CredentialSet(name="basic", values=("user", "password")),
    CredentialSet(name="oauth", values=("client_id", "client_secret", "user", "password")),
    CredentialSet(name="client_credentials", values=("client_id", "client_secret")),
    CredentialSet(name="api_key", values=("api_key",)),
)
_TOKENS: Final = "/oauth_token.do"


def sign_in(access: Access) -> SignIn:
    """Choose by the credentials that there are; with none that fit, every request fails."""
    given = access.credentials
    match set(given):
        case names if names == {"api_key"}:
            # No header can carry other letters: such a key will be refused.
            key = given["api_key"].encode("ascii", "replace").decode()
            return Fixed(sent={"x-sn-apikey": key})
        case names if {"client_id", "client_secret"} <= names:
            return OAuth(access, TokenEndpoint(url=_TOKENS, grant=_grant(given)))
        case names if names == {"user", "password"}:
            pair = f"{given['user']}:{given['password']}".encode()
            return Fixed(sent={"Authorization": f"Basic {base64.b64encode(pair).decode()}"})
        case _:
            return nothing_fits(CREDENTIALS)


def _grant(given: Mapping[str, str]) -> dict[str, str]:
    """Return the password grant where there is a user, else the client's own."""
    if "user" not in given:
        return {"grant_type": "client_credentials"}
    user = {"username": given["user"], "password": given.get("password", "")}
    return {"grant_type": "password", **user}
