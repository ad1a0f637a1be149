"""Who we say we are: an e-mail address with an API token, or OAuth 2.0 (3LO)."""

import base64
from typing import Final

import httpx

from adapters.contract import Access, CredentialSet
from adapters.oauth import Fixed, OAuth, SignIn, TokenEndpoint, nothing_fits

CREDENTIALS: Final = (
    CredentialSet(name="token", values=("email", "api_token")),
    CredentialSet(name="oauth", values=("client_id", "client_secret", "refresh_token")),
)
# Sites are reached through this host with OAuth; another one gives the tokens.
_GATEWAY: Final = "api.atlassian.com"
_GIVER: Final = "https://auth.atlassian.com"
_TOKENS: Final = "/oauth/token"


def sign_in(access: Access) -> SignIn:
    """Choose by the credentials that there are; with none that fit, every request fails."""
    given = access.credentials
    if {"client_id", "client_secret", "refresh_token"} <= set(given):
        giver = _GIVER if httpx.URL(access.base_url).host == _GATEWAY else ""
        return OAuth(access, TokenEndpoint(url=f"{giver}{_TOKENS}", takes_json=True))
    # An app's secret may be there too: it verifies deliveries.
    if {"email", "api_token"} <= set(given):
        pair = f"{given['email']}:{given['api_token']}".encode()
        return Fixed(sent={"Authorization": f"Basic {base64.b64encode(pair).decode()}"})
    return nothing_fits(CREDENTIALS)
